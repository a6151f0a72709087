/** Writes blocks of a ring as the kernel does (TPACKET_V3 of linux/if_packet.h), for tests without a kernel. */
export interface RingPacket {
  frame: Uint8Array;
  seconds?: number;
  nanoseconds?: number;
  originalLength?: number;
  status?: number;
  vlanTci?: number;
  vlanTpid?: number;
  /** PACKET_HOST 0, PACKET_OUTGOING 4, ... */
  packetType?: number;
  hardwareType?: number;
  protocol?: number;
  address?: readonly number[];
  /** Octets between the packet's header and the packet. Default 86, as with a reserve of 4. */
  mac?: number;
}

export const BLOCK_BYTES = 4096;
const BLOCK_HEADER = 48;
const USER = 1;

export class RingBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;

  constructor(blocks: number) {
    this.bytes = new Uint8Array(new ArrayBuffer(blocks * BLOCK_BYTES));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Fills a block and gives it to the reader. Returns where each packet's header lies. */
  fill(block: number, packets: readonly RingPacket[]): number[] {
    const start = block * BLOCK_BYTES;
    const { view } = this;
    let at = start + BLOCK_HEADER;
    const headers: number[] = [];
    packets.forEach((packet, i) => {
      headers.push(at);
      const length = this.#write(at, packet);
      view.setUint32(at, i === packets.length - 1 ? 0 : length, true);
      at += length;
    });
    view.setUint32(start + 12, packets.length, true);
    view.setUint32(start + 16, BLOCK_HEADER, true);
    view.setUint32(start + 20, at - start, true);
    view.setUint32(start + 8, USER, true);
    return headers;
  }

  status(block: number): number {
    return this.view.getUint32(block * BLOCK_BYTES + 8, true);
  }

  #write(at: number, packet: RingPacket): number {
    const { view, bytes } = this;
    const { frame, mac = 86 } = packet;
    view.setUint32(at + 4, packet.seconds ?? 0, true);
    view.setUint32(at + 8, packet.nanoseconds ?? 0, true);
    view.setUint32(at + 12, frame.length, true);
    view.setUint32(at + 16, packet.originalLength ?? frame.length, true);
    view.setUint32(at + 20, packet.status ?? USER, true);
    view.setUint16(at + 24, mac, true);
    view.setUint16(at + 26, mac + 14, true);
    view.setUint32(at + 32, packet.vlanTci ?? 0, true);
    view.setUint16(at + 36, packet.vlanTpid ?? 0, true);
    view.setUint16(at + 48, 17, true);
    view.setUint16(at + 50, packet.protocol ?? 0x0800);
    view.setUint16(at + 56, packet.hardwareType ?? 1, true);
    bytes[at + 58] = packet.packetType ?? 0;
    const address = packet.address ?? [];
    bytes[at + 59] = address.length;
    bytes.set(address, at + 60);
    bytes.set(frame, at + mac);
    return (mac + frame.length + 7) & ~7;
  }
}

/** Feeds a TcpReassembler by hand, and keeps what comes out. */
import { TCP_SYN, type TcpOptions, TcpReassembler, type TcpSink } from '../../src/packet/tcp.ts';

/** An IPv4 address as mapped words. */
export const ipv4 = (last: number): Int32Array => Int32Array.of(0, 0, 0xffff, 0x0a00_0000 | last);

/** Collects the bytes of each flow; `|` marks a gap. */
export class Collector implements TcpSink {
  readonly text = new Map<number, string>();
  readonly closedIds: number[] = [];
  onData: ((flowId: number) => void) | null = null;

  data(flowId: number, bytes: Uint8Array, offset: number, length: number, gapBefore: boolean): void {
    const piece = Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
    this.text.set(flowId, `${this.text.get(flowId) ?? ''}${gapBefore ? '|' : ''}${piece}`);
    this.onData?.(flowId);
  }

  closed(flowId: number): void {
    this.closedIds.push(flowId);
  }

  get all(): string[] {
    return [...this.text.values()];
  }
}

/** One direction of one connection, from 10.0.0.1:1000 to 10.0.0.2:5060 unless told otherwise. */
export class Feed {
  readonly out = new Collector();
  readonly tcp: TcpReassembler;
  src = ipv4(1);
  dst = ipv4(2);
  srcPort = 1000;
  dstPort = 5060;
  timeUs = 0;

  constructor(options?: TcpOptions) {
    this.tcp = new TcpReassembler(options);
  }

  syn(seq: number): this {
    return this.send(seq, '', TCP_SYN);
  }

  /** Sends text at a sequence number; the bytes lie in a larger buffer that is overwritten afterwards. */
  send(seq: number, text: string, flags = 0, wireLength = text.length): this {
    const bytes = Buffer.from(`#${text}#`, 'latin1');
    const { src, srcPort, dst, dstPort, timeUs } = this;
    this.tcp.segment(
      src,
      srcPort,
      dst,
      dstPort,
      seq,
      flags,
      bytes,
      1,
      text.length,
      timeUs,
      this.out,
      wireLength,
    );
    bytes.fill(0);
    return this;
  }
}

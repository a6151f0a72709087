import { formatAddress } from '../packet/address.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { PROTOCOL_TCP } from '../packet/ip.ts';
import { decodeFrame } from '../packet/link.ts';
import { DECODED, REASON_EMPTY_PAYLOAD, REASON_IP_FRAGMENT } from '../packet/reasons.ts';
import { PacketView } from '../packet/view.ts';
import { maskPressedKeys } from '../privacy/pressed-keys.ts';
import { clientHelloRandom } from '../tls/records.ts';
import { interfaceBlock, keyLogBlock, optionText } from './file-blocks.ts';
import { HeadersOnly } from './headers-only.ts';
import { PACKET_HEAD, type PacketBlock, packetBlockOctets, writePacket } from './packet-blocks.ts';
import { type InputCounts, SliceDrops } from './slice-drops.ts';
import type { SliceSearch } from './slice-search.ts';

/** Changes a packet that goes into a slice: `octets` of it are written, and may be changed in place. */
export interface PacketMask {
  /** @returns octets to write, at most `octets`; 0 to leave the packet out */
  mask(bytes: Uint8Array, octets: number, linkType: number): number;
  /** A remark that stands at a packet. */
  text(text: string): string;
}

/** How packets are copied. */
export interface CopyOptions {
  /** What was said, too. */
  payload: boolean;
  /** Name of each input, for the interfaces of the file; none where there is none. */
  names: readonly string[];
  /** Lines of a key log with this client random, as lower-case hex; null to write no secrets. */
  secretsOf: ((clientRandom: string) => string) | null;
  mask: PacketMask | null;
  /** Only packets one of whose addresses is meant; null for all. */
  meant: ((ip: string) => boolean) | null;
}

/** What was copied. */
export interface Copied {
  packets: number;
  octets: number;
  /** Packets that the mask did not let pass. */
  leftOut: number;
}

const COMMENT_OCTETS_MAX = 8192;

/**
 * Copies packets into the blocks of a pcapng file, after its section header. The frames of calls where a search says
 * which; all that tells of calls otherwise.
 */
export class SliceCopy {
  readonly copied: Copied = { packets: 0, octets: 0, leftOut: 0 };
  private readonly search: SliceSearch | null;
  private readonly options: CopyOptions;
  private readonly write: (block: Uint8Array) => void;
  private readonly headers = new HeadersOnly();
  private readonly view = new PacketView();
  private readonly inputs: InputFrames[] = [];
  private readonly interfaces = new Map<string, number>();
  /** The interface of each input that its statistics are about: its first. */
  private readonly homes: number[] = [];
  private readonly losses: SliceDrops;
  /** Connections of the calls that are encrypted, of which every segment is needed to read one. */
  private readonly encrypted = new Set<string>();
  private buffer = new Uint8Array(1 << 16);
  private data = new DataView(this.buffer.buffer);
  private readonly block: PacketBlock = { interface: 0, timeUs: 0, start: 0, captured: 0, wire: 0 };

  /** @param write gets whole blocks, valid only during the call */
  constructor(search: SliceSearch | null, options: CopyOptions, write: (block: Uint8Array) => void) {
    this.search = search;
    this.options = options;
    this.write = write;
    this.losses = new SliceDrops(write, (input, linkType) => {
      return this.homes[input] ?? this.interfaceOf(input, linkType);
    });
  }

  /** The captures lost packets between two times: goes before the packets that are read next. */
  readonly noteDrops = (
    fromUs: number,
    toUs: number,
    dropped: number,
    packets: number,
    input: number,
  ): void => {
    this.losses.note(fromUs, toUs, dropped, packets, input);
  };

  /** All packets were taken: what the captures say of what they lost ends the file. */
  finish(inputs: readonly InputCounts[]): void {
    this.losses.finish(inputs);
  }

  /** Takes one batch, in the order in which the passes before took it. */
  ingest(batch: PacketBatch): void {
    for (let i = 0; i < batch.count; i++) {
      if (!(batch.timeUs[i]! >= 0)) continue;
      this.losses.sees(batch.input[i]!, batch.timeUs[i]!, batch.linkType[i]!);
      const octets = this.search === null ? this.merged(batch, i) : this.chosen(batch, i, this.search);
      if (octets > 0 && this.isMeant(batch, i)) this.copy(batch, i, octets);
    }
  }

  private isMeant(batch: PacketBatch, i: number): boolean {
    const { meant } = this.options;
    if (meant === null) return true;
    const { view } = this;
    const start = batch.offset[i]!;
    const end = start + batch.capturedLength[i]!;
    const reason = decodeFrame(view, batch.view, batch.linkType[i]!, start, end);
    // Of a later fragment and of an empty segment the addresses are known as well.
    if (reason !== DECODED && reason !== REASON_EMPTY_PAYLOAD && reason !== REASON_IP_FRAGMENT) return false;
    return (
      meant(formatAddress(view.src0, view.src1, view.src2, view.src3)) ||
      meant(formatAddress(view.dst0, view.dst1, view.dst2, view.dst3))
    );
  }

  /** Octets to copy where whole captures are merged. */
  private merged(batch: PacketBatch, i: number): number {
    return this.options.payload ? batch.capturedLength[i]! : this.headers.octets(batch, i);
  }

  /** Octets to copy of a frame of chosen calls; 0 for a frame of others. */
  private chosen(batch: PacketBatch, i: number, search: SliceSearch): number {
    const captured = batch.capturedLength[i]!;
    const frames = this.framesOf(batch.input[i]!, search);
    const frame = batch.frame[i]!;
    const isConnection = this.isOfConnection(batch, i, search);
    if (frames.signalling.has(frame)) return captured;
    if (isConnection) return captured;
    if (!frames.media.has(frame)) return 0;
    if (this.options.payload) return captured;
    // Fragments of a datagram in the middle tell nothing but that they were there.
    return this.headers.octets(batch, i);
  }

  /**
   * Whether a segment belongs to the connection of a chosen call without carrying messages of others: handshakes and
   * acknowledgements, and all of one that is encrypted.
   */
  private isOfConnection(
    { view: data, bytes, ...batch }: PacketBatch,
    i: number,
    search: SliceSearch,
  ): boolean {
    const { view } = this;
    const start = batch.offset[i]!;
    const reason = decodeFrame(view, data, batch.linkType[i]!, start, start + batch.capturedLength[i]!);
    if (reason !== DECODED && reason !== REASON_EMPTY_PAYLOAD) return false;
    if (view.protocol !== PROTOCOL_TCP) return false;
    const src = formatAddress(view.src0, view.src1, view.src2, view.src3);
    const dst = formatAddress(view.dst0, view.dst1, view.dst2, view.dst3);
    if (!search.isSignallingPair(src, view.srcPort, dst, view.dstPort)) return false;
    if (reason === REASON_EMPTY_PAYLOAD) return true;
    const ends = [`${src} ${view.srcPort}`, `${dst} ${view.dstPort}`].sort().join(' ');
    const random = clientHelloRandom(bytes, view.payloadOffset, view.payloadLength);
    if (random >= 0) {
      this.encrypted.add(ends);
      this.writeSecrets(bytes.subarray(random, random + 32));
    }
    return this.encrypted.has(ends);
  }

  private writeSecrets(random: Uint8Array): void {
    const lines = this.options.secretsOf?.(hexOf(random)) ?? '';
    if (lines !== '') this.write(keyLogBlock(lines));
  }

  private copy(batch: PacketBatch, i: number, octets: number): void {
    const { options, block } = this;
    const linkType = batch.linkType[i]!;
    const offset = batch.offset[i]!;
    let bytes: Uint8Array = batch.bytes;
    let start = offset;
    let captured = octets;
    if (options.mask !== null) {
      bytes = batch.bytes.slice(offset, offset + octets);
      start = 0;
      captured = options.mask.mask(bytes, octets, linkType);
      if (captured === 0) {
        this.copied.leftOut++;
        return;
      }
    }
    this.losses.beforeFrame(batch.timeUs[i]!);
    const remark = this.remarkOf(batch.input[i]!, batch.frame[i]!);
    const said = remark === null ? null : (options.mask?.text(remark) ?? remark);
    const comment = said === null ? null : optionText(said, COMMENT_OCTETS_MAX);
    block.interface = this.interfaceOf(batch.input[i]!, linkType);
    block.timeUs = batch.timeUs[i]!;
    block.start = start;
    block.captured = captured;
    block.wire = batch.originalLength[i]!;
    const needed = packetBlockOctets(captured, comment);
    if (needed > this.buffer.length) {
      this.buffer = new Uint8Array(2 * needed);
      this.data = new DataView(this.buffer.buffer);
    }
    const end = writePacket(this.data, this.buffer, 0, block, bytes, comment);
    if (!options.payload) maskPressedKeys(this.buffer, PACKET_HEAD, captured, linkType);
    this.write(this.buffer.subarray(0, end));
    this.copied.packets++;
    this.copied.octets += captured;
  }

  private remarkOf(input: number, frame: number): string | null {
    if (this.search === null) return null;
    return this.framesOf(input, this.search).remarks.get(frame) ?? null;
  }

  private framesOf(input: number, search: SliceSearch): InputFrames {
    let known = this.inputs[input];
    if (known === undefined) {
      known = {
        signalling: new Set(search.signallingFrames.frames(input)),
        media: new Set(search.mediaFrames.frames(input)),
        remarks: search.remarksOf(input),
      };
      this.inputs[input] = known;
    }
    return known;
  }

  private interfaceOf(input: number, linkType: number): number {
    const key = `${input} ${linkType}`;
    let number = this.interfaces.get(key);
    if (number === undefined) {
      number = this.interfaces.size;
      this.interfaces.set(key, number);
      this.homes[input] ??= number;
      this.write(interfaceBlock(linkType, this.options.names[input] ?? null));
    }
    return number;
  }
}

/** Frames of one input that are copied, and what is said at them. */
interface InputFrames {
  signalling: ReadonlySet<number>;
  media: ReadonlySet<number>;
  remarks: ReadonlyMap<number, string>;
}

function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

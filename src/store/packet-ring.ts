import { statisticsBlock } from '../evidence/file-blocks.ts';
import { HeadersOnly } from '../evidence/headers-only.ts';
import {
  INTERFACE_OCTETS,
  PACKET_HEAD,
  type PacketBlock,
  packetBlockOctets,
  SECTION_OCTETS,
  writeInterface,
  writePacket,
  writeSection,
} from '../evidence/packet-blocks.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { maskPressedKeys } from '../privacy/pressed-keys.ts';
import type { HeldPlace } from './held-status.ts';
import { type DiskLosses, diskLosses, Losses } from './losses.ts';
import { PACKETS_MOST_US } from './segment.ts';
import type { SegmentFiles } from './segment-files.ts';

/** Octets that wait for the disk at one time: so many pieces of that length. Beyond them packets are not kept. */
const PIECES = 64;
const PIECE_OCTETS = 1 << 20;
/** A file holds this part of what is kept, between these bounds, so that removing the oldest loses little. */
const FILES_WANTED = 20;
const FILE_LEAST_US = 5_000_000;
/** Interfaces of one file; packets of further ones are not kept. */
const INTERFACES_MAX = 64;
const LINK_TYPES = 0x10000;
/** Times at which packets were lost, that wait for a file to be told in; the oldest make room. */
const DROPS_WAITING_MAX = 64;
/** After a write that failed nothing is tried for so long. */
const PAUSE_US = 1_000_000;

export interface PacketRingOptions {
  /** How long packets are kept, us of capture time. */
  keepUs: number;
  /** Octets of all files together. */
  maxBytes: number;
}

/** What is kept of packets, as it stands. */
export interface KeptPackets {
  files: number;
  bytes: number;
  maxBytes: number;
  /** When the oldest file begins, us since the epoch. */
  oldestUs: number | null;
  /** Packets written; left out because they tell nothing of calls; lost because the disk was too slow or full. */
  packets: number;
  leftOut: number;
  lost: number;
  /** What the disk said last; null while all is well. */
  problem: string | null;
}

/** Packets that were lost between two times, us, and how many came beside them. */
interface Turn {
  fromUs: number;
  toUs: number;
  dropped: number;
  packets: number;
}

interface Piece {
  bytes: Uint8Array;
  view: DataView;
  octets: number;
  packets: number;
}

/**
 * The last minutes of everything that was measured, without what was said, in files that any reader of captures takes:
 * what a bad call looked like can be cut out of them afterwards. Writing waits for no disk; a disk that does not keep
 * up costs packets here, which are counted, and none that are measured.
 */
export class PacketRing {
  private readonly options: PacketRingOptions;
  private readonly files: SegmentFiles;
  private readonly headers = new HeadersOnly();
  private readonly free: Piece[] = [];
  private pieces = 0;
  private piece: Piece | null = null;
  private readonly fileUs: number;
  private readonly fileBytes: number;
  /** Capture time of the first packet of the file; NaN when the next packet begins one. */
  private startUs = Number.NaN;
  private octetsInFile = 0;
  private hasFailed = false;
  private retryUs = Number.NEGATIVE_INFINITY;
  /** Input and link type of each interface of the file. */
  private readonly interfaces = new Int32Array(INTERFACES_MAX);
  private interfaceCount = 0;
  private readonly block: PacketBlock = { interface: 0, timeUs: 0, start: 0, captured: 0, wire: 0 };
  private readonly drops: Turn[] = [];
  /** What the file says by now of what was lost, and of what came beside it. */
  private counts = { dropped: 0, delivered: 0 };
  private packets = 0;
  private leftOut = 0;
  private readonly losses = new Losses();

  constructor(options: PacketRingOptions, files: SegmentFiles) {
    this.options = options;
    this.files = files;
    this.fileUs = Math.min(PACKETS_MOST_US, Math.max(FILE_LEAST_US, options.keepUs / FILES_WANTED));
    this.fileBytes = options.maxBytes / FILES_WANTED;
  }

  /** Keeps what may be kept of a batch. */
  take(batch: PacketBatch): void {
    for (let i = 0; i < batch.count; i++) {
      const octets = this.headers.octets(batch, i);
      if (octets <= 0) this.leftOut++;
      else if (!this.keep(batch, i, octets)) this.losses.total++;
    }
  }

  /**
   * Packets were lost before they could be kept or measured: whoever reads the files must know of it. Counters of the file
   * that is being written say so, by a reading before and one after it.
   */
  noteDrops(fromUs: number, toUs: number, dropped: number, packets: number): void {
    if (!(fromUs >= 0 && toUs >= fromUs)) return;
    if (this.drops.length === DROPS_WAITING_MAX) this.drops.shift();
    this.drops.push({ fromUs, toUs, dropped, packets });
    if (this.interfaceCount > 0 && !Number.isNaN(this.startUs)) this.writeDrops();
  }

  /** Writes what waits about its first interface: the machine's counters are of all of them. */
  private writeDrops(): void {
    for (const { fromUs, toUs, dropped, packets } of this.drops) {
      const { counts } = this;
      this.writeBlock(statisticsBlock(0, fromUs, counts));
      this.counts = { dropped: counts.dropped + dropped, delivered: counts.delivered + packets };
      this.writeBlock(statisticsBlock(0, toUs, this.counts));
    }
    this.drops.length = 0;
  }

  private writeBlock(block: Uint8Array): void {
    const piece = this.pieceFor(block.length);
    if (piece === null) return;
    piece.bytes.set(block, piece.octets);
    piece.octets += block.length;
    this.octetsInFile += block.length;
  }

  private keep(batch: PacketBatch, i: number, octets: number): boolean {
    const timeUs = batch.timeUs[i]!;
    if (this.hasFailed) {
      this.hasFailed = false;
      this.retryUs = timeUs + PAUSE_US;
    }
    if (timeUs < this.retryUs && timeUs > this.retryUs - 2 * PAUSE_US) return false;
    const elapsedUs = timeUs - this.startUs;
    if (!(elapsedUs < this.fileUs && elapsedUs > -this.fileUs) || this.octetsInFile > this.fileBytes) {
      if (!(timeUs >= 0)) return false;
      this.begin(timeUs);
    }
    const needed = packetBlockOctets(octets) + SECTION_OCTETS + INTERFACE_OCTETS;
    const piece = this.pieceFor(needed);
    if (piece === null) return false;
    const number = this.interfaceOf(piece, batch.input[i]!, batch.linkType[i]!);
    if (number < 0) return false;
    const { block } = this;
    block.interface = number;
    block.timeUs = timeUs;
    block.start = batch.offset[i]!;
    block.captured = octets;
    block.wire = batch.originalLength[i]!;
    const before = piece.octets;
    piece.octets = writePacket(piece.view, piece.bytes, before, block, batch.bytes);
    maskPressedKeys(piece.bytes, before + PACKET_HEAD, octets, batch.linkType[i]!);
    piece.packets++;
    this.octetsInFile += piece.octets - before;
    if (this.drops.length > 0) this.writeDrops();
    return true;
  }

  private begin(timeUs: number): void {
    this.flush();
    this.files.begin(timeUs);
    this.startUs = timeUs;
    this.octetsInFile = 0;
    this.interfaceCount = 0;
    this.counts = { dropped: 0, delivered: 0 };
  }

  /** Where `octets` more find room; null when the disk has everything. */
  private pieceFor(octets: number): Piece | null {
    if (octets > PIECE_OCTETS) return null;
    if (this.piece !== null && this.piece.octets + octets > PIECE_OCTETS) this.flush();
    this.piece ??= this.free.pop() ?? this.newPiece();
    return this.piece;
  }

  /** Most disks never need more than two. */
  private newPiece(): Piece | null {
    if (this.pieces === PIECES) return null;
    this.pieces++;
    const bytes = new Uint8Array(PIECE_OCTETS);
    return { bytes, view: new DataView(bytes.buffer), octets: 0, packets: 0 };
  }

  /** The number in this file of where a packet came from; -1 when there are too many. */
  private interfaceOf(piece: Piece, input: number, linkType: number): number {
    const key = input * LINK_TYPES + linkType;
    for (let i = 0; i < this.interfaceCount; i++) if (this.interfaces[i] === key) return i;
    if (this.interfaceCount === INTERFACES_MAX) return -1;
    if (this.interfaceCount === 0) piece.octets = writeSection(piece.view, piece.octets);
    piece.octets = writeInterface(piece.view, piece.octets, linkType);
    this.interfaces[this.interfaceCount] = key;
    return this.interfaceCount++;
  }

  /** Hands over what waits. */
  private flush(): void {
    const { piece } = this;
    this.piece = null;
    if (piece === null) return;
    if (piece.octets === 0) {
      this.free.push(piece);
      return;
    }
    this.files.append(piece.bytes.subarray(0, piece.octets), (written) => {
      if (written) this.packets += piece.packets;
      else {
        this.losses.total += piece.packets;
        // A file that lost a part may lack the interfaces described in it.
        this.startUs = Number.NaN;
        this.hasFailed = true;
      }
      piece.octets = 0;
      piece.packets = 0;
      this.free.push(piece);
    });
  }

  /**
   * Capture time has reached `nowUs`: what waits goes to the disk, and what is old from it. To be called every second.
   *
   * @param nowUs null where time passes by packets only: then it is when the newest file began. Not the newest stamp: a single
   *   one that is far ahead would empty the disk
   */
  tick(nowUs: number | null): void {
    this.flush();
    this.files.expire((nowUs ?? this.startUs) - this.options.keepUs);
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.flush();
    await this.files.close();
  }

  /** Packets lost since this was last asked, and why. */
  takeLosses(): DiskLosses {
    return diskLosses(this.losses, this.files);
  }

  /** The holds on what is kept. */
  get held(): HeldPlace {
    return this.files.held;
  }

  /** Where it stands. */
  status(): KeptPackets {
    const { packets, leftOut, losses, options, files } = this;
    const { total: lost } = losses;
    return { ...files.extent, maxBytes: options.maxBytes, packets, leftOut, lost, problem: files.problem };
  }
}

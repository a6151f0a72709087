/**
 * The block-structured capture format (draft-ietf-opsawg-pcapng).
 *
 * Every block is `type 4, length 4, body, length 4` and stands in the byte order of its section. Packet blocks are
 * read by the loop in `pcapng-packets.ts`; here is everything else: sections, interfaces, statistics, blocks to
 * pass over, and what to say about damage.
 */
import type { PacketBatch } from '../packet/batch.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { DropLog } from './drop-log.ts';
import { BATCH_FULL, type FormatParser, MAX_CAPTURED_BYTES, packetsBefore, STOPPED } from './format.ts';
import { DEFAULT_RESOLUTION, InterfaceTable, MAX_INTERFACES } from './pcapng-interfaces.ts';
import { findOption, readInt64 } from './pcapng-options.ts';
import {
  type BlockCursor,
  ENHANCED_PACKET_BLOCK,
  interfaceOf,
  MAX_BLOCK_BYTES,
  OLD_PACKET_BLOCK,
  PACKET_BLOCK_OVERHEAD,
  parsePacketBlocks,
} from './pcapng-packets.ts';
import { areWanted, DECRYPTION_SECRETS_BLOCK, type KeyLogListener, readSecrets } from './pcapng-secrets.ts';
import {
  INTERFACE_STATISTICS_BLOCK,
  MIN_INTERFACE_STATISTICS_BYTES,
  StatisticsReader,
} from './pcapng-statistics.ts';
import type { ProblemLog } from './problems.ts';
import type { InputDescription } from './source.ts';

/** Reads the same in both byte orders, so that a section can be found before its order is known. */
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const SIMPLE_PACKET_BLOCK = 3;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const BYTE_ORDER_MAGIC_SWAPPED = 0x4d3c2b1a;
const SUPPORTED_MAJOR_VERSION = 1;

const MIN_BLOCK_BYTES = 12;
const MIN_SECTION_HEADER_BYTES = 28;
const MIN_INTERFACE_DESCRIPTION_BYTES = 20;
const MIN_SIMPLE_PACKET_BYTES = 16;
const TRAILER_BYTES = 4;

const OPTION_IF_TSRESOL = 9;
const OPTION_IF_TSOFFSET = 14;

/** `#block` result: a block was taken, go on. */
const TAKEN = 0;

/** Reads pcapng: any number of sections and interfaces, both byte orders. */
export class PcapngParser implements FormatParser {
  readonly #input: InputDescription;
  readonly #log: ProblemLog;
  readonly #onKeyLog: KeyLogListener | null;
  readonly #interfaces = new InterfaceTable();
  readonly #statistics: StatisticsReader;
  readonly #linkTypes = new Set<number>();
  readonly #cursor: BlockCursor;
  /** Bytes still to pass over of a block that is not held in memory, without its trailer; 0 when in none. */
  #skipLeft = 0;
  /** Length of the block whose trailer comes next; 0 when none is awaited. */
  #skippedLength = 0;

  /**
   * @param input kept up to date: link types, packets, bytes, dropped, delivered
   * @param inputIndex written to the batches' `input` column
   * @param drops gets when packets and statistics say that packets were lost
   * @param onKeyLog gets what decryption secrets blocks hold for TLS; without, they are passed over
   */
  constructor(
    input: InputDescription,
    inputIndex: number,
    log: ProblemLog,
    drops: DropLog,
    onKeyLog: KeyLogListener | null = null,
  ) {
    this.#input = input;
    this.#log = log;
    this.#onKeyLog = onKeyLog;
    this.#cursor = { littleEndian: false, inputIndex, frame: 0, wireBytes: 0, lastTimeUs: 0, drops };
    this.#statistics = new StatisticsReader(this.#interfaces, drops);
  }

  parse(reader: ChunkReader, batch: PacketBatch): number {
    const cursor = this.#cursor;
    for (;;) {
      if (this.#skippedLength === 0) {
        const { view, start, end } = reader;
        reader.start = parsePacketBlocks(view, start, end, batch, this.#interfaces, cursor);
        this.#input.packets = cursor.frame;
        this.#input.bytes = cursor.wireBytes;
        this.#input.dropped = this.#interfaces.dropped;
        if (batch.count === batch.offset.length) return BATCH_FULL;
      }
      const outcome = this.#skippedLength === 0 ? this.#block(reader, batch) : this.#passOver(reader);
      if (outcome !== TAKEN) return outcome;
    }
  }

  finish(reader: ChunkReader): void {
    const left = reader.available;
    if (this.#skippedLength > 0) {
      const done = this.#skippedLength - this.#skipLeft - TRAILER_BYTES;
      const offset = reader.base + reader.start - done;
      this.#cut('a block', offset, `${this.#skippedLength}`, done + left);
      return;
    }
    if (left === 0) return;
    const offset = reader.base + reader.start;
    if (left < MIN_BLOCK_BYTES) {
      this.#cut('a block', offset, `at least ${MIN_BLOCK_BYTES}`, left);
      return;
    }
    const { littleEndian, frame } = this.#cursor;
    const type = reader.view.getUint32(reader.start, littleEndian);
    const length = reader.view.getUint32(reader.start + 4, littleEndian);
    const isSection = type === SECTION_HEADER_BLOCK;
    const what = isSection ? 'a section header' : isPacketBlock(type) ? `packet ${frame + 1}` : 'a block';
    this.#cut(what, offset, isSection ? `at least ${MIN_SECTION_HEADER_BYTES}` : `${length}`, left);
  }

  /** Takes one block of any kind. Returns `TAKEN`, `STOPPED`, or how many bytes it needs. */
  #block(reader: ChunkReader, batch: PacketBatch): number {
    if (reader.available < MIN_BLOCK_BYTES) return MIN_BLOCK_BYTES;
    const { littleEndian } = this.#cursor;
    const type = reader.view.getUint32(reader.start, littleEndian);
    if (type === SECTION_HEADER_BLOCK) return this.#section(reader);
    const length = reader.view.getUint32(reader.start + 4, littleEndian);
    const minimum = minimumLength(type);
    if (length < minimum || (length & 3) !== 0) {
      return this.#stop(reader, `says it is ${length} bytes long, expected a multiple of 4 from ${minimum}`);
    }
    const isNeeded = isPacketBlock(type) || type === INTERFACE_DESCRIPTION_BLOCK;
    if (isNeeded && length > MAX_BLOCK_BYTES) {
      return this.#stop(
        reader,
        `claims ${length} bytes, a block of type ${type} has at most ${MAX_BLOCK_BYTES}`,
      );
    }
    const isSecrets =
      type === DECRYPTION_SECRETS_BLOCK && this.#onKeyLog !== null && areWanted(reader, length, this.#log);
    if (!isNeeded && !isSecrets && !isUsableStatistics(type, length)) return this.#startPassingOver(length);
    if (reader.available < length) return length;
    const trailer = reader.view.getUint32(reader.start + length - TRAILER_BYTES, littleEndian);
    if (trailer !== length) return this.#stopAtTrailer(reader.base + reader.start, length, trailer);
    if (type === INTERFACE_DESCRIPTION_BLOCK) {
      if (!this.#interfaceDescription(reader.view, reader.start, length)) {
        return this.#stop(
          reader,
          `declares interface ${MAX_INTERFACES}, no more are supported in one section`,
        );
      }
    } else if (type === INTERFACE_STATISTICS_BLOCK) {
      this.#statistics.take(reader.view, reader.start, length, littleEndian, this.#cursor.frame);
      this.#input.dropped = this.#interfaces.dropped;
      this.#input.delivered = this.#interfaces.delivered;
    } else if (type === DECRYPTION_SECRETS_BLOCK) {
      if (this.#onKeyLog !== null) readSecrets(reader, length, littleEndian, this.#log, this.#onKeyLog);
    } else if (type === SIMPLE_PACKET_BLOCK) {
      this.#simplePacket(reader, batch, length);
    } else {
      this.#refusePacket(reader, type, length);
    }
    reader.start += length;
    return TAKEN;
  }

  /** Starts a section: byte order, version, no interfaces. Its options are passed over. */
  #section(reader: ChunkReader): number {
    if (reader.available < MIN_SECTION_HEADER_BYTES) return MIN_SECTION_HEADER_BYTES;
    const { view, start } = reader;
    const magic = view.getUint32(start + 8);
    if (magic !== BYTE_ORDER_MAGIC && magic !== BYTE_ORDER_MAGIC_SWAPPED) {
      return this.#stop(reader, 'is a section header without a valid byte-order magic');
    }
    const littleEndian = magic === BYTE_ORDER_MAGIC_SWAPPED;
    const length = view.getUint32(start + 4, littleEndian);
    if (length < MIN_SECTION_HEADER_BYTES || (length & 3) !== 0) {
      return this.#stop(
        reader,
        `says it is ${length} bytes long, expected a multiple of 4 from ${MIN_SECTION_HEADER_BYTES}`,
      );
    }
    const major = view.getUint16(start + 12, littleEndian);
    if (major !== SUPPORTED_MAJOR_VERSION) {
      const minor = view.getUint16(start + 14, littleEndian);
      this.#log.stop(
        'unsupported_version',
        reader.base + start,
        `pcapng version ${major}.${minor} is not supported, expected ${SUPPORTED_MAJOR_VERSION}.x; ` +
          `${packetsBefore(this.#cursor.frame)}`,
      );
      return STOPPED;
    }
    this.#cursor.littleEndian = littleEndian;
    this.#interfaces.clear();
    this.#statistics.clear();
    return this.#startPassingOver(length);
  }

  #startPassingOver(length: number): number {
    this.#skippedLength = length;
    this.#skipLeft = length - TRAILER_BYTES;
    return TAKEN;
  }

  /** Passes over the rest of a block without holding it, then checks its trailer. */
  #passOver(reader: ChunkReader): number {
    this.#skipLeft -= reader.discard(this.#skipLeft);
    if (this.#skipLeft > 0) return 1;
    if (reader.available < TRAILER_BYTES) return TRAILER_BYTES;
    const length = this.#skippedLength;
    const trailer = reader.view.getUint32(reader.start, this.#cursor.littleEndian);
    if (trailer !== length) {
      const offset = reader.base + reader.start + TRAILER_BYTES - length;
      return this.#stopAtTrailer(offset, length, trailer);
    }
    reader.start += TRAILER_BYTES;
    this.#skippedLength = 0;
    return TAKEN;
  }

  /** False when the section has too many interfaces. */
  #interfaceDescription(view: DataView, start: number, length: number): boolean {
    if (this.#interfaces.count === MAX_INTERFACES) return false;
    const { littleEndian } = this.#cursor;
    const from = start + 16;
    const to = start + length - TRAILER_BYTES;
    const resolution = findOption(view, from, to, littleEndian, OPTION_IF_TSRESOL, 1);
    const offset = findOption(view, from, to, littleEndian, OPTION_IF_TSOFFSET, 8);
    const linkType = view.getUint16(start + 8, littleEndian);
    this.#interfaces.add({
      linkType,
      snaplen: view.getUint32(start + 12, littleEndian),
      resolution: resolution === -1 ? DEFAULT_RESOLUTION : view.getUint8(resolution),
      offsetSeconds: offset === -1 ? 0 : readInt64(view, offset, littleEndian),
    });
    if (!this.#linkTypes.has(linkType)) {
      this.#linkTypes.add(linkType);
      this.#input.linkTypes.push(linkType);
    }
    return true;
  }

  /** A packet without interface or time: it is of the first interface, at the time of the packet before. */
  #simplePacket(reader: ChunkReader, batch: PacketBatch, length: number): void {
    const cursor = this.#cursor;
    const { view, start } = reader;
    if (this.#interfaces.count === 0) {
      this.#skipPacket(reader, 'comes before any interface was declared');
      return;
    }
    const wire = view.getInt32(start + 8, cursor.littleEndian);
    const room = length - MIN_SIMPLE_PACKET_BYTES;
    const snaplen = this.#interfaces.snaplen[0]!;
    let captured = Math.min(room, wire < 0 ? room : wire);
    if (snaplen > 0) captured = Math.min(captured, snaplen);
    if (captured > MAX_CAPTURED_BYTES) {
      this.#skipPacket(reader, `has ${captured} bytes captured, a packet has at most ${MAX_CAPTURED_BYTES}`);
      return;
    }
    const { count } = batch;
    cursor.frame += 1;
    cursor.wireBytes += Math.max(wire, captured);
    batch.offset[count] = start + 12;
    batch.capturedLength[count] = captured;
    batch.originalLength[count] = Math.max(wire, captured);
    batch.timeUs[count] = cursor.lastTimeUs;
    batch.linkType[count] = this.#interfaces.linkType[0]!;
    batch.input[count] = cursor.inputIndex;
    batch.frame[count] = cursor.frame;
    batch.count = count + 1;
  }

  /** Says what is wrong with a whole packet block that the packet loop would not take. */
  #refusePacket(reader: ChunkReader, type: number, length: number): void {
    const { view, start } = reader;
    const { littleEndian } = this.#cursor;
    const id = interfaceOf(view, start, type, littleEndian);
    if (id >= this.#interfaces.count) {
      this.#skipPacket(reader, `names interface ${id}, ${this.#interfaces.count} are declared`);
      return;
    }
    const captured = view.getUint32(start + 20, littleEndian);
    const room = Math.min(length - PACKET_BLOCK_OVERHEAD, MAX_CAPTURED_BYTES);
    this.#skipPacket(reader, `claims ${captured} bytes captured where ${room} can be`);
  }

  #skipPacket(reader: ChunkReader, what: string): void {
    const offset = reader.base + reader.start;
    this.#log.skip('bad_record', offset, () => `the packet block at byte ${offset} ${what}; it was skipped`);
  }

  #stop(reader: ChunkReader, what: string): number {
    const offset = reader.base + reader.start;
    this.#log.stop(
      'bad_record',
      offset,
      `the block at byte ${offset} ${what}; the file is damaged from there, ${packetsBefore(this.#cursor.frame)}`,
    );
    return STOPPED;
  }

  #stopAtTrailer(offset: number, length: number, trailer: number): number {
    this.#log.stop(
      'bad_record',
      offset,
      `the block at byte ${offset} is ${length} bytes long by its start and ${trailer} by its end; ` +
        `the file is damaged from there, ${packetsBefore(this.#cursor.frame)}`,
    );
    return STOPPED;
  }

  #cut(what: string, offset: number, needed: string, left: number): void {
    this.#log.stop(
      'truncated_file',
      offset,
      `cut in the middle of ${what} at byte ${offset} (needs ${needed} bytes, ${left} left); ` +
        `${packetsBefore(this.#cursor.frame)}`,
    );
  }
}

function isPacketBlock(type: number): boolean {
  return type === ENHANCED_PACKET_BLOCK || type === OLD_PACKET_BLOCK || type === SIMPLE_PACKET_BLOCK;
}

/** Statistics too short to say anything, or absurdly long, are passed over: nothing else depends on them. */
function isUsableStatistics(type: number, length: number): boolean {
  return (
    type === INTERFACE_STATISTICS_BLOCK &&
    length >= MIN_INTERFACE_STATISTICS_BYTES &&
    length <= MAX_BLOCK_BYTES
  );
}

/** Fewest bytes that a block of a type can have. */
function minimumLength(type: number): number {
  if (type === ENHANCED_PACKET_BLOCK || type === OLD_PACKET_BLOCK) return PACKET_BLOCK_OVERHEAD;
  if (type === INTERFACE_DESCRIPTION_BLOCK) return MIN_INTERFACE_DESCRIPTION_BYTES;
  return type === SIMPLE_PACKET_BLOCK ? MIN_SIMPLE_PACKET_BYTES : MIN_BLOCK_BYTES;
}

/**
 * The classic capture format (draft-ietf-opsawg-pcap; libpcap sf-pcap.c).
 *
 *     file header, 24 bytes                    record header, 16 bytes
 *      0 magic                                  0 seconds
 *      4 version major 2, minor 2               4 microseconds or nanoseconds
 *      8 zone 4, accuracy 4 (unused)            8 bytes captured
 *     16 snaplen                               12 bytes on the wire
 *     20 link type (low 16 bits)               (16 device 4, protocol 2, type 1, pad 1: modified format only)
 */
import type { PacketBatch } from '../packet/batch.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { BATCH_FULL, type FormatParser, MAX_CAPTURED_BYTES, packetsBefore, STOPPED } from './format.ts';
import type { ProblemLog } from './problems.ts';
import type { InputDescription } from './source.ts';

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MODIFIED_RECORD_HEADER_BYTES = 24;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Alexey Kuznetsov's patched libpcap of the nineties, still written by some appliances. */
const MAGIC_MODIFIED = 0xa1b2cd34;

const SUPPORTED_MAJOR_VERSION = 2;

/** The upper bits of the link type field say how long the frame check sequence is. */
const LINK_TYPE_MASK = 0xffff;

/** What the magic number says about a file. */
interface PcapVariant {
  littleEndian: boolean;
  recordHeaderBytes: number;
  /** Sub-second ticks in one microsecond: 1 or 1000. */
  ticksPerMicrosecond: number;
}

/** What the record loop needs and gives back; one object per file, so that the loop allocates nothing. */
interface RecordCursor extends PcapVariant {
  /** Number of the last packet read. */
  frame: number;
  /** Sum of the lengths on the wire. */
  wireBytes: number;
}

/** Recognises a pcap file by its first four bytes, read big-endian; `null` when it is none. */
function variantOf(magic: number): PcapVariant | null {
  const littleEndian = (magic & 0xff) === 0xa1;
  const native = littleEndian ? swap32(magic) : magic;
  const recordHeaderBytes = native === MAGIC_MODIFIED ? MODIFIED_RECORD_HEADER_BYTES : RECORD_HEADER_BYTES;
  const ticksPerMicrosecond = native === MAGIC_NANOSECONDS ? 1000 : 1;
  const known = native === MAGIC_MICROSECONDS || native === MAGIC_NANOSECONDS || native === MAGIC_MODIFIED;
  return known ? { littleEndian, recordHeaderBytes, ticksPerMicrosecond } : null;
}

function swap32(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | ((value >>> 24) & 0xff)) >>> 0;
}

/**
 * Appends the records that lie complete in `view` from `start` to `end`, until the batch is full. Stops before a
 * record that is cut or claims too many bytes.
 *
 * The hot loop of a replay: a function of its own over typed arrays, nothing is allocated per packet. The columns
 * `linkType` and `input` are the same for all packets and were filled once.
 *
 * @returns where it stopped
 */
function parseRecords(
  view: DataView,
  start: number,
  end: number,
  batch: PacketBatch,
  cursor: RecordCursor,
): number {
  const { littleEndian, recordHeaderBytes, ticksPerMicrosecond } = cursor;
  const { offset, capturedLength, originalLength, timeUs, frame } = batch;
  const capacity = offset.length;
  const lastStart = end - recordHeaderBytes;
  let frameNumber = cursor.frame;
  let wireBytes = cursor.wireBytes;
  let count = batch.count;
  let position = start;
  while (count < capacity && position <= lastStart) {
    const captured = view.getUint32(position + 8, littleEndian);
    const data = position + recordHeaderBytes;
    if (captured > MAX_CAPTURED_BYTES || data + captured > end) break;
    // Signed on purpose: 0xffffffff ("unknown" of some writers) falls under "less than captured" too.
    const original = view.getInt32(position + 12, littleEndian);
    const wire = Math.max(original, captured);
    frameNumber += 1;
    wireBytes += wire;
    offset[count] = data;
    capturedLength[count] = captured;
    originalLength[count] = wire;
    timeUs[count] =
      view.getUint32(position, littleEndian) * 1e6 +
      view.getUint32(position + 4, littleEndian) / ticksPerMicrosecond;
    frame[count] = frameNumber;
    count += 1;
    position = data + captured;
  }
  batch.count = count;
  cursor.frame = frameNumber;
  cursor.wireBytes = wireBytes;
  return position;
}

/** Whether a file that starts with `magic` (its first four bytes, read big-endian) is a pcap file. */
export function isPcap(magic: number): boolean {
  return variantOf(magic) !== null;
}

/** Reads pcap: microsecond and nanosecond files of both byte orders, and the modified format. */
export class PcapParser implements FormatParser {
  readonly #input: InputDescription;
  readonly #inputIndex: number;
  readonly #log: ProblemLog;
  #cursor: RecordCursor | null = null;

  /**
   * @param input kept up to date: link types, packets, bytes
   * @param inputIndex written to the batches' `input` column
   */
  constructor(input: InputDescription, inputIndex: number, log: ProblemLog) {
    this.#input = input;
    this.#inputIndex = inputIndex;
    this.#log = log;
  }

  parse(reader: ChunkReader, batch: PacketBatch): number {
    if (this.#cursor === null) {
      if (reader.available < FILE_HEADER_BYTES) return FILE_HEADER_BYTES;
      if (!this.#readHeader(reader, batch)) return STOPPED;
    }
    const cursor = this.#cursor!;
    reader.start = parseRecords(reader.view, reader.start, reader.end, batch, cursor);
    this.#input.packets = cursor.frame;
    this.#input.bytes = cursor.wireBytes;
    if (batch.count === batch.offset.length) return BATCH_FULL;
    if (reader.available < cursor.recordHeaderBytes) return cursor.recordHeaderBytes;
    const captured = reader.view.getUint32(reader.start + 8, cursor.littleEndian);
    if (captured > MAX_CAPTURED_BYTES) {
      const offset = reader.base + reader.start;
      this.#log.stop(
        'bad_record',
        offset,
        `packet ${cursor.frame + 1} at byte ${offset} claims ${captured} bytes, a packet has at most ` +
          `${MAX_CAPTURED_BYTES}; the file is damaged from there, ${packetsBefore(cursor.frame)}`,
      );
      return STOPPED;
    }
    return cursor.recordHeaderBytes + captured;
  }

  finish(reader: ChunkReader): void {
    const left = reader.available;
    if (left === 0 && this.#cursor !== null) return;
    const offset = reader.base + reader.start;
    if (this.#cursor === null) {
      this.#log.stop(
        'truncated_file',
        offset,
        `cut in the middle of the pcap file header (needs ${FILE_HEADER_BYTES} bytes, ${left} there)`,
      );
      return;
    }
    const { frame, littleEndian, recordHeaderBytes } = this.#cursor;
    const whole = left >= recordHeaderBytes;
    const needed = recordHeaderBytes + (whole ? reader.view.getUint32(reader.start + 8, littleEndian) : 0);
    this.#log.stop(
      'truncated_file',
      offset,
      `cut in the middle of packet ${frame + 1} at byte ${offset} (needs ${whole ? '' : 'at least '}${needed} ` +
        `bytes, ${left} left); ${packetsBefore(frame)}`,
    );
  }

  /** Takes the file header. False when the version cannot be read. */
  #readHeader(reader: ChunkReader, batch: PacketBatch): boolean {
    const { view, start } = reader;
    const variant = variantOf(view.getUint32(start))!;
    const major = view.getUint16(start + 4, variant.littleEndian);
    if (major !== SUPPORTED_MAJOR_VERSION) {
      const minor = view.getUint16(start + 6, variant.littleEndian);
      this.#log.stop(
        'unsupported_version',
        reader.base + start,
        `pcap version ${major}.${minor} is not supported, expected ${SUPPORTED_MAJOR_VERSION}.x; ` +
          'rewrite it with "editcap -F pcap"',
      );
      return false;
    }
    const linkType = view.getUint32(start + 20, variant.littleEndian) & LINK_TYPE_MASK;
    this.#input.linkTypes.push(linkType);
    batch.linkType.fill(linkType);
    batch.input.fill(this.#inputIndex);
    this.#cursor = { ...variant, frame: 0, wireBytes: 0 };
    reader.start += FILE_HEADER_BYTES;
    return true;
  }
}

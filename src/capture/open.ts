import { closeSync, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { BATCH_CAPACITY, createBatch, type PacketBatch } from '../packet/batch.ts';
import { type ByteFailure, type ByteSource, DescriptorBytes } from './byte-source.ts';
import { ChunkReader, DEFAULT_CHUNK_BYTES } from './chunk-reader.ts';
import { compressionOf, unpacked } from './compression.ts';
import { type DropListener, DropLog } from './drop-log.ts';
import { CaptureError, inputName, reasonOf, unreadable } from './errors.ts';
import { BATCH_FULL, type FormatParser, packetsBefore, STOPPED } from './format.ts';
import { mergeCaptures } from './merge.ts';
import { isPcap, PcapParser } from './pcap.ts';
import { PcapngParser, SECTION_HEADER_BLOCK } from './pcapng.ts';
import type { KeyLogListener } from './pcapng-secrets.ts';
import { ProblemLog } from './problems.ts';
import type { CaptureProblem, CaptureSource, InputDescription } from './source.ts';

/** How a capture is read. */
export interface OpenOptions {
  /** Most bytes asked for in one read; default 128 KiB. Any value gives the same packets. */
  chunkBytes?: number;
  /** Number of this input, written to the batches' `input` column; default 0. */
  input?: number;
  /** Gets the TLS key logs that lie in pcapng inputs, before the packets behind them. */
  onKeyLog?: KeyLogListener;
  /** Whether compressed inputs are decompressed; default true. One that is read as it comes cannot be. */
  unpack?: boolean;
}

const STANDARD_INPUT = 0;

/** Bytes that decide the format. */
const MAGIC_BYTES = 4;

/** Bytes shown of something that is no capture. */
const SHOWN_BYTES = 8;

/** The smallest record there is, a pcap header without data: bounds the packets that one chunk can hold. */
const MIN_RECORD_BYTES = 16;

/** All inputs' chunks together stay within this, down to `MIN_SHARED_CHUNK_BYTES` each. */
const SHARED_CHUNK_BYTES = 64 << 20;
const MIN_SHARED_CHUNK_BYTES = 64 << 10;

/** Starts of files that are something else, and what to say about them. Bytes in hex. */
const FOREIGN: readonly (readonly [magic: string, code: CaptureProblem['code'], text: string])[] = [
  ['1f8b08', 'compressed', 'compressed twice, decompress it first (gunzip)'],
  ['28b52ffd', 'compressed', 'compressed twice, decompress it first (unzstd)'],
  ['04224d18', 'compressed', 'compressed twice, decompress it first (unlz4)'],
  ['02214c18', 'compressed', 'capture in the old lz4 format, decompress it first (unlz4)'],
  ['fd377a58', 'compressed', 'xz-compressed capture, decompress it first (unxz)'],
  ['425a68', 'compressed', 'bzip2-compressed capture, decompress it first (bunzip2)'],
  ['504b0304', 'compressed', 'zip archive, extract the capture first (unzip)'],
  ['736e6f6f70', 'unsupported_version', 'snoop capture, convert it with "editcap -F pcap"'],
  ['474d4255', 'unsupported_version', 'Network Monitor capture, convert it with "editcap -F pcap"'],
];

/**
 * Opens a pcap or pcapng file, or standard input. The format is found by the content, at the first `read()`.
 *
 * @param path file, or '-' for standard input
 * @returns a source whose `problems` say what is wrong with the content; that never throws
 * @throws {CaptureError} when the file cannot be opened (`ENOENT`, `EACCES`, `EISDIR`, ...)
 */
export function openCapture(path: string, options: OpenOptions = {}): CaptureSource {
  if (path !== '-') {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (cause) {
      throw unreadable(inputName(path), cause);
    }
    return captureFromDescriptor(descriptor, path, options);
  }
  if (isatty(STANDARD_INPUT)) {
    throw new CaptureError(
      'TERMINAL',
      'standard input is a terminal; pipe a capture into it, for example "tcpdump -i eth0 -U -w - | earshot ..."',
    );
  }
  return captureFromDescriptor(STANDARD_INPUT, path, options);
}

/**
 * Opens several captures and merges them by time. `inputs` are numbered in the order given; with many files each
 * reads smaller chunks, so that a directory of rotated captures does not take a gigabyte of buffers.
 *
 * @throws {CaptureError} when one of them cannot be opened; the others are closed then
 */
export function openCaptures(
  paths: readonly string[],
  options: Omit<OpenOptions, 'input'> = {},
): CaptureSource {
  const share = Math.floor(SHARED_CHUNK_BYTES / Math.max(1, paths.length));
  const chunkBytes =
    options.chunkBytes ?? Math.min(DEFAULT_CHUNK_BYTES, Math.max(MIN_SHARED_CHUNK_BYTES, share));
  const sources: CaptureSource[] = [];
  try {
    for (const [input, path] of paths.entries())
      sources.push(openCapture(path, { ...options, chunkBytes, input }));
  } catch (cause) {
    for (const source of sources) source.close();
    throw cause;
  }
  return mergeCaptures(sources);
}

/**
 * Reads a capture from a descriptor that is open already: a file, a pipe, a socket. Takes it over, and closes it at
 * the end unless it is standard input.
 *
 * @param path how the input is called in messages
 * @throws {CaptureError} when it is a directory or cannot be examined
 */
export function captureFromDescriptor(
  descriptor: number,
  path: string,
  options: OpenOptions = {},
): CaptureSource {
  const ownsDescriptor = descriptor !== STANDARD_INPUT;
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw Object.assign(new Error('EISDIR'), { code: 'EISDIR' });
    const source = new DescriptorBytes(descriptor, ownsDescriptor);
    return new OpenedSource(source, path, stats.isFile() ? stats.size : null, options);
  } catch (cause) {
    if (ownsDescriptor) closeSync(descriptor);
    throw unreadable(inputName(path), cause);
  }
}

/**
 * Reads a capture as its octets come, from a source that does not wait. `read()` then returns a batch without packets
 * when there is none yet. Takes the source over.
 *
 * @param path how the input is called in messages
 */
export function captureFromBytes(source: ByteSource, path: string, options: OpenOptions = {}): CaptureSource {
  return new OpenedSource(source, path, null, options);
}

/** One input: finds out the format, then lets its parser fill the batch chunk by chunk. */
class OpenedSource implements CaptureSource {
  readonly inputs: readonly InputDescription[];
  readonly bytesTotal: number | null;
  readonly #input: InputDescription;
  readonly #inputIndex: number;
  readonly #onKeyLog: KeyLogListener | null;
  readonly #log: ProblemLog;
  readonly #drops: DropLog;
  readonly #reader: ChunkReader;
  readonly #chunkBytes: number;
  readonly #unpack: boolean;
  readonly #batchCapacity: number;
  #batch: PacketBatch | null = null;
  #parser: FormatParser | null = null;
  #ended = false;

  constructor(source: ByteSource, path: string, sizeBytes: number | null, options: OpenOptions) {
    const chunkBytes = options.chunkBytes ?? DEFAULT_CHUNK_BYTES;
    this.#input = { path, format: null, linkTypes: [], packets: 0, bytes: 0, dropped: null, delivered: null };
    this.inputs = [this.#input];
    this.bytesTotal = sizeBytes;
    this.#inputIndex = options.input ?? 0;
    this.#drops = new DropLog(this.#inputIndex);
    this.#onKeyLog = options.onKeyLog ?? null;
    this.#log = new ProblemLog(path);
    this.#reader = new ChunkReader(source, chunkBytes, sizeBytes);
    this.#chunkBytes = chunkBytes;
    this.#unpack = options.unpack ?? true;
    this.#batchCapacity = Math.min(BATCH_CAPACITY, Math.ceil(chunkBytes / MIN_RECORD_BYTES) + 1);
  }

  get problems(): readonly CaptureProblem[] {
    return this.#log.problems;
  }

  get bytesRead(): number {
    return this.#reader.bytesTaken;
  }

  read(): PacketBatch | null {
    if (this.#ended) return null;
    this.#batch ??= createBatch(this.#reader.bytes, this.#batchCapacity);
    const batch = this.#batch;
    batch.count = 0;
    this.#parser ??= this.#findParser();
    if (this.#parser === null) return this.#reader.isWaiting ? batch : this.#end();
    for (;;) {
      const needed = this.#parser.parse(this.#reader, batch);
      // A fatal problem is noted once: the packets before it go out now, there is no next time.
      if (needed === STOPPED) this.close();
      if (batch.count > 0 || needed === BATCH_FULL) return this.#deliver(batch);
      if (needed === STOPPED) return null;
      if (!this.#reader.fill(needed)) {
        if (this.#reader.isWaiting) return batch;
        this.#finish(this.#parser);
        return this.#end();
      }
    }
  }

  takeDrops(listener: DropListener): void {
    this.#drops.take(listener);
  }

  close(): void {
    this.#ended = true;
    this.#drops.end(this.#input.packets + 1);
    this.#reader.close();
  }

  /** The reader may have moved to a larger buffer since the last batch. */
  #deliver(batch: PacketBatch): PacketBatch {
    batch.bytes = this.#reader.bytes;
    batch.view = this.#reader.view;
    return batch;
  }

  #end(): null {
    this.close();
    return null;
  }

  #finish(parser: FormatParser): void {
    const { failure } = this.#reader;
    if (failure === null) {
      parser.finish(this.#reader);
      return;
    }
    const { packets } = this.#input;
    if (failure.kind !== 'system') {
      this.#sayFailure(failure, `; ${packetsBefore(packets)}`);
      return;
    }
    const offset = this.#reader.bytesRead;
    this.#log.stop(
      'read_error',
      offset,
      `reading failed at byte ${offset} (${failure.text}); ${packets} packets were read before`,
    );
  }

  /** Compressed data that ended too early, or went wrong. */
  #sayFailure({ kind, text }: ByteFailure, after: string): void {
    const code =
      kind === 'truncated' ? 'truncated_file' : kind === 'damaged' ? 'bad_compression' : 'compressed';
    this.#log.stop(code, this.#reader.bytesRead, `${text}${after}`);
  }

  /** Looks at the first bytes. `null` when they are not all there, or no capture: then `problems` says why. */
  #findParser(): FormatParser | null {
    const reader = this.#reader;
    this.#readStart();
    if (reader.isWaiting) return null;
    const compression =
      reader.available < MAGIC_BYTES ? null : compressionOf(reader.view.getUint32(reader.start));
    if (compression !== null && !this.#unpack) {
      this.#log.stop('compressed', 0, `is ${compression}-compressed; decompress it before the pipe`);
      return null;
    }
    if (compression !== null) {
      reader.unpack((packed, first) => unpacked(compression, packed, first, this.#chunkBytes));
      this.#readStart();
    }
    const { failure } = reader;
    if (failure !== null && (failure.kind === 'system' || reader.available < MAGIC_BYTES)) {
      if (failure.kind === 'system') this.#log.stop('read_error', 0, reasonOf(failure.text));
      else this.#sayFailure(failure, failure.kind === 'unsupported' ? '' : '; no packet was read before it');
      return null;
    }
    if (reader.available === 0) {
      this.#log.stop('empty_file', 0, 'empty, there is nothing to read');
      return null;
    }
    if (reader.available >= MAGIC_BYTES) {
      const magic = reader.view.getUint32(reader.start);
      if (isPcap(magic)) {
        this.#input.format = 'pcap';
        return new PcapParser(this.#input, this.#inputIndex, this.#log);
      }
      if (magic === SECTION_HEADER_BLOCK) {
        this.#input.format = 'pcapng';
        return new PcapngParser(this.#input, this.#inputIndex, this.#log, this.#drops, this.#onKeyLog);
      }
    }
    const start = reader.bytes.subarray(reader.start, Math.min(reader.end, reader.start + SHOWN_BYTES));
    this.#sayWhatItIs(start);
    return null;
  }

  #readStart(): void {
    let more = true;
    while (more && this.#reader.available < SHOWN_BYTES) more = this.#reader.fill(SHOWN_BYTES);
  }

  #sayWhatItIs(start: Uint8Array): void {
    const hex = Buffer.from(start).toString('hex');
    const foreign = FOREIGN.find(([magic]) => hex.startsWith(magic));
    if (foreign !== undefined) {
      this.#log.stop(foreign[1], 0, foreign[2]);
      return;
    }
    const text = `not a capture file (starts with ${shown(start)}); expected pcap or pcapng`;
    this.#log.stop('not_a_capture', 0, text);
  }
}

/** Bytes for a message: as text when that is legible, otherwise in hex. Never anything that moves a cursor. */
function shown(bytes: Uint8Array): string {
  const isText = bytes.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d,
  );
  if (isText) return JSON.stringify(Buffer.from(bytes).toString('latin1'));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

import type { ByteFailure, ByteSource } from './byte-source.ts';
import { XxHash32, xxHash32 } from './xxhash32.ts';

/** Frames begin with this, little-endian. */
const MAGIC = 0x184d_2204;
/** 0x184d2a50 to 0x184d2a5f: a length and content to be passed over. */
const SKIPPABLE = 0x184d_2a50;

const VERSION_MASK = 0xc0;
const VERSION = 0x40;
const BLOCKS_INDEPENDENT = 0x20;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const RESERVED = 0x02;
const DICTIONARY = 0x01;

/** How far back a match may reach. */
const WINDOW = 1 << 16;
const UNCOMPRESSED = 0x8000_0000;
const INPUT_BYTES = 1 << 16;

const DAMAGED: ByteFailure = { kind: 'damaged', text: 'the lz4 data are damaged' };

/**
 * Decompresses the LZ4 frame format (lz4_Frame_format.md v1.6) while it is read: any number of frames one after the
 * other, independent or linked blocks, all checksums verified. Memory is one block (4 MiB at most) in and out.
 */
export class Lz4Bytes implements ByteSource {
  failure: ByteFailure | null = null;
  readonly #source: ByteSource;
  #input: Uint8Array<ArrayBuffer>;
  #inputStart = 0;
  #inputEnd: number;
  /** Up to `WINDOW` octets of the blocks before, then the block that is handed out. */
  #output = new Uint8Array(0);
  #outputStart = 0;
  #outputEnd = 0;
  #ended = false;
  #inFrame = false;
  #flags = 0;
  #blockMax = 0;
  #contentHash = new XxHash32();

  /** @param first what was read of the source already */
  constructor(source: ByteSource, first: Uint8Array) {
    this.#source = source;
    this.#input = new Uint8Array(Math.max(INPUT_BYTES, first.length));
    this.#input.set(first);
    this.#inputEnd = first.length;
  }

  get bytesTaken(): number {
    return this.#source.bytesTaken;
  }

  close(): void {
    this.#source.close();
  }

  read(into: Uint8Array, at: number, room: number): number {
    while (this.#outputStart === this.#outputEnd) {
      if (this.#ended || this.failure !== null || !this.#step()) return 0;
    }
    const count = Math.min(room, this.#outputEnd - this.#outputStart);
    into.set(this.#output.subarray(this.#outputStart, this.#outputStart + count), at);
    this.#outputStart += count;
    return count;
  }

  /** Takes a frame header, a block or a frame's end. False at the end of the input, and on failure. */
  #step(): boolean {
    if (!this.#inFrame) return this.#frame();
    if (!this.#need(4)) return false;
    const size = this.#word(0);
    if (size === 0) return this.#endFrame();
    return this.#block(size);
  }

  #frame(): boolean {
    if (this.#available() === 0 && !this.#fill()) {
      this.#ended = this.failure === null;
      return false;
    }
    if (!this.#need(4)) return false;
    const magic = this.#word(0);
    if ((magic & ~15) === SKIPPABLE) return this.#skip();
    if (magic !== MAGIC) return this.#fail({ kind: 'damaged', text: 'what follows the lz4 data is none' });
    if (!this.#need(7)) return false;
    const flags = this.#input[this.#inputStart + 4]!;
    const blockCode = this.#input[this.#inputStart + 5]!;
    if ((flags & VERSION_MASK) !== VERSION || (flags & RESERVED) !== 0) return this.#fail(DAMAGED);
    if ((flags & DICTIONARY) !== 0) {
      return this.#fail({
        kind: 'unsupported',
        text: 'the lz4 data need a dictionary; decompress them first (unlz4)',
      });
    }
    const length = 7 + ((flags & CONTENT_SIZE) !== 0 ? 8 : 0);
    if (!this.#need(length)) return false;
    const start = this.#inputStart;
    const check = (xxHash32(this.#input, start + 4, start + length - 1) >>> 8) & 0xff;
    if ((blockCode & 0x8f) !== 0 || blockCode < 0x40 || check !== this.#input[start + length - 1]) {
      return this.#fail(DAMAGED);
    }
    this.#inputStart += length;
    this.#inFrame = true;
    this.#flags = flags;
    this.#blockMax = 1 << (8 + 2 * (blockCode >> 4));
    if (this.#output.length < WINDOW + this.#blockMax) this.#output = new Uint8Array(WINDOW + this.#blockMax);
    this.#outputStart = 0;
    this.#outputEnd = 0;
    this.#contentHash = new XxHash32();
    return true;
  }

  #skip(): boolean {
    if (!this.#need(8)) return false;
    let left = 8 + this.#word(4);
    while (left > 0) {
      if (this.#available() === 0 && !this.#fill()) return this.#cut();
      const taken = Math.min(left, this.#available());
      this.#inputStart += taken;
      left -= taken;
    }
    return true;
  }

  #block(size: number): boolean {
    const length = size & 0x7fff_ffff;
    const checked = (this.#flags & BLOCK_CHECKSUMS) !== 0;
    if (length > this.#blockMax) return this.#fail(DAMAGED);
    if (!this.#need(4 + length + (checked ? 4 : 0))) return false;
    const from = this.#inputStart + 4;
    const to = from + length;
    if (checked && xxHash32(this.#input, from, to) !== this.#word(4 + length)) return this.#fail(DAMAGED);
    const start = this.#keepWindow();
    if (size >= UNCOMPRESSED) {
      this.#output.set(this.#input.subarray(from, to), start);
      this.#outputEnd = start + length;
    } else {
      this.#outputEnd = decodeBlock(this.#input, from, to, this.#output, start, start + this.#blockMax);
      if (this.#outputEnd < 0) {
        this.#outputEnd = start;
        this.#outputStart = start;
        return this.#fail(DAMAGED);
      }
    }
    this.#outputStart = start;
    this.#inputStart = to + (checked ? 4 : 0);
    if ((this.#flags & CONTENT_CHECKSUM) !== 0)
      this.#contentHash.update(this.#output, start, this.#outputEnd);
    return true;
  }

  /** Moves what later blocks may refer to to the front. Returns where the next block starts. */
  #keepWindow(): number {
    if ((this.#flags & BLOCKS_INDEPENDENT) !== 0) return 0;
    const kept = Math.min(WINDOW, this.#outputEnd);
    this.#output.copyWithin(0, this.#outputEnd - kept, this.#outputEnd);
    return kept;
  }

  #endFrame(): boolean {
    const checked = (this.#flags & CONTENT_CHECKSUM) !== 0;
    if (!this.#need(checked ? 8 : 4)) return false;
    if (checked && this.#word(4) !== this.#contentHash.digest()) return this.#fail(DAMAGED);
    this.#inputStart += checked ? 8 : 4;
    this.#inFrame = false;
    return true;
  }

  #available(): number {
    return this.#inputEnd - this.#inputStart;
  }

  /** The little-endian word `offset` octets ahead, unsigned. */
  #word(offset: number): number {
    const at = this.#inputStart + offset;
    const input = this.#input;
    return (input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)) >>> 0;
  }

  /** Reads until `count` octets are there. False when they never come. */
  #need(count: number): boolean {
    while (this.#available() < count) {
      if (this.#inputStart > 0) {
        this.#input.copyWithin(0, this.#inputStart, this.#inputEnd);
        this.#inputEnd -= this.#inputStart;
        this.#inputStart = 0;
      }
      if (count > this.#input.length) {
        const grown = new Uint8Array(count + INPUT_BYTES);
        grown.set(this.#input.subarray(0, this.#inputEnd));
        this.#input = grown;
      }
      if (!this.#fill()) return this.#cut();
    }
    return true;
  }

  #fill(): boolean {
    if (this.#inputStart === this.#inputEnd) {
      this.#inputStart = 0;
      this.#inputEnd = 0;
    }
    const count = this.#source.read(this.#input, this.#inputEnd, this.#input.length - this.#inputEnd);
    this.#inputEnd += count;
    if (count === 0) this.failure = this.#source.failure;
    return count > 0;
  }

  #cut(): boolean {
    return this.#fail(this.failure ?? { kind: 'truncated', text: 'the lz4 data end in the middle' });
  }

  #fail(failure: ByteFailure): boolean {
    this.failure = failure;
    return false;
  }
}

/**
 * Decodes one block (lz4_Block_format.md): sequences of a token (lengths of literals and of the match, four bits
 * each), more octets of length while they are 255, literals, offset 2, more octets of length.
 *
 * @param at where the output starts; what lies before it may be referred to
 * @returns where the output ends, or -1 when the block is damaged
 */
function decodeBlock(
  input: Uint8Array,
  from: number,
  to: number,
  output: Uint8Array,
  at: number,
  limit: number,
): number {
  let read = from;
  let write = at;
  while (read < to) {
    const token = input[read++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (read >= to) return -1;
        more = input[read++]!;
        literals += more;
      }
    }
    if (literals > to - read || literals > limit - write) return -1;
    for (let i = 0; i < literals; i++) output[write++] = input[read++]!;
    // The last sequence ends with its literals.
    if (read === to) return write;
    if (to - read < 2) return -1;
    const offset = input[read]! | (input[read + 1]! << 8);
    read += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more = 255;
      while (more === 255) {
        if (read >= to) return -1;
        more = input[read++]!;
        length += more;
      }
    }
    if (offset === 0 || offset > write || length > limit - write) return -1;
    let match = write - offset;
    // Octet by octet: a match may overlap what it produces.
    for (const end = write + length; write < end; ) output[write++] = output[match++]!;
  }
  // A block ends behind literals, never behind a match.
  return -1;
}

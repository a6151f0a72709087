// Where zstd frames end (RFC 8878 3.1). Plain JavaScript like the worker that needs it.

const MAGIC = 0xfd2f_b528;
const SKIPPABLE = 0x184d_2a50;
/** What zstd itself accepts unless told otherwise. */
const WINDOW_MAX = 1 << 27;

/** Data that no decoder should be given: `kind` as in byte-source.ts. */
export class ZstdFormatError extends Error {
  /** @param {'damaged' | 'unsupported'} kind @param {string} message */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Follows the blocks of zstd frames without decoding them. Decoders differ in what they do behind a frame's end (the
 * one in Node.js stops there and says nothing) and in how they tell a cut file; this does not.
 */
export class ZstdFrames {
  /** True before the first frame and between two. */
  atBoundary = true;
  /** Whether the current frame holds data, or is one to be passed over. */
  skippable = false;
  /** The octets of a header as far as they came. */
  #header = new Uint8Array(18);
  #have = 0;
  /** Octets to pass over. */
  #left = 0;
  /** @type {'magic' | 'size' | 'frame' | 'block'} */
  #expects = 'magic';
  /** The frame ends with what is being passed over. */
  #isLast = false;
  #checksum = 0;

  /**
   * Goes on from `at`, to the end of the octets, or of the current frame if that comes first.
   * @param {Uint8Array} bytes
   * @param {number} at
   * @returns {number} how far it got
   */
  advance(bytes, at) {
    let position = at;
    while (position < bytes.length) {
      if (this.#left > 0) {
        const count = Math.min(this.#left, bytes.length - position);
        this.#left -= count;
        position += count;
      } else {
        this.atBoundary = false;
        this.#header[this.#have++] = bytes[position++] ?? 0;
        this.#look();
      }
      if (this.#left === 0 && this.#isLast) {
        this.#isLast = false;
        this.#expects = 'magic';
        this.atBoundary = true;
        return position;
      }
    }
    return position;
  }

  /** One more octet of a header is there. */
  #look() {
    if (this.#expects === 'magic' && this.#have === 4) {
      const magic = this.#word(0);
      this.skippable = (magic & ~15) === SKIPPABLE;
      if (magic !== MAGIC && !this.skippable) throw new ZstdFormatError('damaged', 'no zstd frame');
      this.#expects = this.skippable ? 'size' : 'frame';
    } else if (this.#expects === 'size' && this.#have === 8) {
      this.#pass(this.#word(4), true);
    } else if (this.#expects === 'frame' && this.#have > 4) {
      this.#frame();
    } else if (this.#expects === 'block' && this.#have === 3) {
      const block = this.#word(0) & 0xff_ffff;
      const type = (block >> 1) & 3;
      if (type === 3) throw new ZstdFormatError('damaged', 'a block of a reserved type');
      const isLast = (block & 1) === 1;
      // Type 1 is one octet, repeated.
      this.#pass((type === 1 ? 1 : block >> 3) + (isLast ? this.#checksum : 0), isLast);
    }
  }

  /** A frame header: descriptor, window unless it is a single segment, dictionary, content size. */
  #frame() {
    const descriptor = this.#header[4] ?? 0;
    const isSingle = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const code = descriptor >> 6;
    const size = code === 0 ? (isSingle ? 1 : 0) : 1 << code;
    const sizeAt = 5 + (isSingle ? 0 : 1) + dictionary;
    if (this.#have < sizeAt + size) return;
    const window = isSingle ? this.#contentSize(sizeAt, size) : windowSize(this.#header[5] ?? 0);
    if (window > WINDOW_MAX) {
      const mebibytes = Math.ceil(window / 2 ** 20);
      throw new ZstdFormatError(
        'unsupported',
        `the zstd data need ${mebibytes} MiB of memory, 128 are given; decompress them first (unzstd --memory=${mebibytes}MB)`,
      );
    }
    if (dictionary > 0 && this.#header.subarray(sizeAt - dictionary, sizeAt).some((octet) => octet !== 0)) {
      throw new ZstdFormatError(
        'unsupported',
        'the zstd data need a dictionary; decompress them first (unzstd -D)',
      );
    }
    this.#checksum = (descriptor & 4) !== 0 ? 4 : 0;
    this.#pass(0, false);
  }

  /** @param {number} at @param {number} size */
  #contentSize(at, size) {
    if (size === 1) return this.#header[at] ?? 0;
    if (size === 2) return this.#word(at) & 0xffff;
    return this.#word(at) + (size === 8 ? this.#word(at + 4) * 2 ** 32 : 0);
  }

  /** @param {number} count @param {boolean} isLast */
  #pass(count, isLast) {
    this.#have = 0;
    this.#header.fill(0);
    this.#left = count;
    this.#isLast = isLast;
    this.#expects = 'block';
  }

  /** @param {number} at */
  #word(at) {
    return new DataView(this.#header.buffer).getUint32(at, true);
  }
}

/** RFC 8878 3.1.1.1.2. @param {number} descriptor */
function windowSize(descriptor) {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

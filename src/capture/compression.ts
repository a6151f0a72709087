import { type ByteFailure, type ByteSource, DescriptorBytes } from './byte-source.ts';
import { Lz4Bytes } from './lz4.ts';
import { UnpackedBytes, zstdMethod } from './unpacked-bytes.ts';

/** Compressions that can be read. */
export type Compression = 'gzip' | 'zstd' | 'lz4';

/** Octets that tell a compression. */
export const COMPRESSION_MAGIC_BYTES = 4;

/** RFC 1952 2.3.1 with the only method there is; RFC 8878 3.1.1; lz4_Frame_format.md. All read big-endian. */
const GZIP_DEFLATE = 0x1f8b08;
const ZSTD = 0x28b52ffd;
const LZ4 = 0x04224d18;
/** A skippable frame, the same in zstd and lz4; pzstd begins with one. */
const SKIPPABLE = 0x2a4d18;

/** The compression that an input with these first four octets (read big-endian) has; null when it has none. */
export function compressionOf(magic: number): Compression | null {
  if (magic >>> 8 === GZIP_DEFLATE) return 'gzip';
  if (magic === ZSTD || (magic >>> 28 === 5 && (magic & 0xff_ffff) === SKIPPABLE)) return 'zstd';
  return magic === LZ4 ? 'lz4' : null;
}

/** An input that ends at once, and says why. */
class Unreadable implements ByteSource {
  readonly failure: ByteFailure;
  readonly #packed: ByteSource;

  constructor(packed: ByteSource, text: string) {
    this.#packed = packed;
    this.failure = { kind: 'unsupported', text };
  }
  get bytesTaken(): number {
    return this.#packed.bytesTaken;
  }
  read(): number {
    return 0;
  }
  close(): void {
    this.#packed.close();
  }
}

/**
 * What an input is when it is decompressed. It is decompressed while it is read, in bounded memory.
 *
 * @param packed the input; it belongs to the result from now on
 * @param first what was read of it already
 */
export function unpacked(
  compression: Compression,
  packed: ByteSource,
  first: Uint8Array,
  chunkBytes: number,
): ByteSource {
  if (compression === 'lz4') return new Lz4Bytes(packed, first);
  if (!(packed instanceof DescriptorBytes)) return new Unreadable(packed, `${compression}-compressed twice`);
  if (compression === 'gzip') return new UnpackedBytes('gzip', 'gzip', packed, first, chunkBytes);
  const method = zstdMethod();
  if (method !== null) return new UnpackedBytes('zstd', method, packed, first, chunkBytes);
  return new Unreadable(
    packed,
    `zstd-compressed capture, which Node.js ${process.versions.node} cannot read: use Node.js 22.15 or later, ` +
      'install the package fzstd, or decompress it first (unzstd)',
  );
}

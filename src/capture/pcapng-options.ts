/**
 * Options of pcapng blocks (draft-ietf-opsawg-pcapng, 3.5): code 2, length 2, value padded to 4 bytes, until
 * code 0 or the end of the block.
 */

const END_OF_OPTIONS = 0;
const OPTION_HEADER_BYTES = 4;
const TWO_32 = 4294967296;

/**
 * Finds an option. Nothing outside `from`..`to` is read, whatever the lengths say; an option that does not fit ends
 * the search.
 *
 * @param code option code
 * @param size bytes the value must have; options of another size are passed over
 * @returns where the value lies, or -1
 */
export function findOption(
  view: DataView,
  from: number,
  to: number,
  littleEndian: boolean,
  code: number,
  size: number,
): number {
  let position = from;
  while (to - position >= OPTION_HEADER_BYTES) {
    const found = view.getUint16(position, littleEndian);
    const length = view.getUint16(position + 2, littleEndian);
    const value = position + OPTION_HEADER_BYTES;
    if (found === END_OF_OPTIONS || value + length > to) return -1;
    if (found === code && length === size) return value;
    position = value + ((length + 3) & ~3);
  }
  return -1;
}

/** An unsigned 64-bit number, exact up to 2^53. */
export function readUint64(view: DataView, at: number, littleEndian: boolean): number {
  const first = view.getUint32(at, littleEndian);
  const second = view.getUint32(at + 4, littleEndian);
  return littleEndian ? second * TWO_32 + first : first * TWO_32 + second;
}

/** A signed 64-bit number, exact within +-2^53. */
export function readInt64(view: DataView, at: number, littleEndian: boolean): number {
  const high = view.getInt32(littleEndian ? at + 4 : at, littleEndian);
  const low = view.getUint32(littleEndian ? at : at + 4, littleEndian);
  return high * TWO_32 + low;
}

import { unzipSync } from 'node:zlib';
import type { Inflate } from '../engine/hep-input.ts';

/** Inflates zlib or gzip data, told apart by its first octets, within a bound. */
export const inflate: Inflate = (bytes, lengthMax) => {
  try {
    return unzipSync(bytes, { maxOutputLength: lengthMax });
  } catch {
    return null;
  }
};

import { type Altered, alteredIn, readSums } from '../store/checksums.ts';

/** Whether an exported folder is as it was; names of files are below it. */
export interface Verified extends Altered {
  path: string;
  whole: boolean;
  /** Files that its list names. */
  files: number;
  /** SHA-256 of the list, and whether it is what somebody had noted; null where nobody had. */
  sumsSha256: string;
  isListNoted: boolean | null;
}

/**
 * Compares a folder with its checksums.
 *
 * @param noted the SHA-256 that its list is known to have; null where nobody knows
 * @throws {StoreError} where it has no list
 */
export function verifyExport(path: string, noted: string | null): Verified {
  const { sums, ownSum } = readSums(path);
  const altered = alteredIn(path, sums);
  const isListNoted = noted === null ? null : noted === ownSum;
  const isAltered = Object.values(altered).some((names) => names.length > 0);
  const whole = !isAltered && isListNoted !== false;
  return { path, whole, files: sums.size, sumsSha256: ownSum, isListNoted, ...altered };
}

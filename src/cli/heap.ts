import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/** A heap of this size holds thousands of calls: what is done with them next is worth a little time to keep small. */
const LARGE_BYTES = 48 * 1024 * 1024;

/**
 * Called now and then while a capture is read. Makes the collector follow what lives more closely than its default,
 * which lets a large heap double before it looks: the records of ten thousand calls that end together would double
 * what a replay needs. Costs a small heap nothing.
 */
export function keepLargeHeapFromDoubling(): void {
  if (getHeapStatistics().used_heap_size < LARGE_BYTES) return;
  setFlagsFromString('--heap-growing-percent=10');
  setFlagsFromString('--semi-space-growth-factor=1');
}

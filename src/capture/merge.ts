import { BATCH_CAPACITY, createBatch, type PacketBatch } from '../packet/batch.ts';
import type { DropListener } from './drop-log.ts';
import type { CaptureProblem, CaptureSource, InputDescription } from './source.ts';

/** Size of the merged batch's buffer. A larger packet makes it grow. */
const MERGE_BUFFER_BYTES = 1 << 20;

/**
 * Merges sources by capture time. Packets with the same time come in the order of the sources. Within one source
 * the order is kept as it is, also where its clock steps back: like mergecap, it looks at each source's next packet
 * only, so memory does not depend on the sizes.
 *
 * Packets are copied; a single source is handed back as it is. The sources belong to the result and are closed by
 * it. `inputs` are theirs one after the other, so they are expected to number their inputs accordingly.
 */
export function mergeCaptures(sources: CaptureSource[]): CaptureSource {
  const only = sources[0];
  return sources.length === 1 && only !== undefined ? only : new MergedSource(sources);
}

/** A source and the packet of it that comes next. */
interface Head {
  source: CaptureSource;
  batch: PacketBatch;
  next: number;
}

class MergedSource implements CaptureSource {
  readonly #sources: readonly CaptureSource[];
  readonly #batch = createBatch(new Uint8Array(MERGE_BUFFER_BYTES), BATCH_CAPACITY);
  /** Sources that have a packet left, in their order. `null` until the first read. */
  #heads: Head[] | null = null;
  #usedBytes = 0;

  constructor(sources: readonly CaptureSource[]) {
    this.#sources = sources;
  }

  get inputs(): readonly InputDescription[] {
    return this.#sources.flatMap((source) => source.inputs);
  }

  get problems(): readonly CaptureProblem[] {
    return this.#sources.flatMap((source) => source.problems);
  }

  get bytesRead(): number {
    return this.#sources.reduce((sum, source) => sum + source.bytesRead, 0);
  }

  get bytesTotal(): number | null {
    let total = 0;
    for (const { bytesTotal } of this.#sources) {
      if (bytesTotal === null) return null;
      total += bytesTotal;
    }
    return total;
  }

  read(): PacketBatch | null {
    this.#heads ??= this.#sources.flatMap(firstHead);
    const batch = this.#batch;
    batch.count = 0;
    this.#usedBytes = 0;
    while (this.#heads.length > 0 && this.#copyRun(this.#heads));
    return batch.count > 0 ? batch : null;
  }

  takeDrops(listener: DropListener): void {
    for (const source of this.#sources) source.takeDrops(listener);
  }

  close(): void {
    this.#heads = [];
    for (const source of this.#sources) source.close();
  }

  /**
   * Copies packets of the earliest source for as long as it stays the earliest, or until its batch is used up.
   * Rotated files hardly overlap, so most runs are long. Returns false when the merged batch is full.
   */
  #copyRun(heads: Head[]): boolean {
    const first = earliest(heads, -1);
    const second = earliest(heads, first);
    const head = heads[first]!;
    const limitUs = second === -1 ? Number.POSITIVE_INFINITY : timeOf(heads[second]!);
    const { timeUs, count } = head.batch;
    while (head.next < count) {
      const time = timeUs[head.next]!;
      if (time > limitUs || (time === limitUs && second < first && second !== -1)) return true;
      if (!this.#copy(head.batch, head.next)) return false;
      head.next += 1;
    }
    const next = head.source.read();
    if (next === null) {
      heads.splice(first, 1);
    } else {
      head.batch = next;
      head.next = 0;
    }
    return true;
  }

  /** Copies one packet. False when the merged batch has no room for it. */
  #copy(from: PacketBatch, index: number): boolean {
    const batch = this.#batch;
    const { count } = batch;
    const length = from.capturedLength[index]!;
    if (count === batch.offset.length) return false;
    if (this.#usedBytes + length > batch.bytes.length) {
      if (count > 0) return false;
      batch.bytes = new Uint8Array(length);
      batch.view = new DataView(batch.bytes.buffer);
    }
    const start = from.offset[index]!;
    batch.bytes.set(from.bytes.subarray(start, start + length), this.#usedBytes);
    batch.offset[count] = this.#usedBytes;
    batch.capturedLength[count] = length;
    batch.originalLength[count] = from.originalLength[index]!;
    batch.timeUs[count] = from.timeUs[index]!;
    batch.linkType[count] = from.linkType[index]!;
    batch.input[count] = from.input[index]!;
    batch.frame[count] = from.frame[index]!;
    batch.count = count + 1;
    this.#usedBytes += length;
    return true;
  }
}

function firstHead(source: CaptureSource): Head[] {
  const batch = source.read();
  return batch === null ? [] : [{ source, batch, next: 0 }];
}

function timeOf(head: Head): number {
  return head.batch.timeUs[head.next]!;
}

/** Index of the head with the smallest time, the first of equals; `-1` when there is none. */
function earliest(heads: readonly Head[], except: number): number {
  let found = -1;
  let foundUs = Number.POSITIVE_INFINITY;
  for (let index = 0; index < heads.length; index += 1) {
    if (index === except) continue;
    const time = timeOf(heads[index]!);
    if (found === -1 || time < foundUs) {
      found = index;
      foundUs = time;
    }
  }
  return found;
}

import type { CaptureSource } from '../capture/source.ts';
import type { Engine } from '../engine/engine.ts';
import type { PacketBatch } from '../packet/batch.ts';
import type { AlertRun } from './alert-run.ts';
import { keepLargeHeapFromDoubling } from './heap.ts';
import { Progress } from './progress.ts';

/** How often the size of the heap is looked at. */
const PACKETS_BETWEEN_LOOKS = 50_000;

/**
 * Measures everything that a source has, and evaluates alert rules over it where there are any; `beside` is shown each
 * batch as well.
 */
export function readAll(
  source: CaptureSource,
  engine: Engine,
  run: AlertRun | null,
  beside: ((batch: PacketBatch) => void) | null = null,
): void {
  const progress = new Progress(process.stderr.isTTY === true);
  let packets = 0;
  let nextLook = PACKETS_BETWEEN_LOOKS;
  const { drops } = engine.reporter.across;
  const noteDrops = drops.note.bind(drops);
  for (let batch = source.read(); batch !== null; batch = source.read()) {
    source.takeDrops(noteDrops);
    if (run === null) engine.ingest(batch);
    else run.ingest(engine, batch, droppedBy(source));
    beside?.(batch);
    packets += batch.count;
    progress.update(source, packets);
    if (packets >= nextLook) {
      keepLargeHeapFromDoubling();
      nextLook = packets + PACKETS_BETWEEN_LOOKS;
    }
  }
  source.takeDrops(noteDrops);
  engine.finish();
  run?.finish(droppedBy(source));
  progress.clear();
}

/** Packets that the capturing machine says it lost; null when it says nothing. */
export function droppedBy(source: CaptureSource): number | null {
  const dropped = source.inputs.map((input) => input.dropped).filter((n) => n !== null);
  return dropped.length === 0 ? null : dropped.reduce((sum, n) => sum + n, 0);
}

/** Packets that the capturing machine says it got, of which an input may hold a part; null when no input says so. */
export function deliveredBy({ inputs }: CaptureSource): number | null {
  if (inputs.every(({ delivered }) => delivered === null)) return null;
  return inputs.reduce((sum, { packets, delivered }) => sum + Math.max(packets, delivered ?? 0), 0);
}

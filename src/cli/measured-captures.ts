import { openCaptures } from '../capture/open.ts';
import type { CaptureProblem } from '../capture/source.ts';
import { Engine, type EngineOptions } from '../engine/engine.ts';
import type { RecordStore } from '../report/record-store.ts';
import { readAll } from './read-captures.ts';

/** Reads captures through the engine into a store. Throws `CaptureError`. @returns what was wrong with them */
export function measureInto(
  store: RecordStore,
  files: readonly string[],
  options: EngineOptions,
  onKeyLog: (text: Uint8Array) => void,
): readonly CaptureProblem[] {
  const source = openCaptures(files, { onKeyLog });
  try {
    readAll(source, new Engine(store, options), null);
    return source.problems;
  } finally {
    source.close();
  }
}

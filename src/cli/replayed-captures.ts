import { openCaptures } from '../capture/open.ts';
import { Engine } from '../engine/engine.ts';
import { captureFindings } from '../engine/trust.ts';
import type { PacketBatch } from '../packet/batch.ts';
import type { CaptureRecord } from '../records/types.ts';
import { holdBackForDrops } from '../report/hold-back.ts';
import { RecordStore } from '../report/record-store.ts';
import { captureRecord, undecodable } from './capture-record.ts';
import { inflate } from './inflate.ts';
import { engineOptions, type MeasuringOptions } from './measuring-options.ts';
import { readAll } from './read-captures.ts';
import { readKeyLog } from './read-key-log.ts';
import { nodeCrypto } from './tls-crypto.ts';

/** Captures that were measured. The store is the reader's to close. */
export interface ReplayedCaptures {
  store: RecordStore;
  capture: CaptureRecord;
  /** What could not be read, in lines; empty when all was. */
  problems: string[];
}

/**
 * Measures captures as `replay` does, several merged by time.
 *
 * @param beside sees every batch after the engine
 * @throws {CaptureError} when one cannot be opened
 */
export function replayCaptures(
  files: readonly string[],
  options: MeasuringOptions & { keylog?: string },
  beside: ((batch: PacketBatch) => void) | null = null,
): ReplayedCaptures {
  const keys = readKeyLog(options.keylog);
  const source = openCaptures(files, { onKeyLog: (text) => keys.add(text) });
  const store = new RecordStore();
  try {
    const engine = new Engine(store, {
      ...engineOptions(options),
      decryption: { keys, crypto: nodeCrypto },
      hep: { inflate },
    });
    readAll(source, engine, null, beside);
    const capture = captureRecord(source, engine);
    for (const finding of captureFindings(capture)) store.finding(finding);
    if (capture.trust.verdict === 'untrusted') holdBackForDrops(store);
    const unread = undecodable(capture);
    const problems = [...(unread === null ? [] : [unread]), ...source.problems.map(({ text }) => text)];
    return { store, capture, problems };
  } catch (cause) {
    store.close();
    throw cause;
  } finally {
    source.close();
  }
}

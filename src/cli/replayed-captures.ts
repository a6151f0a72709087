import { openCaptures } from '../capture/open.ts';
import { Engine } from '../engine/engine.ts';
import { captureFindings } from '../engine/trust.ts';
import type { PacketBatch } from '../packet/batch.ts';
import type { Afterwards } from '../records/afterwards.ts';
import type { CaptureRecord, RecordSink } from '../records/types.ts';
import { holdBackForDrops } from '../report/hold-back.ts';
import { RecordStore } from '../report/record-store.ts';
import { settle } from '../report/settle.ts';
import { captureRecord, undecodable } from './capture-record.ts';
import { inflate } from './inflate.ts';
import { engineOptions, type MeasuringOptions } from './measuring-options.ts';
import { readAll } from './read-captures.ts';
import { readKeyLog } from './read-key-log.ts';
import { nodeCrypto } from './tls-crypto.ts';

/** Captures that were measured. The store is the reader's to close. */
export interface ReplayedCaptures extends MeasuredCaptures {
  store: RecordStore;
}

/** What there is to say of captures that were measured, beside their records. */
export interface MeasuredCaptures {
  capture: CaptureRecord;
  /** What could not be read, in lines; empty when all was. */
  problems: string[];
  /** What is known at the end of calls that were judged before. */
  afterwards: Afterwards;
}

/**
 * Measures captures as `replay` does, several merged by time, and keeps the report.
 *
 * @throws {CaptureError} when one cannot be opened
 */
export function replayCaptures(
  files: readonly string[],
  options: MeasuringOptions & { keylog?: string },
): ReplayedCaptures {
  const store = new RecordStore();
  try {
    const { capture, problems, afterwards } = measureCaptures(files, options, store);
    settle(store, afterwards);
    for (const finding of captureFindings(capture)) store.finding(finding);
    if (capture.trust.verdict === 'untrusted') holdBackForDrops(store);
    return { store, capture, problems, afterwards };
  } catch (cause) {
    store.close();
    throw cause;
  }
}

/**
 * Runs captures through the engine.
 *
 * @param beside sees every batch after the engine
 * @throws {CaptureError} when one cannot be opened
 */
export function measureCaptures(
  files: readonly string[],
  options: MeasuringOptions & { keylog?: string },
  sink: RecordSink,
  beside: ((batch: PacketBatch) => void) | null = null,
): MeasuredCaptures {
  const keys = readKeyLog(options.keylog);
  const source = openCaptures(files, { onKeyLog: (text) => keys.add(text) });
  try {
    const engine = new Engine(sink, {
      ...engineOptions(options),
      decryption: { keys, crypto: nodeCrypto },
      hep: { inflate },
    });
    readAll(source, engine, null, beside);
    const capture = captureRecord(source, engine);
    const unread = undecodable(capture);
    const problems = [...(unread === null ? [] : [unread]), ...source.problems.map(({ text }) => text)];
    return { capture, problems, afterwards: engine.afterwards() };
  } finally {
    source.close();
  }
}

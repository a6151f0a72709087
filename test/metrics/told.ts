import { Engine } from '../../src/engine/engine.ts';
import { IntervalFeed } from '../../src/engine/interval-feed.ts';
import { DEFAULT_SCORING } from '../../src/engine/scoring.ts';
import { type LiveRecord, liveInterval } from '../../src/live/live-records.ts';
import type { IntervalRecord } from '../../src/records/interval-record.ts';
import { reportedCall, reportedFinding, reportedStream } from '../../src/report/reported.ts';
import { batchesOf } from '../batches.ts';
import { startTold } from './records.ts';

/** What a live probe tells of a capture; intervals of running streams are told after every `perBatch` packets. */
export function told(
  pcap: Uint8Array,
  perBatch: number,
  loses: (n: number) => boolean = () => false,
): LiveRecord[] {
  const records: LiveRecord[] = [startTold(1)];
  let n = 0;
  const interval = (record: IntervalRecord): void => {
    if (!loses(n++)) records.push({ type: 'interval', ...liveInterval(record) });
  };
  const engine: Engine = new Engine({
    stream: (record) => {
      feed.ended(record, interval);
      records.push({ type: 'stream', ...reportedStream(record) });
    },
    call: (record) => records.push({ type: 'call', ...reportedCall(record) }),
    finding: (record) => records.push({ type: 'finding', ...reportedFinding(record) }),
  });
  const feed = new IntervalFeed(engine.rtp, engine.calls, DEFAULT_SCORING);
  for (const batch of batchesOf(pcap, perBatch)) {
    engine.ingest(batch);
    feed.collect(interval);
  }
  engine.finish();
  return records;
}

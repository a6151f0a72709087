import { LiveCaptureError } from '../capture/live/live-source.ts';
import type { TrafficFacts } from '../doctor/traffic-checks.ts';
import type { CaptureRecordOfRun, LiveRecord } from '../live/live-records.ts';
import { LiveProbe } from '../live/probe.ts';
import type { LivePlan } from './live-plan.ts';
import { startMeasuring } from './measuring-thread.ts';

/** Ways of media remembered to find the way back of each. */
const WAYS_MAX = 10_000;

/**
 * Measures for some seconds and says what there was.
 *
 * @throws {LiveCaptureError} when capture cannot begin or go on
 */
export async function watchTraffic(plan: LivePlan, seconds: number): Promise<TrafficFacts> {
  const tally = new Tally();
  const probe = new LiveProbe({
    canRestart: false,
    spawn: (memory) => startMeasuring(memory, plan, null),
    listener: { records: (records) => tally.take(records), notice: () => {} },
  });
  await probe.start();
  const timer = setTimeout(() => probe.stop(), seconds * 1000);
  const { capture, failed } = await probe.ended;
  clearTimeout(timer);
  if (capture === null) throw new LiveCaptureError('failed', failed ?? 'measuring did not come to an end');
  return tally.facts(capture, seconds);
}

/** Counts what the records of a run tell. */
class Tally {
  private calls = 0;
  private streams = 0;
  private glued = 0;
  private readonly ways = new Map<string, number>();
  private readonly tunnels = new Set<string>();

  take(records: readonly LiveRecord[]): void {
    for (const record of records) {
      if (record.type === 'call') this.calls++;
      if (record.type === 'status') {
        this.glued = record.sources.reduce((sum, { details }) => sum + (details.glued ?? 0), 0);
      }
      if (record.type !== 'stream') continue;
      this.streams++;
      for (const name of record.encapsulation) this.tunnels.add(name);
      const way = `${record.src.ip}>${record.dst.ip}`;
      if (this.ways.size < WAYS_MAX || this.ways.has(way)) this.ways.set(way, (this.ways.get(way) ?? 0) + 1);
    }
  }

  facts(capture: CaptureRecordOfRun, seconds: number): TrafficFacts {
    let bothWays = 0;
    for (const [way, streams] of this.ways) {
      const [src, dst] = way.split('>');
      if (this.ways.has(`${dst}>${src}`)) bothWays += streams;
    }
    const { packets, dropped, decoded, mirrorDuplicatesRatio, fragments, encrypted, trust } = capture;
    return {
      ...{ seconds, packets, dropped, decoded, bothWays },
      ...{ streams: this.streams, calls: this.calls, glued: this.glued, tunnels: [...this.tunnels].sort() },
      mirrorDuplicatesRatio: mirrorDuplicatesRatio ?? 0,
      fragments: fragments.packets,
      tlsConnections: encrypted.tlsConnections,
      tlsDecrypted: encrypted.tlsDecrypted,
      doubts: trust.reasons,
    };
  }
}

import type { ReportCall, ReportFinding, ReportStream } from '../report/contract.ts';
import { isoMicros } from '../report/iso-time.ts';
import type { TimeSpan } from '../report/search/time-window.ts';
import { ToldCalls } from '../report/told-calls.ts';
import { type AroundChange, placeInTime } from './around-change.ts';
import { timeOf } from './call-marks.ts';
import { type CallSample, graveCodes, type Loose, sampleOfCall, sampleOfStreams } from './call-sample.ts';
import type { Side } from './compare-sets.ts';
import type { HistoryFacts, HistorySideFacts } from './contract.ts';
import { type LoosePair, LoosePairs } from './loose-pairs.ts';
import { gapsIn } from './told-coverage.ts';
import { ToldTrust } from './told-trust.ts';
import { UnreadStream } from './unread-stream.ts';

/** Calls of both sides together. */
export const HISTORY_CALLS_MAX = 200_000;
/** Gaps of one side that are named. */
const GAPS_NAMED_MAX = 16;
/** Where more of a side's calls ran while the capture was untrusted, those that are left may be others than they. */
const DOUBTED_SHARE_MAX = 0.1;

/** One line of a history, as some version of this program wrote it. */
export type HistoryRecord = { type: string } & Record<string, unknown>;

/** Puts pseudonyms into a record; as it is where nothing is covered. */
export type Cover = <T>(record: T) => T;

interface TimedSample {
  sample: CallSample;
  ran: TimeSpan;
}

type SideName = 'before' | 'after';

/** The calls that a live probe told before and after a change, from the lines of its history in order. */
export class HistorySides {
  private readonly around: AroundChange;
  private readonly cover: Cover;
  private readonly told = new ToldCalls<Loose<ReportStream> | UnreadStream, Loose<ReportFinding>>();
  private readonly loose = new LoosePairs();
  private readonly trust = new ToldTrust();
  /** By name: a call that is told again takes the place of what was known of it. */
  private readonly calls: Record<SideName, Map<string, TimedSample>> = {
    before: new Map(),
    after: new Map(),
  };
  private readonly leftOut = { across: 0, overEdge: 0, untimed: 0, tooMany: 0 };
  private run = 0;
  private records = 0;
  private streams = 0;

  constructor(around: AroundChange, cover: Cover = (record) => record) {
    this.around = around;
    this.cover = cover;
  }

  /** Takes the record of the next line. */
  take(record: HistoryRecord | UnreadStream): void {
    if (record instanceof UnreadStream) {
      this.records++;
      this.told.stream(record);
      return;
    }
    this.trust.take(record);
    switch (record.type) {
      case 'start':
        this.run++;
        this.records++;
        this.told.forget();
        return;
      case 'status':
        this.records++;
        this.told.forget();
        return;
      case 'stream':
        this.stream(record as Loose<ReportStream>);
        return;
      case 'finding':
        this.told.finding(record as Loose<ReportFinding>);
        return;
      case 'call':
        this.call(record as Loose<ReportCall>);
        return;
      case 'capture':
        this.records++;
    }
  }

  /** Records of a live probe that were read; none where the lines were something else. */
  get recordsTaken(): number {
    return this.records;
  }

  /** Both sides, and what limits what can be said of them. */
  sides(files: readonly string[]): { a: Side; b: Side; history: HistoryFacts } {
    for (const pair of this.loose.rest()) this.pair(pair);
    const told = this.trust.told();
    const whole = { fromUs: told[0]?.fromUs ?? null, toUs: told.at(-1)?.toUs ?? null };
    const { change, hours, daysBack } = this.around;
    const before = this.side('before', files, whole);
    const after = this.side('after', files, whole);
    return {
      a: before.side,
      b: after.side,
      history: {
        at: { fromTime: isoMicros(change.fromUs), toTime: isoMicros(change.toUs) },
        ...{ hours, daysBack, leftOut: { ...this.leftOut } },
        a: before.facts,
        b: after.facts,
      },
    };
  }

  private stream(stream: Loose<ReportStream>): void {
    this.records++;
    if (typeof stream.callId === 'string') {
      this.told.stream(stream);
      return;
    }
    const complete = this.loose.take(stream);
    if (complete !== null) this.pair(complete);
  }

  private pair({ ends, streams, ran }: LoosePair): void {
    const name = `streams ${this.streams++}`;
    this.keep(name, ran, () => sampleOfStreams(`${name} ${ends}`, this.cover(streams)));
  }

  private call(call: Loose<ReportCall>): void {
    this.records++;
    if (typeof call.callId !== 'string') return;
    const { streams, findings } = this.told.of(call.callId);
    const fromUs = timeOf(call.startTime);
    if (fromUs === null) {
      this.leftOut.untimed++;
      return;
    }
    // A call whose end nobody saw is known up to the last that was seen of it.
    const ends = [call.endTime, call.answerTime, ...streams.map(({ endTime }) => endTime)].map(timeOf);
    const ran = { fromUs, toUs: Math.max(fromUs, ...ends.filter((end) => end !== null)) };
    this.keep(`call ${call.callId} ${fromUs}`, ran, () => {
      const sample = sampleOfCall(
        this.cover(call),
        this.cover(streams.flatMap(readStream)),
        graveCodes(findings),
      );
      // Ids begin anew with every run.
      return { ...sample, unit: `${this.run} ${sample.unit}` };
    });
  }

  private keep(name: string, ran: TimeSpan, sampleOf: () => CallSample): void {
    this.trust.measured(ran);
    const place = placeInTime(this.around, ran);
    if (place === 'across' || place === 'overEdge') this.leftOut[place]++;
    if (place !== 'before' && place !== 'after') return;
    const calls = this.calls[place];
    const isFull = this.calls.before.size + this.calls.after.size >= HISTORY_CALLS_MAX;
    if (isFull && !calls.has(name)) this.leftOut.tooMany++;
    else calls.set(name, { sample: sampleOf(), ran });
  }

  private side(
    name: SideName,
    files: readonly string[],
    whole: { fromUs: number | null; toUs: number | null },
  ): { side: Side; facts: HistorySideFacts } {
    const span = this.around[name];
    const all = [...this.calls[name].values()];
    const { calls: kept, untrusted } = this.trust.believed(all);
    const gaps = gapsIn(span, this.trust.told());
    const lackedUs = gaps.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
    const untrustedCalls = untrusted.calls;
    const { reasons } = this.cover({ reasons: this.trust.reasonsIn(span) });
    const isUntrusted = untrustedCalls > DOUBTED_SHARE_MAX * all.length;
    const verdict = isUntrusted ? 'untrusted' : reasons.length > 0 ? 'degraded' : 'trusted';
    const [fromTime, toTime] = [isoMicros(span.fromUs), isoMicros(span.toUs)];
    const facts: Side['facts'] = {
      files: [...files],
      ...{ startTime: isoMicros(whole.fromUs), endTime: isoMicros(whole.toUs) },
      chosen: [{ spans: [{ fromTime, toTime }], party: null, symptom: null }],
      trust: { verdict, reasons },
    };
    return {
      side: { facts, samples: kept.map(({ sample }) => sample) },
      facts: {
        ...{ fromTime, toTime, coveredMs: (span.toUs - span.fromUs - lackedUs) / 1000 },
        gaps: gaps.slice(0, GAPS_NAMED_MAX).map(({ fromUs, toUs }) => {
          return { fromTime: isoMicros(fromUs), toTime: isoMicros(toUs) };
        }),
        ...{ furtherGaps: Math.max(0, gaps.length - GAPS_NAMED_MAX), untrustedCalls },
      },
    };
  }
}

function readStream(stream: Loose<ReportStream> | UnreadStream): Loose<ReportStream>[] {
  const whole = stream instanceof UnreadStream ? stream.read() : stream;
  return whole === null ? [] : [whole];
}

import type { CallTable } from '../calls/call-table.ts';
import { formatAddress } from '../packet/address.ts';
import { codecRowFor } from '../quality/codec-choice.ts';
import { mosFromR } from '../quality/mos.ts';
import { SCALES } from '../quality/scales.ts';
import { Scorer } from '../quality/score.ts';
import type { ScoredInterval } from '../records/interval-log.ts';
import type { IntervalRecord } from '../records/interval-record.ts';
import type { Endpoint, StreamRecord } from '../records/types.ts';
import { KIND_AUDIO } from '../rtp/payload-types.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import { playoutResults } from '../rtp/playout/results.ts';
import * as row from '../rtp/stream-row.ts';
import { senderMarks } from './call-signalling.ts';
import { isOnOtherClock } from './own-clock.ts';
import type { ScoringOptions } from './scoring.ts';
import { streamId } from './stream-record.ts';

/**
 * Tells the intervals of streams while these run. The score of a running stream's interval rests on what is known of
 * the stream by then (its codec by its name, the assumed delay); with the stream's end it is looked at once more.
 */
export class IntervalFeed {
  private readonly rtp: RtpPlane;
  private readonly calls: CallTable;
  private readonly scoring: ScoringOptions;
  private readonly interfaces: readonly (string | null)[];
  /** What was told, by the number of the stream; until the stream itself is told. */
  private readonly told = new Map<number, Told>();

  /** `interfaces`: their names, by input. */
  constructor(
    rtp: RtpPlane,
    calls: CallTable,
    scoring: ScoringOptions,
    interfaces: readonly (string | null)[] = [],
  ) {
    this.interfaces = interfaces;
    this.rtp = rtp;
    this.calls = calls;
    this.scoring = scoring;
  }

  /** Streams of which something was told and that were not told themselves yet. */
  get size(): number {
    return this.told.size;
  }

  /** Tells every interval that was settled since the last time. */
  collect(tell: (record: IntervalRecord) => void): void {
    const { table } = this.rtp;
    for (let i = 0; i < table.activeCount; i++) {
      const slot = table.active[i]!;
      const { number, intervals, leastDelays } = table.notesOf(slot);
      const before = this.told.get(number) ?? NOTHING;
      if (intervals.length <= before.intervals) continue;
      this.rtp.settle(slot);
      const base = slot * row.INTEGERS_PER_STREAM;
      const now: Told = {
        intervals: intervals.length,
        duplicates: table.integers[base + row.DUPLICATES]!,
        reordered: table.integers[base + row.REORDERED]!,
      };
      this.told.set(number, now);
      const place = this.placeOf(slot);
      const clockRate = table.integers[base + row.CLOCK_RATE]!;
      for (let at = before.intervals; at < intervals.length; at++) {
        const since = sinceTold(now, at === before.intervals ? before : now);
        const isOff = isOnOtherClock(intervals, at, leastDelays, clockRate);
        const interval = isOff ? intervals.atWithoutTiming(at) : intervals.at(at);
        tell({ ...place, ...since, ...scored(interval, this.scorerOf(slot, isOff)) });
      }
    }
  }

  /** A stream is over and told: tells those of its intervals that were not. */
  ended(stream: StreamRecord, tell: (record: IntervalRecord) => void): void {
    const number = Number(stream.id.slice(1)) - 1;
    const before = this.told.get(number) ?? NOTHING;
    this.told.delete(number);
    const { id, callId, direction, ssrc, src, dst, codec, intervals, quality } = stream;
    const place = {
      streamId: id,
      callId,
      direction,
      ssrc,
      src,
      dst,
      codec,
      interface: stream.interface,
      vlans: stream.vlans,
      sender: stream.sender ?? null,
    };
    const now = { ...stream, intervals: intervals.length };
    const delayTaken = quality?.rFactor == null ? null : quality.rFactorLq - quality.rFactor;
    for (let at = before.intervals; at < intervals.length; at++) {
      const interval = intervals.at(at);
      const scale = interval.rFactor === null ? null : (quality?.scale ?? null);
      const hasCq = delayTaken !== null && scale !== null;
      const mosCq = hasCq ? mosFromR(interval.rFactor! / SCALES[scale].factor) : null;
      tell({
        ...place,
        ...sinceTold(now, at === before.intervals ? before : now),
        scale,
        mosCq,
        ...interval,
      });
    }
  }

  private placeOf(
    slot: number,
  ): Omit<IntervalRecord, keyof ScoredInterval | 'scale' | 'mosCq' | 'duplicates' | 'reordered'> {
    const { src, srcPort, dst, dstPort, ssrc } = this.rtp.keyOf(slot);
    const { number, audioFormat, input, vlans } = this.rtp.table.notesOf(slot);
    const owner = this.calls.ownerOf(slot);
    return {
      streamId: streamId(number),
      callId: owner?.call.callId ?? null,
      direction: owner === null ? null : owner.fromCaller ? 'callerToCallee' : 'calleeToCaller',
      ssrc: `0x${(ssrc >>> 0).toString(16).padStart(8, '0')}`,
      src: endpoint(src, srcPort),
      dst: endpoint(dst, dstPort),
      codec: audioFormat === null || audioFormat.name === '' ? null : audioFormat.name,
      interface: this.interfaces[input] ?? null,
      vlans,
      sender: owner === null ? null : senderMarks(owner.call, owner.fromCaller),
    };
  }

  private scorerOf(slot: number, isOff: boolean): Scorer | null {
    const { table } = this.rtp;
    const { audioFormat } = table.notesOf(slot);
    if (audioFormat === null || audioFormat.kind !== KIND_AUDIO) return null;
    const choice = codecRowFor(audioFormat, {});
    if (choice.row === null) return null;
    const { playout: model, plc, plcByCodec, assumedDelayMs, echo } = this.scoring;
    const playout = model === 'none' || isOff ? null : playoutResults(table, slot);
    const msPerTick = table.doubles[slot * row.DOUBLES_PER_STREAM + row.MS_PER_TICK]!;
    const frameTicks = table.integers[slot * row.INTEGERS_PER_STREAM + row.FRAME_TICKS]!;
    return new Scorer(choice.row, {
      ptimeMs: frameTicks > 0 && msPerTick > 0 ? frameTicks * msPerTick : null,
      plc: plcByCodec[choice.row.id] ?? plc,
      networkDelayMs: assumedDelayMs,
      delaySource: 'assumed',
      playout: playout === null ? 'none' : model,
      playoutDelayMs: playout === null || model === 'none' ? 0 : playout[model].nominalMs,
      echo,
      modeAssumed: choice.assumed !== null,
    });
  }
}

interface Told {
  intervals: number;
  duplicates: number;
  reordered: number;
}

const NOTHING: Told = { intervals: 0, duplicates: 0, reordered: 0 };

function sinceTold(now: Told, before: Told): Pick<IntervalRecord, 'duplicates' | 'reordered'> {
  return {
    duplicates: Math.max(0, now.duplicates - before.duplicates),
    reordered: Math.max(0, now.reordered - before.reordered),
  };
}

function scored(
  interval: ScoredInterval,
  scorer: Scorer | null,
): ScoredInterval & Pick<IntervalRecord, 'scale' | 'mosCq'> {
  const { expected, lost, discarded, missedRuns } = interval;
  const score = scorer?.score({ expected, lost, discarded, runs: missedRuns }) ?? null;
  if (score === null || scorer === null) return { ...interval, scale: null, mosCq: null };
  return {
    ...interval,
    rFactor: score.rFactor ?? score.rFactorLq,
    mosLq: score.mosLq,
    mosCq: score.mosCq,
    scale: scorer.scale,
    impairments: score.impairments,
  };
}

function endpoint(words: Int32Array, port: number): Endpoint {
  return { ip: formatAddress(words[0]!, words[1]!, words[2]!, words[3]!), port };
}

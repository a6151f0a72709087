import type { StreamHistory } from '../records/stream-history.ts';
import type { FindingRecord, StreamRecord } from '../records/types.ts';
import { goBothWays } from './networks.ts';
import { SteadyStreams } from './steady-streams.ts';

/** A step of a stream's delay that stayed, or a pause of its sender: what a step of the capture's clock looks like. */
export interface ClockStep {
  atUs: number;
  stepMs: number;
  /** The moment and the size are known to a packet, not only to an interval. */
  exact: boolean;
  /** A single packet's step that the stream's delay is seen to have kept. */
  stays: boolean;
  /** From then on the packets had come through more or fewer routers. */
  newHops: boolean;
}

interface Stepped extends ClockStep {
  stream: string;
  /** From which host to which. */
  way: string;
}

/** What a sending host's clock is off by, and when that was last learnt. */
interface Drift {
  skewPpm: number;
  lastUs: number;
}

/** Levels of the delay are known to an interval; single packets to the distance of packets. */
const WITHIN_US = 6_000_000;
const WITHIN_EXACT_US = 100_000;
const STREAMS_MIN = 4;
/**
 * Steps of one clock agree to this. Packets out of a network that stood still come each later than it should by
 * something else, for each was due at another moment of the standstill.
 */
const AGREE_MS = 5;
const AGREE_SHARE = 0.1;
const AGREE_EXACT_MS = 3;
/** The level that a single packet's step leads to is known to an interval or two. */
const KEPT_WITHIN_US = 11_000_000;
const KEPT_AGREE_MS = 30;
/** Single packets later than this are looked at, so many per stream. */
const SPIKE_MIN_MS = 100;
const SPIKES_OF_STREAM_MAX = 16;
const DRIFTERS_MIN = 4;
const DRIFT_AGREE_PPM = 20;
const DRIFT_AGREE_SHARE = 0.15;
/** Of the streams that run, so many stay where they are: nobody set the clock that stamps them all. */
const STEADY_SHARE = 0.1;
const STEADY_MIN = 2;
/** Packets overtake each other where the path changes. */
const HOPS_WITHIN_MS = 1000;
const STEPS_KEPT = 8192;
const SENDERS_KEPT = 8192;

/** What unrelated streams have in common is the clock that stamped them: its steps, and its drift. */
export class SharedClock {
  /** What found no room, and is not compared. */
  refused = 0;
  /** Streams that did not step: the clock stamps all of them. */
  readonly steady = new SteadyStreams();
  private steps: Stepped[] = [];
  /** The same by time, in pieces of `WITHIN_US`. */
  private readonly byTime = new Map<number, Stepped[]>();
  /** What each sending host's clock is off by, ppm. */
  private readonly drifting = new Map<string, Drift>();
  /** The same values in order: they are asked for with every sender that drifts. */
  private readonly driftsPpm: number[] = [];

  /** A stream is over. `steps`: how its delay stepped. */
  add(stream: StreamRecord, steps: readonly ClockStep[]): void {
    for (const step of steps) {
      if (this.steps.length >= STEPS_KEPT) {
        this.refused++;
        break;
      }
      this.enter({ ...step, stream: stream.id, way: `${stream.src.ip}>${stream.dst.ip}` });
    }
    this.refused += this.steady.add(stream);
    if (stream.skewPpm === null) return;
    if (this.drifting.size < SENDERS_KEPT) this.enterDrift(stream.src.ip, stream.skewPpm, stream.endUs);
    else this.refused++;
  }

  /** Forgets steps before a time, and senders that were not heard of since. */
  forget(beforeUs: number): void {
    this.steps = this.steps.filter(({ atUs }) => atUs >= beforeUs);
    for (const piece of this.byTime.keys()) {
      if ((piece + 1) * WITHIN_US < beforeUs) this.byTime.delete(piece);
    }
    this.steady.forget(beforeUs);
    for (const [source, { skewPpm, lastUs }] of this.drifting) {
      if (lastUs >= beforeUs) continue;
      this.drifting.delete(source);
      this.removeDrift(skewPpm);
    }
  }

  private enterDrift(source: string, skewPpm: number, lastUs: number): void {
    const { drifting, driftsPpm } = this;
    const before = drifting.get(source);
    if (before !== undefined) this.removeDrift(before.skewPpm);
    driftsPpm.splice(
      firstWhere(driftsPpm, (ppm) => ppm >= skewPpm),
      0,
      skewPpm,
    );
    drifting.set(source, { skewPpm, lastUs });
  }

  private removeDrift(skewPpm: number): void {
    const at = firstWhere(this.driftsPpm, (ppm) => ppm >= skewPpm);
    this.driftsPpm.splice(at, 1);
  }

  private enter(step: Stepped): void {
    this.steps.push(step);
    const piece = Math.floor(step.atUs / WITHIN_US);
    const others = this.byTime.get(piece);
    if (others === undefined) this.byTime.set(piece, [step]);
    else others.push(step);
  }

  /**
   * Whether streams both ways stepped alike at that time, and so did all that ran: on a way through the network only one
   * direction does, and where a link fails over, only what crosses it.
   */
  isClockStep(step: ClockStep): boolean {
    // Most of what steps does so on its own way: that is seen at once.
    if (this.steady.over(step.atUs) >= steadyEnough(this.near(step).length)) return false;
    const alike = this.alike(step);
    if (!goBothWays(new Set(alike.map(({ way }) => way)))) return false;
    const streams = new Set(alike.map(({ stream }) => stream)).size;
    // Both directions of one call, by the same to a few milliseconds and for good: no network does that.
    const isOneCall = step.exact && step.stays && alike.every(({ stays }) => stays);
    if (streams < STREAMS_MIN && !isOneCall) return false;
    if (alike.filter(({ newHops }) => newHops).length * 2 >= alike.length) return false;
    const moments = alike.map(({ atUs }) => atUs).sort((a, b) => a - b);
    return !this.steady.reaches(steadyEnough(streams), moments[moments.length >> 1]!);
  }

  /** Whether the clock was set between two times, us. */
  isSetWithin({ startUs, endUs }: { startUs: number; endUs: number }): boolean {
    const between = this.steps.filter(({ exact, atUs }) => exact && atUs >= startUs && atUs <= endUs);
    return between.some((step) => this.isClockStep(step));
  }

  private near({ atUs }: ClockStep): Stepped[] {
    const piece = Math.floor(atUs / WITHIN_US);
    return [piece - 1, piece, piece + 1].flatMap((each) => this.byTime.get(each) ?? []);
  }

  private alike(step: ClockStep): Stepped[] {
    const { atUs, stepMs, exact } = step;
    const allowedMs = exact ? AGREE_EXACT_MS : Math.max(AGREE_MS, Math.abs(stepMs) * AGREE_SHARE);
    const withinUs = exact ? WITHIN_EXACT_US : WITHIN_US;
    return this.near(step).filter(
      (other) =>
        other.exact === exact &&
        Math.abs(other.atUs - atUs) <= withinUs &&
        Math.abs(other.stepMs - stepMs) <= allowedMs,
    );
  }

  /** The largest step of the capture's clock, and how many streams show it; null when there was none. */
  step(): (ClockStep & { streams: number }) | null {
    let largest: ClockStep | null = null;
    for (const step of this.steps) {
      if (largest !== null && Math.abs(step.stepMs) <= Math.abs(largest.stepMs)) continue;
      if (this.isClockStep(step)) largest = step;
    }
    if (largest === null) return null;
    return { ...largest, streams: new Set(this.alike(largest).map(({ stream }) => stream)).size };
  }

  /** What most senders' clocks seem to be off by, ppm, when they agree: it is the capture's own. */
  driftPpm(): { skewPpm: number; senders: number } | null {
    const sorted = this.driftsPpm;
    if (sorted.length < DRIFTERS_MIN) return null;
    const middle = sorted[Math.floor(sorted.length / 2)]!;
    const from = firstWhere(sorted, (ppm) => ppm >= middle || this.agrees(ppm, middle));
    const agree = firstWhere(sorted, (ppm) => ppm > middle && !this.agrees(ppm, middle)) - from;
    return agree >= sorted.length * 0.8 ? { skewPpm: middle, senders: agree } : null;
  }

  /** Whether a drift is that of all senders. */
  isShared(skewPpm: number): boolean {
    const drift = this.driftPpm();
    return drift !== null && this.agrees(skewPpm, drift.skewPpm);
  }

  private agrees(ppm: number, middle: number): boolean {
    return Math.abs(ppm - middle) <= Math.max(DRIFT_AGREE_PPM, Math.abs(middle) * DRIFT_AGREE_SHARE);
  }
}

/** So many streams that stayed where they were are a clear share beside so many that stepped. */
function steadyEnough(stepped: number): number {
  return Math.max(STEADY_MIN, (stepped * STEADY_SHARE) / (1 - STEADY_SHARE));
}

/** Index of the first of some values in order that a rule holds for, as it does for all after it; their number if none. */
function firstWhere(values: readonly number[], holds: (value: number) => boolean): number {
  let from = 0;
  let to = values.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(values[middle]!)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The steps of a stream: those that its findings speak of, and single packets that came much later. */
export function stepsOf(stream: StreamRecord, findings: readonly FindingRecord[]): ClockStep[] {
  const steps: ClockStep[] = [];
  for (const { code, evidence, startUs, streamId } of findings) {
    if (streamId !== stream.id) continue;
    if (code === 'sender_paused') steps.push(...pausesOf(stream));
    const { stepMs } = evidence;
    if (code !== 'path_change' || typeof stepMs !== 'number') continue;
    steps.push({ atUs: startUs, stepMs, exact: false, stays: true, newHops: evidence.fromTtl !== null });
  }
  const { spikes } = stream.history;
  let kept = 0;
  for (let i = 0; i < spikes.length && kept < SPIKES_OF_STREAM_MAX; i++) {
    if (spikes.value(i) < SPIKE_MIN_MS) continue;
    const atUs = stream.startUs + spikes.atMs(i) * 1000;
    const stepMs = spikes.value(i);
    const stays = steps.some(
      (step) =>
        !step.exact &&
        Math.abs(step.atUs - atUs) <= KEPT_WITHIN_US &&
        Math.abs(step.stepMs - stepMs) <= Math.max(KEPT_AGREE_MS, stepMs * AGREE_SHARE),
    );
    steps.push({ atUs, stepMs, exact: true, stays, newHops: changesHops(stream.history, spikes.atMs(i)) });
    kept++;
  }
  return steps;
}

function changesHops({ path }: StreamHistory, atMs: number): boolean {
  return path.some(
    (mark, i) => i > 0 && mark.ttl !== path[i - 1]!.ttl && Math.abs(mark.atMs - atMs) <= HOPS_WITHIN_MS,
  );
}

/** Pauses of a sender, by what the packets after them are later than they were due. */
function pausesOf({ startUs, history }: StreamRecord): ClockStep[] {
  const pauses = history.gaps.filter(({ stayed, missing }) => stayed && missing === 0);
  return pauses.map(({ atMs, durationMs, mediaMs }) => {
    const stepMs = durationMs - (mediaMs ?? 0);
    const newHops = changesHops(history, atMs + durationMs);
    return { atUs: startUs + atMs * 1000, stepMs, exact: false, stays: true, newHops };
  });
}

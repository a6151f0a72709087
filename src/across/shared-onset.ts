import type { FindingRecord, StreamRecord } from '../records/types.ts';
import { type OnsetBeat, OnsetBeats } from './onset-beat.ts';
import { type Labelled, labelsOf, labelText, sharedLabel } from './onset-labels.ts';

/** Findings that say since when a stream is bad. */
const BAD = new Set([
  'random_loss',
  'burst_loss',
  'critical_loss',
  'high_jitter',
  'late_discard',
  'queueing',
  'media_interrupted',
  'media_stopped',
]);
/** Those of them that know their beginning by the interval only, 5 s: the cluster may be so much wider. */
const BY_INTERVAL = new Set(['high_jitter', 'late_discard', 'queueing']);
const INTERVAL_US = 5_000_000;
/** What is bad from its beginning on did not become bad. */
const GOOD_BEFORE_US = 5_000_000;
const ONSETS_KEPT = 8192;
const STREAMS_KEPT = 4096;
/** A cluster is told when no call has added to it for so long, or as long as this after it is sure. */
const QUIET_US = 60_000_000;
const PATIENCE_US = 180_000_000;
/** Clusters that were told, and are not told again. */
const TOLD_KEPT = 256;
/** A beat of moments is as long as this many times what may lie within one of them, at least. */
const BEAT_WIDTHS_MIN = 5;

export interface OnsetThresholds {
  onsetStreams: number;
  onsetCalls: number;
  onsetWithinMs: number;
  periodEpisodesMin: number;
}

interface Onset {
  atUs: number;
  /** When it was learnt. */
  knownUs: number;
  stream: string;
  call: string;
  code: string;
  labelled: Labelled;
}

interface Bystander {
  stream: string;
  startUs: number;
  endUs: number;
  labelled: Labelled;
}

/** Streams of several calls that became bad at one moment, and what they have in common. */
export class SharedOnsets {
  /** What found no room, and is not compared. */
  refused = 0;
  private readonly limits: OnsetThresholds;
  private onsets: Onset[] = [];
  /** The newest streams, bad or not, for comparison. */
  private readonly streams: Bystander[] = [];
  private oldest = 0;
  private readonly told: Onset[][] = [];
  private readonly beats = new OnsetBeats();
  private tellings = 0;
  private total = 0;
  private firstUs = Number.POSITIVE_INFINITY;
  private lastUs = Number.NEGATIVE_INFINITY;

  constructor(limits: OnsetThresholds) {
    this.limits = limits;
  }

  /** Streams of a call that is over, and what was found about it. */
  add(streams: readonly StreamRecord[], findings: readonly FindingRecord[], nowUs: number): void {
    for (const stream of streams) {
      const { src, dst, vlans, tunnel, codec, encapsulation } = stream;
      const labelled = { src, dst, vlans, tunnel, codec, encapsulation };
      this.remember({ stream: stream.id, startUs: stream.startUs, endUs: stream.endUs, labelled });
      const onset = onsetOf(stream, findings);
      if (onset === null) continue;
      this.total++;
      this.firstUs = Math.min(this.firstUs, onset.atUs);
      this.lastUs = Math.max(this.lastUs, onset.atUs);
      const known: Onset = {
        ...onset,
        knownUs: nowUs,
        stream: stream.id,
        call: stream.callId ?? stream.id,
        labelled,
      };
      if (this.isTold(known)) continue;
      if (this.onsets.length < ONSETS_KEPT) this.onsets.push(known);
      else this.refused++;
    }
  }

  private remember(stream: Bystander): void {
    if (this.streams.length < STREAMS_KEPT) this.streams.push(stream);
    else this.streams[this.oldest++ % STREAMS_KEPT] = stream;
  }

  /**
   * The clusters nobody adds to any more as of `nowUs`, and those that have been sure for long while calls still add to
   * them; all of them at the end (infinity). Each is told once.
   */
  take(nowUs: number): FindingRecord[] {
    const ripe = this.onsets.filter(({ knownUs }) => nowUs - knownUs >= QUIET_US);
    if (ripe.length === 0) return [];
    let young = this.onsets.filter(({ knownUs }) => nowUs - knownUs < QUIET_US);
    const withinUs = this.limits.onsetWithinMs * 1000;
    const sorted = ripe.sort((a, b) => a.atUs - b.atUs);
    const found: FindingRecord[] = [];
    const waiting: Onset[] = [];
    for (let i = 0; i < sorted.length; ) {
      let end = i;
      while (end < sorted.length && isNear(sorted[i]!, sorted[end]!, withinUs)) end++;
      const cluster = sorted.slice(i, end);
      // Others of the same moment may still be running.
      const joining = young.filter((other) => cluster.some((one) => isNear(one, other, withinUs)));
      const isShared = this.isShared(cluster, joining.length);
      if (joining.length > 0 && !(isShared && nowUs - this.sureSince(cluster) >= PATIENCE_US)) {
        waiting.push(...cluster);
      } else if (isShared) {
        young = young.filter((other) => !joining.includes(other));
        found.push(this.tell([...cluster, ...joining].sort((a, b) => a.atUs - b.atUs)));
      }
      i = isShared ? end : i + 1;
    }
    this.onsets = [...young, ...new Set(waiting)];
    return found;
  }

  /** When enough of a cluster was known. */
  private sureSince(cluster: readonly Onset[]): number {
    const known = cluster.map(({ knownUs }) => knownUs).sort((a, b) => a - b);
    return known[this.limits.onsetStreams - 1] ?? Number.POSITIVE_INFINITY;
  }

  private tell(cluster: readonly Onset[]): FindingRecord {
    // Its ends say what is near to it.
    this.told[this.tellings++ % TOLD_KEPT] = [cluster[0]!, cluster.at(-1)!];
    return this.findingOf(cluster);
  }

  private isTold(onset: Onset): boolean {
    const withinUs = this.limits.onsetWithinMs * 1000;
    return this.told.some((cluster) => cluster.some((one) => isNear(one, onset, withinUs)));
  }

  /** @param joining how many more belong to it that are not looked at yet */
  private isShared(cluster: readonly Onset[], joining: number): boolean {
    const { onsetStreams, onsetCalls, onsetWithinMs } = this.limits;
    if (cluster.length < onsetStreams || new Set(cluster.map(({ call }) => call)).size < onsetCalls)
      return false;
    const spans = Math.max(1, (this.lastUs - this.firstUs) / (onsetWithinMs * 1000));
    const mean = (this.total - cluster.length - joining) / spans;
    return cluster.length >= mean + 5 * Math.sqrt(mean);
  }

  private findingOf(cluster: readonly Onset[]): FindingRecord {
    const startUs = cluster[0]!.atUs;
    const endUs = cluster.at(-1)!.atUs;
    const bad = new Set(cluster.map(({ stream }) => stream));
    const others = this.streams.filter(
      (each) => !bad.has(each.stream) && each.startUs < startUs && each.endUs > endUs,
    );
    const labelsOfAll = (streams: readonly { labelled: Labelled }[]) =>
      streams.map(({ labelled }) => labelsOf(labelled));
    const shared = sharedLabel(labelsOfAll(cluster), labelsOfAll(others));
    const calls = new Set(cluster.map(({ call }) => call)).size;
    const common = shared === null ? '' : `${shared.label.name} ${shared.label.value}`;
    const { onsetWithinMs, periodEpisodesMin } = this.limits;
    const beat = this.beats.add(common, startUs, BEAT_WIDTHS_MIN * onsetWithinMs, periodEpisodesMin);
    const codes = [...new Set(cluster.map(({ code }) => code))].join(' ');
    const told =
      shared === null
        ? `; nothing tells them from the ${others.length} other streams of that moment`
        : `; all of them ${labelText(shared.label)}, as ${shared.withIt === 0 ? 'none' : shared.withIt} of the ${others.length} others do`;
    const beside = others.length === 0 ? '; no other stream was running' : told;
    return {
      code: 'shared_onset',
      severity: 'warning',
      callId: null,
      streamId: null,
      direction: null,
      startUs,
      endUs,
      text: `${cluster.length} streams of ${calls} calls became bad ${withinText(endUs - startUs)} (${codes})${beside}${beatText(beat)}`,
      evidence: {
        streams: cluster.length,
        calls,
        sharedLabel: shared?.label.name ?? null,
        sharedValue: shared?.label.value ?? null,
        unaffected: others.length,
        codes,
        streamIds: [...bad].slice(0, 16).join(' '),
        ...(beat === null
          ? {}
          : {
              periodMs: Math.round(beat.periodMs),
              phaseMs: Math.round(beat.phaseMs),
              moments: beat.moments,
            }),
      },
    };
  }
}

function withinText(spanUs: number): string {
  const seconds = (spanUs / 1e6).toFixed(1);
  return seconds === '0.0' ? 'at one moment' : `within ${seconds} s`;
}

function beatText(beat: OnsetBeat | null): string {
  if (beat === null) return '';
  const { periodMs, moments } = beat;
  return `; moments like this come every ${(periodMs / 1000).toFixed(0)} s, ${moments} so far: something with a timer`;
}

/** Whether two streams became bad at one moment, as well as that is known. */
function isNear(a: Onset, b: Onset, withinUs: number): boolean {
  const byInterval = BY_INTERVAL.has(a.code) || BY_INTERVAL.has(b.code);
  return Math.abs(b.atUs - a.atUs) <= withinUs + (byInterval ? INTERVAL_US : 0);
}

/** The moment from which on a stream is bad; null for one that is not, or was from the beginning. */
function onsetOf(
  stream: StreamRecord,
  findings: readonly FindingRecord[],
): { atUs: number; code: string } | null {
  let first: { atUs: number; code: string } | null = null;
  for (const { code, streamId, startUs, severity } of findings) {
    if (streamId !== stream.id || severity === 'info' || !BAD.has(code)) continue;
    if (first === null || startUs < first.atUs) first = { atUs: startUs, code };
  }
  return first === null || first.atUs - stream.startUs < GOOD_BEFORE_US ? null : first;
}

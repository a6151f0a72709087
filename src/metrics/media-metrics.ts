import { callRef } from '../live/call-ref.ts';
import type { LiveInterval } from '../live/live-records.ts';
import type { SenderMarks } from '../records/interval-record.ts';
import type { Scale } from '../records/types.ts';
import type { ReportStream } from '../report/contract.ts';
import { codecLabel } from './codec-label.ts';
import type { Groups } from './groups/groups.ts';
import { type MediaMarks, mediaPlace } from './groups/placed.ts';
import type { Histogram } from './histogram.ts';
import type { LabelSet, LabelSpace } from './label-space.ts';
import type { MetricSet, SpacedCounter } from './metric-set.ts';

/** Streams under way whose packets were counted in part. */
export const FOLLOWED_STREAMS_MAX = 262_144;
/**
 * When there are so many, those of which nothing was heard for so many statuses (two hours) make room: their ends were
 * among the records that nobody took in time.
 */
const UNHEARD_STATUSES = 720;

/** What of a stream is in the counters already, and under which labels. */
interface CountedStream {
  packets: number;
  expected: number;
  lost: number;
  discarded: number;
  duplicates: number;
  reordered: number;
  set: LabelSet;
  callId: string | null;
  /** Reference of the call, for exemplars. */
  call: string | null;
  sender: SenderMarks | null;
  /** What its labels rest on besides. */
  codec: string | null;
  vlans: number;
  groups: Groups;
  /** Statuses there were when it was last heard of. */
  heard: number;
}

type Counted = 'packets' | 'expected' | 'lost' | 'discarded' | 'duplicates' | 'reordered';

const COUNTED: readonly Counted[] = ['packets', 'expected', 'lost', 'discarded', 'duplicates', 'reordered'];
const SCALE_NUMBER: Readonly<Record<Scale, number>> = { NB: 0, WB: 1, FB: 2 };

/** Parts of the media metrics. */
export interface MediaMetricsParts {
  set: MetricSet;
  media: LabelSpace;
  streams: LabelSpace;
  groups: () => Groups;
  nowMs: () => number;
  /** Streams under way; `FOLLOWED_STREAMS_MAX` unless given. */
  streamsMax?: number;
}

/**
 * Metrics of media. Packets are counted as intervals are told, and with the end of a stream whatever its intervals had
 * not told: so running streams are in the counters, an interval that nobody took in time is made up for, and in the end
 * the counters are the sums of the streams' own figures.
 */
export class MediaMetrics {
  /** Intervals whose packets wait for the end of their stream. */
  untracked = 0;
  readonly streamsMax: number;
  private statuses = 0;
  private readonly parts: MediaMetricsParts;
  private readonly followed = new Map<string, CountedStream>();
  private readonly counters: Readonly<Record<Counted, SpacedCounter>>;
  private readonly ended: Readonly<Record<'all' | 'encrypted' | 'unclaimed', SpacedCounter>>;
  private readonly of: Readonly<Record<keyof typeof NAMES, Histogram>>;
  /** What a stream brought to its end after its last interval; reused. */
  private readonly rest: Record<Counted, number> = none();

  constructor(parts: MediaMetricsParts) {
    this.parts = parts;
    this.streamsMax = parts.streamsMax ?? FOLLOWED_STREAMS_MAX;
    const { set } = parts;
    this.counters = {
      packets: set.spaced('earshot_rtp_packets_total'),
      expected: set.spaced('earshot_rtp_expected_packets_total'),
      lost: set.spaced('earshot_rtp_lost_packets_total'),
      discarded: set.spaced('earshot_rtp_discarded_packets_total'),
      duplicates: set.spaced('earshot_rtp_duplicate_packets_total'),
      reordered: set.spaced('earshot_rtp_reordered_packets_total'),
    };
    this.ended = {
      all: set.spaced('earshot_rtp_streams_finished_total'),
      encrypted: set.spaced('earshot_rtp_encrypted_streams_total'),
      unclaimed: set.spaced('earshot_rtp_unclaimed_streams_total'),
    };
    const histograms = Object.entries(NAMES).map(([key, name]) => [key, set.histogram(name)]);
    this.of = Object.fromEntries(histograms) as Record<keyof typeof NAMES, Histogram>;
  }

  /** Streams under way. */
  get size(): number {
    return this.followed.size;
  }

  /** Takes an interval. */
  interval(record: LiveInterval): void {
    const stream = this.follow(record);
    const labels = stream?.set ?? this.place(record, record.sender);
    const call = stream?.call ?? (record.callId === null ? null : callRef(record.callId));
    if (stream === null) this.untracked++;
    else this.count(stream, record);
    const nowMs = this.parts.nowMs();
    const { of } = this;
    const { index, text } = labels;
    of.jitter.observe(index, text, seconds(record.jitterMs), call, nowMs);
    of.pdv.observe(index, text, seconds(record.pdvP95Ms), call, nowMs);
    if (record.expected > 0) {
      of.loss.observe(index, text, record.lost / record.expected, call, nowMs);
      of.discard.observe(index, text, record.discarded / record.expected, call, nowMs);
    }
    if (record.scale === null) return;
    const scaled = index * 3 + SCALE_NUMBER[record.scale];
    const scaledText = `${text},scale="${record.scale}"`;
    // R goes below 0 in the model; a sum that could fall would be no counter.
    const shownR = record.rFactor === null ? null : Math.max(0, record.rFactor);
    of.rFactor.observe(scaled, scaledText, shownR, call, nowMs);
    of.mosLq.observe(scaled, scaledText, record.mosLq, call, nowMs);
    of.mosCq.observe(scaled, scaledText, record.mosCq, call, nowMs);
  }

  /** Takes a stream that is over. */
  stream(record: ReportStream): void {
    const stream = this.followed.get(record.id) ?? null;
    this.followed.delete(record.id);
    const sender = stream?.sender ?? null;
    this.countRest(record, stream, sender);
    const values = this.valuesOf(record, sender);
    const set = this.parts.streams.resolve([...values.media, values.device]);
    const { index, text } = set;
    this.ended.all.add(set, 1);
    this.ended.encrypted.add(set, record.media.encrypted === true ? 1 : 0);
    this.ended.unclaimed.add(set, record.callId === null ? 1 : 0);
    const call = record.callId === null ? null : callRef(record.callId);
    const nowMs = this.parts.nowMs();
    const { of } = this;
    if (record.expected > 0) {
      of.streamLoss.observe(index, text, record.lost / record.expected, call, nowMs);
      of.lossRun.observe(index, text, record.burst.longestLossRun, call, nowMs);
    }
    of.streamJitter.observe(index, text, seconds(record.jitterMs.p95), call, nowMs);
    of.roundTrip.observe(index, text, seconds(record.roundTripMs?.p50 ?? null), call, nowMs);
    const { quality } = record;
    if (quality === null) return;
    const scaled = index * 3 + SCALE_NUMBER[quality.scale];
    of.streamMosLq.observe(scaled, `${text},scale="${quality.scale}"`, quality.mosLq, call, nowMs);
  }

  /** Time has passed: to be called with every status. */
  sweep(): void {
    this.statuses++;
    if (this.followed.size < this.streamsMax) return;
    for (const [id, { heard }] of this.followed) {
      if (this.statuses - heard > UNHEARD_STATUSES) this.followed.delete(id);
    }
  }

  /** Measuring began anew: what was under way is lost, and ids of streams are given again. */
  restart(): void {
    this.followed.clear();
  }

  private count(stream: CountedStream, record: LiveInterval): void {
    stream.heard = this.statuses;
    for (const name of COUNTED) {
      stream[name] += record[name];
      this.counters[name].add(stream.set, record[name]);
    }
  }

  private countRest(record: ReportStream, stream: CountedStream | null, sender: SenderMarks | null): void {
    const { rest } = this;
    let discarded = 0;
    for (const interval of record.intervals) discarded += interval.discarded;
    rest.packets = record.packets - (stream?.packets ?? 0);
    rest.expected = record.expected - (stream?.expected ?? 0);
    rest.lost = record.lost - (stream?.lost ?? 0);
    rest.discarded = discarded - (stream?.discarded ?? 0);
    rest.duplicates = record.duplicates - (stream?.duplicates ?? 0);
    rest.reordered = record.reordered - (stream?.reordered ?? 0);
    const set = this.place(record, sender);
    for (const name of COUNTED) this.counters[name].add(set, rest[name]);
  }

  private follow(record: LiveInterval): CountedStream | null {
    const { streamId, callId, codec } = record;
    const groups = this.parts.groups();
    const vlans = record.vlans.length;
    const known = this.followed.get(streamId);
    const isSame =
      known !== undefined &&
      known.callId === callId &&
      known.codec === codec &&
      known.vlans === vlans &&
      known.groups === groups &&
      (record.sender === null || known.sender?.userAgent === record.sender.userAgent);
    // What has no series of its own may have got them meanwhile.
    if (isSame && !known.set.isFolded) return known;
    const sender = record.sender ?? known?.sender ?? null;
    const set = this.place(record, sender);
    const call = callId === null ? null : callRef(callId);
    if (known !== undefined) return Object.assign(known, { set, callId, call, sender, codec, vlans, groups });
    if (this.followed.size >= this.streamsMax) return null;
    const stream: CountedStream = { ...none(), set, callId, call, sender, codec, vlans, groups, heard: 0 };
    this.followed.set(streamId, stream);
    return stream;
  }

  private place(record: MediaMarks & Pick<ReportStream, 'codec'>, sender: SenderMarks | null): LabelSet {
    return this.parts.media.resolve(this.valuesOf(record, sender).media);
  }

  private valuesOf(
    record: MediaMarks & Pick<ReportStream, 'codec'>,
    sender: SenderMarks | null,
  ): { media: string[]; device: string } {
    const { site, trunk, direction, device } = mediaPlace(this.parts.groups(), record, sender);
    return { media: [site, trunk, direction, codecLabel(record.codec)], device };
  }
}

const NAMES = {
  jitter: 'earshot_interval_jitter_seconds',
  pdv: 'earshot_interval_pdv_p95_seconds',
  loss: 'earshot_interval_loss_ratio',
  discard: 'earshot_interval_discard_ratio',
  rFactor: 'earshot_interval_r_factor',
  mosLq: 'earshot_interval_mos_lq',
  mosCq: 'earshot_interval_mos_cq',
  streamMosLq: 'earshot_stream_mos_lq',
  streamLoss: 'earshot_stream_loss_ratio',
  lossRun: 'earshot_stream_longest_loss_run_packets',
  streamJitter: 'earshot_stream_jitter_seconds',
  roundTrip: 'earshot_rtcp_round_trip_seconds',
} as const;

function none(): Record<Counted, number> {
  return { packets: 0, expected: 0, lost: 0, discarded: 0, duplicates: 0, reordered: 0 };
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

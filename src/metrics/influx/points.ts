import type { LiveInterval, LiveRecord, StatusRecord } from '../../live/live-records.ts';
import type { SenderMarks } from '../../records/interval-record.ts';
import { dropOldest } from '../../records/oldest.ts';
import type { ReportCall, ReportFinding, ReportStream } from '../../report/contract.ts';
import { microsOf } from '../../report/iso-time.ts';
import { codecLabel } from '../codec-label.ts';
import type { Groups } from '../groups/groups.ts';
import { callPlace, mediaPlace } from '../groups/placed.ts';
import { type LabelSpaces, labelSpaces } from '../label-spaces.ts';
import { NO_GROUP } from '../label-text.ts';
import { WaitingFindings } from '../waiting-findings.ts';
import { MEASUREMENT_NAMES, MEASUREMENTS, type MeasurementName } from './catalogue.ts';
import type { Point } from './line-protocol.ts';
import { intervalFields, streamFields } from './media-fields.ts';
import { callFields, findingFields, statusFields } from './other-fields.ts';

/** Streams whose sender is remembered until they are over; the oldest makes room. */
export const SENDERS_KEPT_MAX = 65_536;

export interface PointsOptions {
  /** Name of the probe. */
  probe: string;
  groups: Groups;
  /** Sets of tags that each measurement may have, but for tags with few values. */
  labelSets?: number;
  /** All unless given. */
  measurements?: readonly MeasurementName[];
}

/** Makes points of the records that a live probe tells. */
export class Points {
  private readonly options: PointsOptions;
  private readonly wanted: ReadonlySet<MeasurementName>;
  private readonly spaces: LabelSpaces;
  private readonly senders = new Map<string, SenderMarks>();
  private readonly waiting: WaitingFindings;
  private groups: Groups;
  private made: Point[] = [];

  constructor(options: PointsOptions) {
    this.options = options;
    this.groups = options.groups;
    this.wanted = new Set(options.measurements ?? MEASUREMENT_NAMES);
    this.spaces = labelSpaces(options.labelSets);
    this.waiting = new WaitingFindings((finding, call) => this.finding(finding, call));
  }

  /** The points that these records are. A finding's comes with its call's. */
  of(records: readonly LiveRecord[]): Point[] {
    for (const record of records) this.record(record);
    const { made } = this;
    this.made = [];
    return made;
  }

  /** Puts streams and calls into other groups from now on. */
  regroup(groups: Groups): void {
    this.groups = groups;
  }

  private record(record: LiveRecord): void {
    switch (record.type) {
      case 'interval':
        this.interval(record);
        return;
      case 'stream':
        this.stream(record);
        return;
      case 'call':
        this.call(record);
        return;
      case 'finding':
        if (this.wanted.has('finding')) this.waiting.finding(record);
        return;
      case 'status':
        this.waiting.settle();
        this.status(record);
        for (const space of Object.values(this.spaces)) space.admit();
        return;
      case 'start':
        // Ids of streams begin anew.
        this.senders.clear();
        this.waiting.settle();
        return;
      case 'capture':
        this.waiting.settle();
    }
  }

  private interval(record: LiveInterval): void {
    const { streamId, ssrc, src, dst } = record;
    const sender = this.senderOf(record);
    if (!this.wanted.has('rtp_interval')) return;
    const place = mediaPlace(this.groups, record, sender);
    const codec = codecLabel(record.codec);
    const { values } = this.spaces.media.resolve([place.site, place.trunk, place.direction, codec]);
    const identity = `${streamId} ${ssrc} ${src.ip} ${src.port} ${dst.ip} ${dst.port}`;
    const tags = [...values, record.scale ?? NO_GROUP];
    this.add('rtp_interval', tags, intervalFields(record), record.startTime, identity);
  }

  private stream(record: ReportStream): void {
    const sender = this.senders.get(record.id) ?? null;
    this.senders.delete(record.id);
    if (!this.wanted.has('rtp_stream')) return;
    const { site, trunk, direction, device } = mediaPlace(this.groups, record, sender);
    const { id, ssrc, src, dst, quality } = record;
    const labels = [site, trunk, direction, codecLabel(record.codec), device];
    const { values } = this.spaces.streams.resolve(labels);
    const identity = `${id} ${ssrc} ${src.ip} ${src.port} ${dst.ip} ${dst.port}`;
    const tags = [...values, quality?.scale ?? NO_GROUP];
    this.add('rtp_stream', tags, streamFields(record), record.endTime, identity);
  }

  private call(record: ReportCall): void {
    this.waiting.call(record);
    if (!this.wanted.has('sip_call')) return;
    const { site, trunk, direction } = callPlace(this.groups, record);
    const { values } = this.spaces.calls.resolve([site, trunk, direction]);
    const tags = [...values, record.state, record.verdict];
    this.add('sip_call', tags, callFields(record), record.endTime ?? record.startTime, record.callId);
  }

  private finding(record: ReportFinding, call: ReportCall | null): void {
    const place = call === null ? null : callPlace(this.groups, call);
    const labels = [record.code, record.severity, place?.site ?? NO_GROUP, place?.trunk ?? NO_GROUP];
    const { values } = this.spaces.findings.resolve(labels);
    const identity = `${record.code} ${record.callId} ${record.streamId} ${record.party} ${record.text}`;
    this.add('finding', values, findingFields(record), record.startTime, identity);
  }

  private status(record: StatusRecord): void {
    if (!this.wanted.has('probe_status')) return;
    this.add('probe_status', [], statusFields(record), record.time, '');
  }

  private add(
    measurement: MeasurementName,
    tags: readonly string[],
    fields: Point['fields'],
    time: string | null,
    identity: string,
  ): void {
    const entry = MEASUREMENTS[measurement];
    const timeUs = microsOf(time);
    this.made.push({ measurement, entry, tags: [this.options.probe, ...tags], fields, timeUs, identity });
  }

  private senderOf({ streamId, sender }: LiveInterval): SenderMarks | null {
    const { senders } = this;
    if (sender === null) return senders.get(streamId) ?? null;
    if (!senders.has(streamId) && senders.size >= SENDERS_KEPT_MAX) {
      dropOldest(senders);
    }
    senders.set(streamId, sender);
    return sender;
  }
}

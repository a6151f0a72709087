import type { Afterwards } from '../records/afterwards.ts';
import {
  ABOUT_DURATION,
  ABOUT_JITTER,
  ABOUT_LOSS,
  ABOUT_PRESENCE,
  ABOUT_TIME,
  MADE_BY_DROPS,
} from '../records/doubted-codes.ts';
import type { CallT38 } from '../records/t38-record.ts';
import type { Direction, FindingRecord, HeldBackRecord, StreamRecord } from '../records/types.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import { CallAges } from './call-age.ts';
import { DropMoments } from './drop-moments.ts';
import { withSilence } from './long-silence.ts';
import { LossInstants } from './loss-instants.ts';
import { isCaptureLoss, isReceived } from './received.ts';
import { Roaming } from './roaming.ts';
import { Senders } from './senders.ts';
import { SharedClock, stepsOf } from './shared-clock.ts';
import { type OnsetThresholds, SharedOnsets } from './shared-onset.ts';
import { Standstills } from './standstills.ts';
import { type DeathThresholds, StateTimeouts } from './state-timeout.ts';
import { TapView } from './tap-view.ts';
import { Thinning } from './thinning.ts';

/** How a call itself shows that the tap does not see the direction it lacks. */
export type Unseen = 'receiver_reports' | 'signalling';

/** Where media of a direction that is missing should have come from and gone to, as address words. */
export interface MissingWay {
  direction: Direction;
  src: Int32Array;
  dst: Int32Array;
}

/** A call that is over, as it is looked at beside the others. */
export interface CallBeside {
  streams: readonly StreamRecord[];
  findings: readonly FindingRecord[];
  /** The direction without media, where the other has some. */
  missing: MissingWay | null;
  /** Where both sides wanted media, where the call has none at all. */
  bare: { caller: Int32Array; callee: Int32Array } | null;
  /** What the call itself says about what the tap does not see. */
  unseen: Unseen | null;
  /** Streams of it were left out, because measuring did not keep up. */
  lacksStreams: boolean;
  /** Messages of its signalling that were not captured although they were sent. */
  missedMessages: number;
  /** Its fax, if it had one. */
  t38: CallT38 | null;
  /** Whose findings these are. */
  place: Pick<FindingRecord, 'callId' | 'startUs' | 'endUs'>;
}

/** What is left of a call's findings, and what was held back. */
export interface Judged {
  findings: FindingRecord[];
  heldBack: HeldBackRecord[];
}

/** The clock was set back, or packets of several clocks came together: from one time to another, us. */
export interface StepBack {
  fromUs: number;
  toUs: number;
}

/** How far the stamps of the capture can be believed, as far as the clock itself tells. */
export interface StampFaults {
  /** When the clock went back. */
  stepsBack: readonly StepBack[];
  /** They are all whole tens of milliseconds. */
  isCoarse: boolean;
  /** How they are given in batches; null when nobody has looked. */
  batches: StampBatches | null;
}

/** Packets of whoever stamped together. */
export interface StampBatches {
  /** Time from one batch to the next, ms; null where there are none. */
  distanceMs: number | null;
  /** Whether what a host sends is stamped so. */
  holds(ip: string): boolean;
}

/** What happened longer ago is forgotten where captures have no end; calls that are still to be judged may reach so far. */
const REMEMBERED_US = 3_600_000_000;

/** One packet in twenty off by this, ms, is jitter: of senders in perfect step coarse stamps make none. */
const JITTER_SEEN_MS = 5;

/**
 * What only shows when calls and streams are looked at side by side: the faults of the capture, which all of them
 * share, and causes that several of them have in common.
 */
export class Across {
  readonly losses = new LossInstants();
  readonly view = new TapView();
  readonly clock = new SharedClock();
  /** When the capturing machine lost packets itself; only live sources tell. */
  readonly drops = new DropMoments();
  /** When nothing at all was captured. */
  readonly standstills = new Standstills();
  /** Whether the capture holds a sample of the packets. */
  readonly thinning = new Thinning();
  private readonly senders = new Senders();
  private readonly roaming = new Roaming();
  private readonly ages = new CallAges();
  private readonly thresholds: { readonly expectedMin: number };
  private readonly onsets: SharedOnsets;
  private readonly timeouts: StateTimeouts;
  /** Calls of which the tap saw one direction only. */
  oneSided = 0;
  /** Streams that lack packets which their receivers had, and how many packets those are. */
  readonly captureLoss = { streams: 0, packets: 0 };
  /** Calls judged. */
  calls = 0;
  sawJitter = false;
  /** Streams whose jitter is made of stamps in batches. */
  batched = 0;
  private nextForgetUs = Number.NaN;

  constructor(thresholds: OnsetThresholds & DeathThresholds & { expectedMin: number }) {
    this.thresholds = thresholds;
    this.onsets = new SharedOnsets(thresholds);
    this.timeouts = new StateTimeouts(thresholds);
  }

  /** What found no room in any of its tables, and was not compared. */
  get refused(): number {
    const { losses, view, clock, senders, onsets, timeouts } = this;
    const parts = [losses, view, clock, senders, onsets, timeouts];
    return parts.reduce((sum, { refused }) => sum + refused, 0);
  }

  /** Takes the losses that streams had since the last time. */
  drain(rtp: RtpPlane): void {
    const { table } = rtp;
    if (table.lossFeed.length === 0) return;
    this.losses.drain(table.lossFeed, (slot) => rtp.keyOf(slot));
  }

  /** The same, and capture time moves on. */
  sweep(rtp: RtpPlane, timeUs: number): void {
    this.drain(rtp);
    this.losses.sweep(timeUs);
  }

  /** A call, or a stream without one, is over: what it tells about the capture. */
  note({ streams, findings, missing, bare, lacksStreams, missedMessages }: CallBeside): void {
    this.thinning.noteSignalling(missedMessages);
    if (bare !== null && !lacksStreams) this.view.callLacksAll(bare.caller, bare.callee);
    if (missing !== null && !lacksStreams) this.view.callLacks(missing.src, missing.dst);
    else if (new Set(streams.map(({ direction }) => direction)).size === 2) this.view.callSeenBothWays();
    for (const stream of streams) {
      if ((stream.ipdvMs.p95 ?? 0) > JITTER_SEEN_MS) this.sawJitter = true;
      this.losses.noteReports(stream);
      this.thinning.note(stream);
      this.standstills.noteReports(stream, findings);
      if (isCaptureLoss(stream)) {
        this.captureLoss.streams++;
        this.captureLoss.packets += stream.rtcp.lossOnlyAtProbe ?? 0;
      }
      this.senders.note(stream, findings, this.thresholds.expectedMin);
      this.clock.add(stream, stepsOf(stream, findings));
      this.roaming.note(stream);
      this.ages.note(stream);
    }
  }

  /** What can be said of a call, given all that is known by now. */
  judge(found: CallBeside, stamps: StampFaults): Judged {
    const findings: FindingRecord[] = [];
    const heldBack: HeldBackRecord[] = [];
    const reasons = new Map(found.streams.map((stream) => [stream.id, this.doubts(stream, found, stamps)]));
    for (const { batched } of reasons.values()) if (batched) this.batched++;
    for (const finding of found.findings) {
      const reason = this.reasonOf(finding, found, reasons) ?? this.clockReason(finding, stamps);
      if (reason === null) {
        const told = this.standstills.told(this.placed(finding, found.streams));
        findings.push(withSilence(told, found, this.view));
      } else
        heldBack.push({
          code: finding.code,
          streamId: finding.streamId,
          direction: finding.direction,
          reason,
        });
    }
    const placed = this.roaming.placed(findings, found.streams);
    const blind = this.blindFinding(found);
    if (blind !== null) placed.push(blind);
    return { findings: placed, heldBack };
  }

  /** A call, or a stream without one, was judged: what is left of its findings may be part of something larger. */
  judged({ streams, place }: CallBeside, findings: readonly FindingRecord[], nowUs: number): void {
    // A stream without signalling is no call, and nobody knows what it should have beside it.
    if (place.callId !== null) this.calls++;
    this.onsets.add(streams, findings, nowUs);
    this.timeouts.add(streams, findings, nowUs);
  }

  /** What several calls have in common and nobody adds to any more; at the end (infinity) all of it. */
  take(nowUs: number): FindingRecord[] {
    const { drops, standstills } = this;
    const onsets = this.onsets
      .take(nowUs)
      .filter((onset) => !drops.concerns(onset) && !standstills.explains(onset));
    return [...onsets, ...this.timeouts.take(nowUs)];
  }

  /**
   * Forgets what is too old to be compared with anything that still runs. For captures without end: a probe must
   * judge its tap, its mirror and its clock by what they do now, with room for what comes.
   */
  forget(nowUs: number): void {
    if (nowUs < this.nextForgetUs && nowUs > this.nextForgetUs - 2 * REMEMBERED_US) return;
    const first = Number.isNaN(this.nextForgetUs);
    this.nextForgetUs = nowUs + REMEMBERED_US;
    if (first) return;
    const beforeUs = nowUs - REMEMBERED_US;
    this.losses.forget(beforeUs);
    this.clock.forget(beforeUs);
    this.drops.forget(beforeUs);
    this.standstills.forget(beforeUs);
    this.thinning.forget(beforeUs);
    this.view.turn();
    this.senders.forget();
    this.ages.forget(beforeUs);
    this.batched = 0;
  }

  /** What is known at the end of a capture of calls that were judged before. */
  afterwards(): Afterwards {
    return { ages: this.ages.shared(), thinned: this.thinning.judgedBefore() };
  }

  private placed(finding: FindingRecord, streams: readonly StreamRecord[]): FindingRecord {
    const stream = streams.find(({ id }) => id === finding.streamId);
    if (stream === undefined) return finding;
    const aged = this.ages.placed(finding, stream);
    return finding.code === 'high_jitter' ? this.senders.placed(aged, stream) : aged;
  }

  private reasonOf(
    finding: FindingRecord,
    found: CallBeside,
    reasons: ReadonlyMap<string, Doubts>,
  ): string | null {
    const isAbsence = finding.code === 'one_way_media' || isPrivateAndMissing(finding, found);
    if (found.lacksStreams && (isAbsence || ABOUT_PRESENCE.has(finding.code))) return 'capture_drops';
    if (isAbsence) return this.unseenReason(found) === null ? null : 'capture_one_sided';
    if (finding.code === 'no_media') return this.isUnseen(found) ? 'capture_one_sided' : null;
    if (finding.code === 't38_loss' && finding.direction !== null) {
      const holes = found.t38?.[finding.direction]?.holes ?? [];
      return this.losses.isMirrorLossAt(holes) ? 'mirror_oversubscribed' : null;
    }
    const doubts = finding.streamId === null ? undefined : reasons.get(finding.streamId);
    if (doubts === undefined) return null;
    if (this.isMadeByDrops(finding, doubts)) return 'capture_drops';
    const ofLoss = finding.code !== 'periodic_impairment' || finding.evidence.kind === 'loss';
    if (doubts.loss && ABOUT_LOSS.has(finding.code) && ofLoss) return 'mirror_oversubscribed';
    if (doubts.captureLoss && ABOUT_LOSS.has(finding.code) && ofLoss && isReceived(finding, doubts.stream))
      return 'capture_drops';
    if (this.standstills.isOnlyHere(finding)) return 'capture_drops';
    if (doubts.thinned && ABOUT_LOSS.has(finding.code) && ofLoss) return 'capture_thinned';
    if (doubts.time && ABOUT_TIME.has(finding.code)) return 'capture_clock';
    const ofDelay = finding.code !== 'periodic_impairment' || finding.evidence.kind === 'delay';
    if (doubts.batched && ABOUT_JITTER.has(finding.code) && ofDelay) return 'capture_clock';
    if (finding.code !== 'clock_drift') return null;
    const { skewPpm } = finding.evidence;
    return typeof skewPpm === 'number' && this.clock.isShared(skewPpm) ? 'capture_clock' : null;
  }

  /** What the clock took for time was none: it was set while this lasted. */
  private clockReason({ code, startUs, endUs }: FindingRecord, { stepsBack }: StampFaults): string | null {
    if (!ABOUT_DURATION.has(code)) return null;
    const span = { startUs, endUs: endUs ?? startUs };
    const isSet = stepsBack.some((step) => spans(span, step)) || this.clock.isSetWithin(span);
    return isSet ? 'capture_clock' : null;
  }

  /** A wait for the next stamp makes jitter, and never more than from one batch to the next but one. */
  private isOfBatches({ src, pdvMs, ipdvMs }: StreamRecord, { batches }: StampFaults): boolean {
    const distanceMs = batches?.distanceMs ?? 0;
    if (batches === null || distanceMs < JITTER_SEEN_MS || (ipdvMs.p95 ?? 0) <= JITTER_SEEN_MS) return false;
    return (pdvMs.p95 ?? 0) <= 2 * distanceMs && batches.holds(src.ip);
  }

  /** The machine lost packets itself while this was going on, enough of them to explain it. */
  private isMadeByDrops(finding: FindingRecord, { dropLoss }: Doubts): boolean {
    if (!MADE_BY_DROPS.has(finding.code)) return false;
    return ABOUT_LOSS.has(finding.code) ? dropLoss : this.drops.concerns(finding);
  }

  private doubts(stream: StreamRecord, found: CallBeside, stamps: StampFaults): Doubts {
    const wentBack = stamps.stepsBack.some((step) => spans(stream, step));
    const stepped = stepsOf(stream, found.findings).some((step) => this.clock.isClockStep(step));
    return {
      stream,
      loss: this.losses.isMirrorLoss(stream),
      captureLoss: isCaptureLoss(stream),
      thinned: this.thinning.explains(stream),
      batched: this.isOfBatches(stream, stamps),
      dropLoss: this.drops.isDropLoss(stream),
      time: wentBack || stepped || (stamps.isCoarse && this.sawJitter),
    };
  }

  private unseenReason({ missing, unseen, lacksStreams }: CallBeside): BlindReason | null {
    if (missing === null || lacksStreams) return null;
    if (unseen !== null) return unseen;
    return this.view.isBlind(missing.src, missing.dst) ? 'never_seen' : null;
  }

  private isUnseen({ bare, lacksStreams }: CallBeside): boolean {
    return bare !== null && !lacksStreams && this.view.isBlindBetween(bare.caller, bare.callee);
  }

  private blindFinding(found: CallBeside): FindingRecord | null {
    const none = found.findings.find(({ code }) => code === 'no_media');
    if (none !== undefined && this.isUnseen(found)) {
      this.oneSided++;
      return {
        ...none,
        code: 'capture_one_sided',
        severity: 'info',
        text: 'the tap sees no media between the networks of the two sides: no call has ever shown any; whether there was any is not known',
        evidence: { ...none.evidence, reason: 'never_seen' },
      };
    }
    const reason = this.unseenReason(found);
    const { missing, place } = found;
    if (missing === null || reason === null) return null;
    const oneWay = found.findings.find(({ code }) => code === 'one_way_media');
    // Without an answer nobody knows that media was due; what the call itself shows of the tap says enough.
    if (oneWay === undefined && reason === 'never_seen') return null;
    this.oneSided++;
    const [from, to] = missing.direction === 'callerToCallee' ? ['caller', 'callee'] : ['callee', 'caller'];
    return {
      ...place,
      code: 'capture_one_sided',
      severity: 'info',
      streamId: null,
      direction: missing.direction,
      text: `the tap does not see media from ${from} to ${to}: ${BLIND_WORDS[reason]}`,
      evidence: { ...oneWay?.evidence, reason },
    };
  }
}

/** Whether something that was stamped may have begun before the clock was set back, and ended after it. */
function spans({ startUs, endUs }: { startUs: number; endUs: number }, { fromUs, toUs }: StepBack): boolean {
  return startUs < fromUs && endUs > toUs;
}

/** Whether a private address is blamed for media that was not seen. */
function isPrivateAndMissing({ code, severity, direction }: FindingRecord, { missing }: CallBeside): boolean {
  return code === 'private_sdp_address' && severity !== 'info' && direction === missing?.direction;
}

interface Doubts {
  stream: StreamRecord;
  loss: boolean;
  captureLoss: boolean;
  thinned: boolean;
  dropLoss: boolean;
  time: boolean;
  batched: boolean;
}

type BlindReason = Unseen | 'never_seen';

const BLIND_WORDS: Readonly<Record<BlindReason, string>> = {
  receiver_reports: 'its receiver reports packets that never came by here',
  signalling: 'of the signalling, too, only one side comes by here; whether there was any is not known',
  never_seen: 'no call has ever shown that direction; whether there was any is not known',
};

import { callRef } from '../live/call-ref.ts';
import type { LiveOngoing } from '../live/live-records.ts';
import { type AttemptOutcome, attemptOutcome } from '../records/attempt-outcome.ts';
import { emergencyFailed } from '../records/emergency-outcome.ts';
import { mediaDelayMs } from '../records/media-delay.ts';
import type { ReportCall, ReportFinding } from '../report/contract.ts';
import type { Groups } from './groups/groups.ts';
import { callPlace } from './groups/placed.ts';
import type { Histogram } from './histogram.ts';
import type { LabelSet, LabelSpace } from './label-space.ts';
import { labelValue, NO_GROUP } from './label-text.ts';
import type { MetricSet, SpacedCounter } from './metric-set.ts';
import { WaitingFindings } from './waiting-findings.ts';

const VERDICTS = ['healthy', 'signalling', 'media', 'both', 'unknown'] as const;
const ONGOING_CODES = [
  'one_way_media',
  'no_media',
  'media_stopped',
] as const satisfies readonly LiveOngoing['code'][];
const COUNTERS = {
  attempts: 'earshot_call_attempts_total',
  unresolved: 'earshot_calls_unresolved_total',
  ofScans: 'earshot_calls_of_scans_total',
  answered: 'earshot_calls_answered_total',
  failed: 'earshot_calls_failed_total',
  canceled: 'earshot_calls_canceled_total',
  redirected: 'earshot_calls_redirected_total',
  effective: 'earshot_calls_effective_total',
  networkEffective: 'earshot_calls_network_effective_total',
  ineffective: 'earshot_calls_ineffective_total',
  completed: 'earshot_calls_completed_total',
  unfinished: 'earshot_calls_unfinished_total',
  bids: 'earshot_call_bids_total',
  requests: 'earshot_call_requests_total',
  retransmissions: 'earshot_sip_retransmissions_total',
  emergency: 'earshot_emergency_calls_total',
  emergencyFailed: 'earshot_emergency_calls_failed_total',
} as const;
type Counted = keyof typeof COUNTERS;

/** Parts of the call metrics. */
export interface CallMetricsParts {
  set: MetricSet;
  spaces: Readonly<Record<'calls' | 'responses' | 'ongoing' | 'findings', LabelSpace>>;
  groups: () => Groups;
  nowMs: () => number;
}

/** Metrics of calls and findings. */
export class CallMetrics {
  private readonly parts: CallMetricsParts;
  private readonly counters: Readonly<Record<Counted, SpacedCounter>>;
  private readonly findings: SpacedCounter;
  private readonly responses: SpacedCounter;
  private readonly ongoing: SpacedCounter;
  private readonly postDial: Histogram;
  private readonly request: Histogram;
  private readonly disconnect: Histogram;
  private readonly duration: Histogram;
  private readonly answer: Histogram;
  private readonly ring: Histogram;
  private readonly media: Histogram;
  private readonly waiting = new WaitingFindings((finding, call) => this.countFinding(finding, call));

  constructor(parts: CallMetricsParts) {
    this.parts = parts;
    const { set } = parts;
    const counters = Object.entries(COUNTERS).map(([key, name]) => [key, set.spaced(name)]);
    this.counters = Object.fromEntries(counters) as Record<Counted, SpacedCounter>;
    this.findings = set.spaced('earshot_findings_total');
    this.ongoing = set.spaced('earshot_ongoing_calls_unheard_total');
    this.responses = set.spaced('earshot_call_final_responses_total');
    this.postDial = set.histogram('earshot_post_dial_delay_seconds');
    this.request = set.histogram('earshot_session_request_delay_seconds');
    this.disconnect = set.histogram('earshot_session_disconnect_delay_seconds');
    this.duration = set.histogram('earshot_call_duration_seconds');
    this.answer = set.histogram('earshot_answer_delay_seconds');
    this.ring = set.histogram('earshot_ring_seconds');
    this.media = set.histogram('earshot_media_delay_seconds');
  }

  /** Takes a finding. One about a call waits for the call, which knows where it belongs. */
  finding(finding: ReportFinding): void {
    this.waiting.finding(finding);
  }

  /** Takes a call that is over. */
  call(call: ReportCall): void {
    const place = callPlace(this.parts.groups(), call);
    const labels = [place.site, place.trunk, place.direction] as const;
    const set = this.parts.spaces.calls.resolve(labels);
    this.waiting.call(call);
    this.addOngoing(place.site, place.trunk, null, null);
    for (const name of Object.keys(this.counters) as Counted[]) this.counters[name].add(set, 0);
    if (!call.signalling.ofScan) {
      this.counters.requests.add(set, call.signalling.requests);
      this.counters.retransmissions.add(set, call.signalling.retransmissions);
    }
    const failed = emergencyFailed(call);
    if (failed !== null) this.counters.emergency.add(set, 1);
    if (failed === true) this.counters.emergencyFailed.add(set, 1);
    const total = this.parts.set.counter('earshot_calls_total');
    for (const verdict of VERDICTS) total.inc({ ...set.labels, verdict }, verdict === call.verdict ? 1 : 0);
    for (const { reason } of call.heldBack) {
      this.parts.set.counter('earshot_findings_held_back_total').inc({ reason: labelValue(reason) });
    }
    const ref = callRef(call.callId);
    const disconnectMs = call.signalling.sessionDisconnectDelayMs;
    this.disconnect.observe(set.index, set.text, seconds(disconnectMs), ref, this.parts.nowMs());
    // Without its INVITE a call is no attempt that this point has seen.
    if (call.signalling.tries > 0) this.attempt(call, labels, set, ref);
  }

  /** Takes what is told of a call that is up. */
  unheard(record: LiveOngoing): void {
    const { groups } = this.parts;
    const { site, trunk } = callPlace(groups(), record);
    this.addOngoing(site, trunk, record.emergency ? 'yes' : 'no', record.code);
  }

  /** Adds one; the series of a place stand with 0 before, or nobody would see an increase by the first. */
  private addOngoing(site: string, trunk: string, emergency: string | null, code: string | null): void {
    for (const of of ONGOING_CODES) {
      for (const kind of ['yes', 'no']) {
        const set = this.parts.spaces.ongoing.resolve([site, trunk, of, kind]);
        this.ongoing.add(set, of === code && kind === emergency ? 1 : 0);
      }
    }
  }

  /** Findings whose call was not told are counted without it. To be called every few seconds. */
  settle(): void {
    this.waiting.settle();
  }

  private attempt(
    call: ReportCall,
    place: readonly [site: string, trunk: string, direction: string],
    set: LabelSet,
    ref: string,
  ): void {
    const { signalling, finalCode, state, setup } = call;
    const { counters, parts } = this;
    const [site, trunk, direction] = place;
    const rang = setup.postDialDelayMs !== null;
    const { ofScan } = signalling;
    const outcome = attemptOutcome({ state, finalCode, answerSeen: call.answerTime !== null, rang, ofScan });
    if (outcome.ofScan) {
      counters.ofScans.add(set, 1);
      return;
    }
    this.responses.add(parts.spaces.responses.resolve([site, trunk, direction, codeLabel(finalCode)]), 1);
    if (!outcome.resolved) {
      counters.unresolved.add(set, 1);
      return;
    }
    const challenged = signalling.refusals.filter((code) => code === 401 || code === 407).length;
    counters.attempts.add(set, 1);
    counters.bids.add(set, signalling.tries - challenged);
    this.countOutcome(call, outcome, set);
    this.observeDelays(call, outcome.answered, set, ref);
    if (outcome.answered) this.session(call, set, ref);
  }

  private countOutcome({ state }: ReportCall, outcome: AttemptOutcome, set: LabelSet): void {
    const { counters } = this;
    const { answered, redirected, userOutcome, afterRinging, ineffective } = outcome;
    if (answered) counters.answered.add(set, 1);
    else if (state === 'failed') counters.failed.add(set, 1);
    else if (state === 'canceled') counters.canceled.add(set, 1);
    if (redirected) counters.redirected.add(set, 1);
    if (answered || userOutcome) counters.effective.add(set, 1);
    if (answered || userOutcome || afterRinging) counters.networkEffective.add(set, 1);
    if (ineffective) counters.ineffective.add(set, 1);
  }

  private observeDelays(call: ReportCall, isAnswered: boolean, set: LabelSet, ref: string): void {
    const { signalling, setup } = call;
    const rang = setup.postDialDelayMs !== null;
    // Taken back before it rang: how long it would have taken is not known.
    if (!rang && call.state === 'canceled') return;
    const nowMs = this.parts.nowMs();
    const succeeded = isAnswered || rang;
    const outcome = succeeded ? 'success' : 'failure';
    const text = `${set.text},outcome="${outcome}"`;
    const requestS = seconds(signalling.sessionRequestDelayMs);
    this.request.observe(set.index * 2 + (succeeded ? 0 : 1), text, requestS, ref, nowMs);
    const postDialMs =
      setup.postDialDelayMs ?? setup.answerDelayMs ?? (call.finalCode === null ? null : call.durationMs);
    this.postDial.observe(set.index, set.text, seconds(postDialMs), ref, nowMs);
    this.ring.observe(set.index, set.text, seconds(signalling.ringMs), ref, nowMs);
  }

  private session(call: ReportCall, set: LabelSet, ref: string): void {
    const { counters } = this;
    const nowMs = this.parts.nowMs();
    this.answer.observe(set.index, set.text, seconds(call.setup.answerDelayMs), ref, nowMs);
    this.media.observe(set.index, set.text, seconds(mediaDelayMs(call)), ref, nowMs);
    if (call.endTime === null || call.answerTime === null) {
      counters.unfinished.add(set, 1);
      return;
    }
    if (call.signalling.sessionDisconnectDelayMs !== null) counters.completed.add(set, 1);
    const { durationMs, setup } = call;
    const talkMs = durationMs === null ? null : durationMs - (setup.answerDelayMs ?? 0);
    this.duration.observe(set.index, set.text, seconds(talkMs), ref, nowMs);
  }

  private countFinding({ code, severity }: ReportFinding, call: ReportCall | null): void {
    const place = call === null ? null : callPlace(this.parts.groups(), call);
    const { site, trunk } = place ?? { site: NO_GROUP, trunk: NO_GROUP };
    this.findings.add(this.parts.spaces.findings.resolve([labelValue(code), severity, site, trunk]), 1);
  }
}

function codeLabel(code: number | null): string {
  if (code === null) return NO_GROUP;
  return code >= 100 && code <= 699 ? String(code) : 'other';
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

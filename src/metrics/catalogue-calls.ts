import type { MetricEntry } from './catalogue.ts';

export const CALL_LABELS = ['site', 'trunk', 'direction'] as const;
export const RESPONSE_LABELS = [...CALL_LABELS, 'code'] as const;
export const ONGOING_LABELS = ['site', 'trunk', 'code', 'emergency'] as const;
export const FINDING_LABELS = ['code', 'severity', 'site', 'trunk'] as const;

const per = (numerator: string, denominator = 'earshot_call_attempts_total'): string =>
  `sum by (trunk) (rate(${numerator}[15m])) / sum by (trunk) (rate(${denominator}[15m]))`;
const notRedirected = (numerator: string, sum = 'sum'): string =>
  `${sum}(rate(${numerator}[15m])) / (${sum}(rate(earshot_call_attempts_total[15m])) - ${sum}(rate(earshot_calls_redirected_total[15m])))`;
const p95 = (name: string): string =>
  `histogram_quantile(0.95, sum by (le, trunk) (rate(${name}_bucket[15m])))`;

function calls(meaning: string, query: string) {
  return { type: 'counter', unit: 'calls', labels: CALL_LABELS, meaning, query } as const;
}

function seconds(labels: readonly string[], meaning: string, query: string) {
  return { type: 'histogram', unit: 'seconds', labels, meaning, query } as const;
}

export const CALL_METRICS = {
  earshot_calls: {
    type: 'gauge',
    unit: 'calls',
    labels: [],
    meaning: 'Calls that are answered and not over.',
    query: 'max_over_time(earshot_calls[1h])',
  },
  earshot_calls_followed: {
    type: 'gauge',
    unit: 'calls',
    labels: [],
    meaning: 'Calls that the probe follows: those that are set up, up, or wait for their last packets.',
    query: 'earshot_calls_followed',
  },
  earshot_calls_total: {
    type: 'counter',
    unit: 'calls',
    labels: [...CALL_LABELS, 'verdict'],
    meaning: 'Calls that are over, by what was wrong with them: healthy, signalling, media, both, unknown.',
    query:
      'sum by (site) (rate(earshot_calls_total{verdict=~"media|both"}[15m])) / sum by (site) (rate(earshot_calls_total[15m]))',
  },
  earshot_call_attempts_total: calls(
    'Call attempts with a known outcome. A challenged, redirected or repeated INVITE is one attempt.',
    'sum by (trunk) (rate(earshot_call_attempts_total[5m]))',
  ),
  earshot_calls_unresolved_total: calls(
    'Attempts whose outcome the probe did not see; they are in no ratio.',
    'sum(rate(earshot_calls_unresolved_total[15m]))',
  ),
  earshot_calls_of_scans_total: calls(
    'Attempts that were part of a scan (sip_scan); they are in no ratio.',
    'sum(rate(earshot_calls_of_scans_total[15m]))',
  ),
  earshot_calls_answered_total: calls(
    'Attempts that were answered. ASR is their share of the attempts; SER leaves out redirected ones.',
    per('earshot_calls_answered_total'),
  ),
  earshot_calls_failed_total: calls(
    'Attempts that were refused or timed out; busy and declined ones are among them, cancelled ones are not.',
    per('earshot_calls_failed_total'),
  ),
  earshot_calls_canceled_total: calls(
    'Attempts that the caller took back.',
    per('earshot_calls_canceled_total'),
  ),
  earshot_calls_redirected_total: calls(
    'Attempts that ended with a 3xx. They are not in the denominators of SER and SEER (RFC 6076), nor of NER.',
    notRedirected('earshot_calls_answered_total'),
  ),
  earshot_calls_effective_total: calls(
    'Attempts answered or ended by the callee (480, 486, 600, 603): numerator of SEER (RFC 6076 4.7).',
    notRedirected('earshot_calls_effective_total'),
  ),
  earshot_calls_network_effective_total: calls(
    'Those and attempts given up or timed out after ringing: numerator of NER (ITU-T E.425).',
    notRedirected('earshot_calls_network_effective_total', 'sum by (trunk) '),
  ),
  earshot_calls_ineffective_total: calls(
    'Attempts that ended with 408, 500, 503, 504 or no answer at all: numerator of ISA (RFC 6076 4.8).',
    per('earshot_calls_ineffective_total'),
  ),
  earshot_calls_completed_total: calls(
    'Sessions that ended with an answered BYE: numerator of SCR (RFC 6076 4.9).',
    'sum(rate(earshot_calls_completed_total[15m])) / (sum(rate(earshot_call_attempts_total[15m])) - sum(rate(earshot_calls_unfinished_total[15m])))',
  ),
  earshot_calls_unfinished_total: calls(
    'Answered calls whose end the probe did not see; they are not in the denominator of SCR.',
    per('earshot_calls_unfinished_total'),
  ),
  earshot_emergency_calls_total: calls(
    'Emergency calls that are over (`signalling.emergencyNumbers`, `urn:service:sos`).',
    per('earshot_emergency_calls_total'),
  ),
  earshot_emergency_calls_failed_total: calls(
    'Those of them that were not answered or were cut off, where one side could not hear the other, or with a critical finding.',
    'sum(increase(earshot_emergency_calls_failed_total[10m])) > 0',
  ),
  earshot_ongoing_calls_unheard_total: {
    type: 'counter',
    unit: 'calls',
    labels: ONGOING_LABELS,
    meaning:
      'Calls in which one side did not hear the other (`one_way_media`), or nobody anybody (`no_media`), told while they were up, about twelve seconds after the answer, or ceased to (`media_stopped`), ten seconds after that, or 35 while it is not known that silence is sent; `emergency` is yes or no.',
    query: 'sum(increase(earshot_ongoing_calls_unheard_total{emergency="yes"}[10m])) > 0',
  },
  earshot_call_bids_total: {
    ...calls(
      'INVITEs tried, those that were challenged left out: denominator of ABR.',
      per('earshot_calls_answered_total', 'earshot_call_bids_total'),
    ),
    unit: 'requests',
  },
  earshot_call_final_responses_total: {
    type: 'counter',
    unit: 'calls',
    labels: RESPONSE_LABELS,
    meaning: 'Attempts by their final response; `none` for those that got none.',
    query: 'topk(5, sum by (trunk, code) (rate(earshot_call_final_responses_total{code!="200"}[15m])))',
  },
  earshot_post_dial_delay_seconds: seconds(
    CALL_LABELS,
    'First INVITE to ringing, early media, or the final response, of each attempt.',
    p95('earshot_post_dial_delay_seconds'),
  ),
  earshot_session_request_delay_seconds: seconds(
    [...CALL_LABELS, 'outcome'],
    'First INVITE to the first provisional response above 100, or the final one (RFC 6076 4.3), of each attempt.',
    p95('earshot_session_request_delay_seconds'),
  ),
  earshot_answer_delay_seconds: seconds(
    CALL_LABELS,
    'First INVITE to the answer, of each answered call.',
    p95('earshot_answer_delay_seconds'),
  ),
  earshot_ring_seconds: seconds(
    CALL_LABELS,
    'Ringing to the answer or to whatever else ended it, of each attempt that rang.',
    p95('earshot_ring_seconds'),
  ),
  earshot_media_delay_seconds: seconds(
    CALL_LABELS,
    'Answer to the first media, the slower way, of each answered call with media; 0 where it was flowing before.',
    p95('earshot_media_delay_seconds'),
  ),
  earshot_session_disconnect_delay_seconds: seconds(
    CALL_LABELS,
    'BYE to its 2xx (RFC 6076 4.4), of each call.',
    p95('earshot_session_disconnect_delay_seconds'),
  ),
  earshot_call_duration_seconds: seconds(
    CALL_LABELS,
    'Answer to end of each answered call.',
    'sum by (trunk) (rate(earshot_call_duration_seconds_sum[1h])) / sum by (trunk) (rate(earshot_call_duration_seconds_count[1h]))',
  ),
  earshot_call_requests_total: {
    ...calls('Requests of calls that are over, each once.', 'sum(rate(earshot_call_requests_total[5m]))'),
    unit: 'requests',
  },
  earshot_sip_retransmissions_total: {
    ...calls(
      'Requests and responses of calls that are over, sent again by a timer.',
      per('earshot_sip_retransmissions_total', 'earshot_call_requests_total'),
    ),
    unit: 'messages',
  },
  earshot_sip_requests_total: {
    type: 'counter',
    unit: 'messages',
    labels: ['method'],
    meaning: 'SIP requests seen, each hop and each repetition for itself.',
    query: 'sum by (method) (rate(earshot_sip_requests_total[5m]))',
  },
  earshot_sip_responses_total: {
    type: 'counter',
    unit: 'messages',
    labels: ['code'],
    meaning: 'SIP responses seen, each hop and each repetition for itself.',
    query: 'sum by (code) (rate(earshot_sip_responses_total{code=~"5.."}[5m]))',
  },
  earshot_registrations: {
    type: 'gauge',
    unit: 'bindings',
    labels: [],
    meaning: 'Bindings of users and contacts that are registered now.',
    query: 'earshot_registrations / max_over_time(earshot_registrations[1d])',
  },
  earshot_trunks: {
    type: 'gauge',
    unit: 'trunks',
    labels: ['state'],
    meaning: 'Targets of OPTIONS by how they stand: up, down, or unknown while neither is sure.',
    query: 'earshot_trunks{state="down"} > 0',
  },
  earshot_trunk_up: {
    type: 'gauge',
    unit: '1',
    labels: ['target'],
    meaning:
      '1 while a target of OPTIONS answers, 0 while it does not, the share in between where several hosts ask it and not all are answered. The first 256 targets; `earshot_trunks` counts all.',
    query: 'earshot_trunk_up < 1',
  },
  earshot_trunk_response_seconds: {
    type: 'gauge',
    unit: 'seconds',
    labels: ['target'],
    meaning:
      'OPTIONS to its answer, the last time a target answered; the slowest where several hosts ask it. The same targets as `earshot_trunk_up`.',
    query: 'earshot_trunk_response_seconds > 0.5',
  },
  earshot_registrations_total: {
    type: 'counter',
    unit: 'rounds',
    labels: ['outcome'],
    meaning:
      'Rounds of REGISTER that came to an end, a challenge or redirection and what follows it being one: succeeded, failed (IRA), or failed as part of a scan or of password guessing (of_scans).',
    query:
      'sum(rate(earshot_registrations_total{outcome="failed"}[15m])) / sum(rate(earshot_registrations_total{outcome!="of_scans"}[15m]))',
  },
  earshot_findings_total: {
    type: 'counter',
    unit: 'findings',
    labels: FINDING_LABELS,
    meaning: 'Findings by their code (docs/findings.md).',
    query: 'topk(10, sum by (code) (rate(earshot_findings_total{severity!="info"}[15m])))',
  },
  earshot_findings_held_back_total: {
    type: 'counter',
    unit: 'findings',
    labels: ['reason'],
    meaning: 'Findings that were not raised because the capture may explain them.',
    query: 'sum by (reason) (rate(earshot_findings_held_back_total[15m]))',
  },
} as const satisfies Record<string, MetricEntry>;

import type { Limits } from './limits.ts';
import { line } from './line.ts';
import {
  gauge,
  highest,
  increase,
  lowest,
  mean,
  quotient,
  rate,
  ratio,
  servedShare,
  within,
} from './promql.ts';
import { todayAndLastWeek } from './series.ts';
import { delays } from './signalling-delays.ts';
import type { DashboardSpec, Section, Target } from './spec.ts';

const QUARTER = '15m';

/** Attempts and what became of them, delays, registrations, trunks. */
export function signalling(limits: Limits): DashboardSpec {
  return {
    uid: 'earshot-signalling',
    title: 'Earshot / Signalling',
    about: 'Attempts, their outcomes and delays by RFC 6076, responses, registrations, trunks.',
    source: 'prometheus',
    grouped: true,
    windowed: false,
    sections: [
      calls(limits),
      ratios(limits),
      delays(limits),
      messages(),
      registrations(limits),
      trunks(limits),
    ],
  };
}

const OUTCOMES = [
  ['answered', 'earshot_calls_answered_total'],
  ['failed', 'earshot_calls_failed_total'],
  ['taken back', 'earshot_calls_canceled_total'],
  ['redirected', 'earshot_calls_redirected_total'],
  ['end not seen', 'earshot_calls_unresolved_total'],
  ['of scans', 'earshot_calls_of_scans_total'],
] as const;

function calls(limits: Limits): Section {
  const emergency = limits.window('EmergencyCallFailed');
  return {
    title: 'Calls',
    panels: [
      line({
        title: 'Calls up',
        shows: 'Calls that are answered and not over, today and at the same hour last week.',
        worry: 'When today is far from last week, up or down: a campaign, a loop, a trunk that is silent.',
        unit: 'short',
        targets: todayAndLastWeek(({ offset }) =>
          gauge('earshot_calls', offset === undefined ? {} : { offset }),
        ),
      }),
      line({
        title: 'Attempts by outcome',
        shows:
          'Per minute. Busy and declined calls count as failed; users taking back their call do not. Redirected ones are among the failed.',
        worry:
          'When failed grows and answered does not. Ends that are not seen mean that the tap misses signalling.',
        unit: 'cpm',
        targets: OUTCOMES.map(([legend, name]) => ({ expr: `60 * ${rate(name)}`, legend })),
      }),
      line({
        title: 'Length of calls',
        shows: 'Mean of the calls that ended within 15 minutes.',
        worry: 'When it falls while answers stay: people hang up and try again.',
        unit: 's',
        targets: [{ expr: mean('earshot_call_duration_seconds', { window: QUARTER }), legend: 'mean' }],
      }),
      line({
        title: 'Short calls',
        shows: 'Part of the answered calls that were over within 5 s.',
        worry: 'When it rises: one-way audio, or an announcement that answers. Findings tell them apart.',
        unit: 'percentunit',
        targets: [
          { expr: within('earshot_call_duration_seconds', 5, { window: QUARTER }), legend: 'up to 5 s' },
        ],
      }),
      line({
        title: 'Unheard while up',
        shows:
          'Calls in which somebody was not heard, told while they are up, within ten minutes; emergency calls apart.',
        worry: 'When there is an emergency call among them (EmergencyCallUnheard): call back, now.',
        unit: 'short',
        limit: limits.of('EmergencyCallUnheard'),
        targets: [
          {
            expr: increase('earshot_ongoing_calls_unheard_total', {
              by: ['code'],
              window: limits.window('EmergencyCallUnheard'),
            }),
            legend: '{{code}}',
          },
          {
            expr: increase('earshot_ongoing_calls_unheard_total', {
              where: ['emergency="yes"'],
              window: limits.window('EmergencyCallUnheard'),
            }),
            legend: 'emergency calls',
          },
        ],
      }),
      line({
        title: 'Emergency calls',
        shows:
          'Within ten minutes: those that are over, and those of them that failed: not answered, cut off, or one side unheard.',
        worry:
          'When one failed. The first of a site or trunk is not seen by Prometheus; the probe itself raises that, too.',
        unit: 'short',
        limit: limits.of('EmergencyCallFailed'),
        targets: [
          { expr: increase('earshot_emergency_calls_total', { window: emergency }), legend: 'all' },
          { expr: increase('earshot_emergency_calls_failed_total', { window: emergency }), legend: 'failed' },
        ],
      }),
    ],
  };
}

function ratios(limits: Limits): Section {
  const window = limits.window('ServiceFailing');
  const attempts = rate('earshot_call_attempts_total', { window });
  const direct = `(${attempts} - ${rate('earshot_calls_redirected_total', { window })})`;
  const over = (name: Parameters<typeof rate>[0], denominator: string): string =>
    quotient(rate(name, { window }), denominator);
  return {
    title: 'Ratios',
    panels: [
      line({
        title: 'Network effectiveness (NER)',
        shows:
          'Attempts that the network served: answered, busy, declined, or given up after ringing (ITU-T E.425).',
        worry: 'When it drops below the line. Final responses below say what the network answered.',
        unit: 'percentunit',
        max: 1,
        limit: limits.of('ServiceFailing'),
        targets: [{ expr: servedShare({ window }), legend: 'NER' }],
      }),
      line({
        title: 'Answer-seizure ratio (ASR)',
        shows: 'Attempts that were answered, today and at the same hour last week.',
        worry:
          'When it is below the line, or half of last week: the alert compares with the usual hour, too.',
        unit: 'percentunit',
        max: 1,
        limit: limits.of('AnswerRatioLow'),
        targets: todayAndLastWeek((offset) =>
          ratio('earshot_calls_answered_total', 'earshot_call_attempts_total', { window, ...offset }),
        ),
      }),
      line({
        title: 'Ratios of RFC 6076',
        shows:
          'SER answered, SEER answered or ended by the callee, of attempts without redirected ones; SCR sessions that ended in order; ABR answers by requests.',
        worry:
          'When SER falls and SEER stays, users do not answer; when both fall, the network fails. ABR far below SER: many retries.',
        unit: 'percentunit',
        max: 1,
        targets: [
          { expr: over('earshot_calls_answered_total', direct), legend: 'SER' },
          { expr: over('earshot_calls_effective_total', direct), legend: 'SEER' },
          {
            expr: over(
              'earshot_calls_completed_total',
              `(${attempts} - ${rate('earshot_calls_unfinished_total', { window })})`,
            ),
            legend: 'SCR',
          },
          {
            expr: over('earshot_calls_answered_total', rate('earshot_call_bids_total', { window })),
            legend: 'ABR',
          },
        ],
      }),
      line({
        title: 'Ineffective attempts (ISA)',
        shows: 'Attempts that ended with 408, 500, 503, 504 or no answer at all (RFC 6076 4.8).',
        worry: 'When it rises: servers are overloaded or gone. What users do is not in it.',
        unit: 'percentunit',
        targets: [{ expr: over('earshot_calls_ineffective_total', attempts), legend: 'ISA' }],
      }),
    ],
  };
}

function messages(): Section {
  return {
    title: 'Messages',
    panels: [
      line({
        title: 'Final responses of calls',
        shows:
          'Attempts per minute by final response and trunk, successes left out, ten most frequent; `none` got none.',
        worry:
          'When 5xx or none appear: servers. 403 and 404 in masses: somebody scans or a routing table is wrong.',
        unit: 'cpm',
        targets: [
          {
            expr: `topk(10, 60 * ${rate('earshot_call_final_responses_total', { by: ['code', 'trunk'], where: ['code!~"2.."'] })})`,
            legend: '{{code}} {{trunk}}',
          },
        ],
      }),
      line({
        title: 'Requests by method',
        shows: 'SIP requests per second, each hop and each repetition for itself.',
        worry:
          'When REGISTER or OPTIONS multiply: a storm. When INVITE does without more calls: repetitions or a loop.',
        unit: 'reqps',
        targets: [{ expr: rate('earshot_sip_requests_total', { by: ['method'] }), legend: '{{method}}' }],
      }),
      line({
        title: 'Responses by status',
        shows:
          'SIP responses per second without 100 and 200, each hop and each repetition for itself, ten most frequent.',
        worry: 'When 503 or 408 appear, or 401 is not followed by success.',
        unit: 'reqps',
        targets: [
          {
            expr: `topk(10, ${rate('earshot_sip_responses_total', { by: ['code'], where: ['code!~"100|200"'] })})`,
            legend: '{{code}}',
          },
        ],
      }),
    ],
  };
}

function trunks(limits: Limits): Section {
  return {
    title: 'Trunks',
    panels: [
      line({
        title: 'Trunks by state',
        shows:
          'Targets of OPTIONS: those that answer, those that do not, and those of which neither is sure yet.',
        worry: 'When one is down: no call gets through there, and nobody has called yet to find out.',
        unit: 'short',
        stacked: true,
        targets: [{ expr: gauge('earshot_trunks', { by: ['state'] }), legend: '{{state}}' }],
      }),
      line({
        title: 'Answers to OPTIONS',
        shows: 'How long the last answer of each trunk took, ten slowest.',
        worry: 'When one becomes slow: a trunk that is about to fail, or a way to it that is.',
        unit: 's',
        targets: [
          {
            expr: `topk(10, ${highest('earshot_trunk_response_seconds', ['target'])})`,
            legend: '{{target}}',
          },
        ],
      }),
      line({
        title: 'Trunks that do not answer',
        shows:
          'The ten worst of those that are not up: 100 % where nobody who asks is answered, less where some are.',
        worry: 'When there is one at all (TrunkDown): call the provider, or look at the firewall in between.',
        unit: 'percentunit',
        max: 1,
        nothing: 'all answer',
        limit: limits.of('TrunkDown'),
        targets: [
          {
            expr: `topk(10, 1 - ${lowest('earshot_trunk_up', ['target'], limits.window('TrunkDown'))} > 0)`,
            legend: '{{target}}',
          },
        ],
      }),
    ],
  };
}

function registrations(limits: Limits): Section {
  const failed: Target = {
    expr: ratio(
      'earshot_registrations_total',
      'earshot_registrations_total',
      { window: limits.window('RegistrationsFailing'), where: ['outcome!="of_scans"'] },
      ['outcome="failed"'],
    ),
    legend: 'failed',
  };
  return {
    title: 'Registrations',
    panels: [
      line({
        title: 'Registered now',
        shows: 'Bindings of users and contacts, today and at the same hour last week.',
        worry:
          'When it falls by many at once: a site has lost its way to the registrar. After a start of the probe it grows for an hour.',
        unit: 'short',
        targets: todayAndLastWeek(({ offset }) =>
          gauge('earshot_registrations', offset === undefined ? {} : { offset }),
        ),
      }),
      line({
        title: 'Rounds of REGISTER',
        shows: 'Per minute by outcome; a challenge and its answer are one round.',
        worry: 'When it is ten times the usual (RegistrationStorm): a restart of everything, or an attack.',
        unit: 'cpm',
        stacked: true,
        targets: [
          { expr: `60 * ${rate('earshot_registrations_total', { by: ['outcome'] })}`, legend: '{{outcome}}' },
        ],
      }),
      line({
        title: 'Failed registrations',
        shows: 'Part of the rounds that failed, without those of scans and of password guessing.',
        worry: 'When it crosses the line: a password was changed, or the registrar is ill.',
        unit: 'percentunit',
        limit: limits.of('RegistrationsFailing'),
        targets: [failed],
      }),
    ],
  };
}

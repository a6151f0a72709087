import type { Limits } from './limits.ts';
import {
  CALLS_OF_FINDING,
  CALLS_OF_VERDICT,
  SITE_OF_SERIES,
  STATUS_PAGE,
  STREAMS,
  WORST_CALLS,
} from './links.ts';
import {
  gauge,
  guarded,
  increase,
  quantile,
  rate,
  ratio,
  sampleCount,
  servedShare,
  WINDOW,
  within,
} from './promql.ts';
import { badTail, todayAndLastWeek } from './series.ts';
import type { DashboardSpec, PanelSpec, Section } from './spec.ts';
import { alertsFiring, trust } from './trust-panels.ts';

const HOUR = '1h';

/** What a responder looks at first, in his order. */
export function overview(limits: Limits): DashboardSpec {
  return {
    uid: 'earshot-overview',
    title: 'Earshot / Overview',
    about: 'Call health first, then loss and jitter, then MOS; today against the same hour last week.',
    source: 'prometheus',
    grouped: true,
    windowed: true,
    sections: [now(limits), callHealth(limits), lossAndJitter(limits), scores(limits), where()],
  };
}

function now(limits: Limits): Section {
  return {
    title: 'Now',
    panels: [trust(), alertsFiring(), callsUp(), badCalls(), served(limits), answered(limits)],
  };
}

function callsUp(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Calls up',
    shows: 'Calls that are answered and not over, now.',
    worry:
      'When it is far from what is usual at this hour (Signalling has last week beside it): a trunk may be silent, or the tap.',
    unit: 'short',
    decimals: 0,
    targets: [{ expr: gauge('earshot_calls') }],
    links: [STATUS_PAGE],
  };
}

function badCalls(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Bad media',
    shows: 'Part of the calls that ended in the last hour whose media was bad, whatever the reason.',
    worry:
      'When it rises. No alert goes by it; the panels below say whether loss, jitter or something else is behind it.',
    unit: 'percentunit',
    decimals: 1,
    min: 0,
    targets: [
      {
        expr: ratio('earshot_calls_total', 'earshot_calls_total', { window: HOUR }, [
          'verdict=~"media|both"',
        ]),
      },
    ],
    links: [WORST_CALLS],
  };
}

function served(limits: Limits): PanelSpec {
  return {
    kind: 'stat',
    title: 'Service (NER)',
    shows: 'Attempts that the network served, whatever the users did (ITU-T E.425).',
    worry:
      'When it turns yellow: the network fails calls. Signalling shows which responses, Sites and trunks where.',
    unit: 'percentunit',
    decimals: 1,
    max: 1,
    targets: [
      {
        expr: servedShare({
          window: limits.window('ServiceFailing'),
        }),
      },
    ],
    limit: limits.of('ServiceFailing'),
  };
}

function answered(limits: Limits): PanelSpec {
  return {
    kind: 'stat',
    title: 'Answered (ASR)',
    shows: 'Attempts that were answered.',
    worry:
      'When it turns yellow, or is far below last week: people do not answer at night, so compare before waking anybody.',
    unit: 'percentunit',
    decimals: 1,
    max: 1,
    targets: [
      {
        expr: ratio('earshot_calls_answered_total', 'earshot_call_attempts_total', {
          window: limits.window('AnswerRatioLow'),
        }),
      },
    ],
    limit: limits.of('AnswerRatioLow'),
  };
}

function callHealth(limits: Limits): Section {
  const window = limits.window('ServiceFailing');
  return {
    title: 'Call health',
    panels: [
      {
        kind: 'series',
        title: 'Calls by verdict',
        shows: 'Calls that ended, per minute, by what was wrong with them.',
        worry:
          'When media, signalling or both grow at the cost of healthy. A click on a line leads to calls of that verdict.',
        unit: 'cpm',
        min: 0,
        stacked: true,
        targets: [
          { expr: `60 * ${rate('earshot_calls_total', { by: ['verdict'] })}`, legend: '{{verdict}}' },
        ],
        links: [CALLS_OF_VERDICT, STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Calls that the network served',
        shows: `Network effectiveness over ${window}, today and at the same hour last week.`,
        worry:
          'When today drops below the line: signalling or a trunk is in trouble. When last week looked the same, it is not new.',
        unit: 'percentunit',
        max: 1,
        limit: limits.of('ServiceFailing'),
        targets: todayAndLastWeek((offset) =>
          servedShare({
            window,
            ...offset,
          }),
        ),
        links: [STATUS_PAGE],
      },
    ],
  };
}

function lossAndJitter(limits: Limits): Section {
  return {
    title: 'Loss and jitter',
    panels: [
      badTail(limits, 'LossHighFast', {
        title: 'Loss',
        histogram: 'earshot_interval_loss_ratio',
        unit: 'percentunit',
        shows: 'One interval of five seconds in twenty lost more than this',
        worry:
          'When a line crosses the threshold: listeners hear gaps. All sites alike point at the core or the mirror, one site at its link.',
      }),
      badTail(limits, 'JitterHighFast', {
        title: 'Jitter',
        histogram: 'earshot_interval_jitter_seconds',
        unit: 's',
        shows: 'One interval in twenty had more mean jitter than this',
        worry:
          'When it crosses the threshold and Discard rises as well. Jitter that receivers absorb is no reason to call anybody.',
      }),
      badTail(limits, 'DiscardHigh', {
        title: 'Discard',
        histogram: 'earshot_interval_discard_ratio',
        unit: 'percentunit',
        shows: 'One interval in twenty had more packets that came too late to be played',
        worry: 'When it crosses the threshold: jitter is heard as loss. Look for a full queue or for Wi-Fi.',
      }),
      badTail(limits, 'PdvHigh', {
        title: 'Delay variation',
        histogram: 'earshot_interval_pdv_p95_seconds',
        unit: 's',
        shows: 'One interval in twenty varied by more than this in its own 95th percentile',
        worry: 'When it crosses the threshold: it is more than usual receiver buffers hold.',
      }),
    ],
  };
}

function scores(limits: Limits): Section {
  const bad = limits.bad('MosLowSlow');
  const window = limits.window('MosLowSlow');
  return {
    title: 'MOS',
    panels: [
      {
        kind: 'series',
        title: 'MOS, the bad tail',
        shows:
          'The listening MOS that one interval of twenty does not reach, by scale (NB, WB, FB are never mixed), today, last week, and of the worst site and trunk.',
        worry:
          'When it goes below the line, with loss, discard or delay above theirs: users complain already. Without any of these look at codecs.',
        unit: 'none',
        decimals: 2,
        min: 1,
        max: 5,
        limit: limits.of('MosLowFast'),
        targets: [
          ...todayAndLastWeek(
            (offset) =>
              quantile(0.05, 'earshot_interval_mos_lq', { by: ['scale'], window: WINDOW, ...offset }),
            '{{scale}} ',
          ),
          {
            expr: `min by (scale) (${guarded(
              quantile(0.05, 'earshot_interval_mos_lq', { by: ['site', 'trunk', 'scale'], window: WINDOW }),
              ['site', 'trunk'],
              sampleCount('earshot_interval_mos_lq', { by: ['site', 'trunk'], window: WINDOW }),
              limits.rule('MosLowFast').minSamples,
            )})`,
            legend: '{{scale}} worst site and trunk',
          },
        ],
        links: [STREAMS, WORST_CALLS],
      },
      {
        kind: 'series',
        title: 'Time that is poor',
        shows: `Part of the intervals of the last ${window} with a MOS below ${bad}, by scale.`,
        worry:
          'When it stays above the line: calls are poor all the time, and at no moment so bad that a fast alert would fire.',
        unit: 'percentunit',
        min: 0,
        limit: limits.of('MosLowSlow'),
        targets: todayAndLastWeek(
          (offset) => within('earshot_interval_mos_lq', bad, { by: ['scale'], window, ...offset }),
          '{{scale}} ',
        ),
        links: [STREAMS, WORST_CALLS],
      },
    ],
  };
}

function where(): Section {
  return {
    title: 'Where, and why',
    panels: [
      {
        kind: 'bars',
        title: 'Sites with the most bad calls',
        shows: 'Part of the calls of the last hour whose media was bad, ten worst sites.',
        worry: 'When one site stands out: its link or its devices. A click leads to the site alone.',
        unit: 'percentunit',
        min: 0,
        targets: [
          {
            expr: `topk(10, ${ratio(
              'earshot_calls_total',
              'earshot_calls_total',
              { by: ['site'], window: HOUR },
              ['verdict=~"media|both"'],
            )} >= 0)`,
            legend: '{{site}}',
            instant: true,
          },
        ],
        links: [SITE_OF_SERIES, WORST_CALLS],
      },
      {
        kind: 'bars',
        title: 'Findings of the last hour',
        shows: 'What was found most often, information left out.',
        worry:
          'docs/findings.md says of each what is usually behind it, what to look at first and who owns it. A click leads to the calls.',
        unit: 'short',
        min: 0,
        targets: [
          {
            expr: `topk(10, ${increase('earshot_findings_total', { by: ['code'], window: HOUR, where: ['severity!="info"'] })})`,
            legend: '{{code}}',
            instant: true,
          },
        ],
        links: [CALLS_OF_FINDING, STATUS_PAGE],
      },
    ],
  };
}

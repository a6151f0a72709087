import type { Limits } from './limits.ts';
import { CALLS_OF_FINDING, CALLS_OF_ROW, SITE_OF_ROW, STATUS_PAGE } from './links.ts';
import { increase, orNone, quotient, rate } from './promql.ts';
import type { DashboardSpec, PanelSpec, Section } from './spec.ts';

const HOUR = '1h';
const SERIOUS = ['severity!="info"'];
/** What a scan explains says nothing of the capture. */
const DOUBTED = ['reason!="sip_scan"'];

/** What was found, where, and what is new. */
export function findings(limits: Limits): DashboardSpec {
  return {
    uid: 'earshot-findings',
    title: 'Earshot / Findings',
    about: 'What was wrong with calls, by code, site and trunk. docs/findings.md explains each code.',
    source: 'prometheus',
    grouped: true,
    windowed: false,
    sections: [
      { title: 'The last hour', panels: [count('critical'), count('warning'), count('info'), heldBack()] },
      useless(limits),
      which(),
      whereAndWhen(limits),
    ],
  };
}

const COLORS = { critical: 'red', warning: 'orange', info: 'blue' } as const;

function count(severity: keyof typeof COLORS): PanelSpec {
  return {
    kind: 'stat',
    title: `${severity[0]!.toUpperCase()}${severity.slice(1)}`,
    shows: `Findings of severity ${severity} within the last hour.`,
    worry:
      severity === 'info'
        ? 'Never by itself: information explains others.'
        : 'When it is unusual for the hour. The bars below say what it is.',
    unit: 'short',
    decimals: 0,
    width: 6,
    targets: [
      { expr: increase('earshot_findings_total', { window: HOUR, where: [`severity="${severity}"`] }) },
    ],
    steps: [
      { value: null, color: 'green' },
      { value: 1, color: COLORS[severity] },
    ],
    nothing: '0',
    links: [STATUS_PAGE],
  };
}

function heldBack(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Held back',
    shows: 'Findings of the last hour that were not raised because the capture may explain them.',
    worry: 'When it is many: the capture hides what the network does. See Probe health and trust.',
    unit: 'short',
    decimals: 0,
    width: 6,
    targets: [{ expr: increase('earshot_findings_held_back_total', { window: HOUR, where: DOUBTED }) }],
    nothing: '0',
    links: [STATUS_PAGE],
  };
}

const USELESS = [
  ['OneWayMedia', 'One-way media', 'one_way_media', 'One side cannot hear the other: NAT, firewalls, SDP.'],
  ['NoMedia', 'No media', 'no_media', 'Answered, and nobody hears anything.'],
  ['MediaStopped', 'Media that stopped', 'media_stopped', 'Well at first, then silent: timeouts, links.'],
  [
    'ShortCalls',
    'Calls over at once',
    'short_call',
    'Over within 5 s: nobody hears anything, or a number that should not answer does.',
  ],
  ['CallsDropped', 'Dropped calls', 'call_dropped', 'Ended by something else than a party that hangs up.'],
] as const;

/** Calls that are connected and of no use to anybody, as the rules about them look. */
function useless(limits: Limits): Section {
  return {
    title: 'Connected, and of no use',
    panels: USELESS.map(([rule, title, code, worry]) => {
      const window = limits.window(rule);
      const found = rate('earshot_findings_total', { window, where: [`code="${code}"`] });
      const calls = rate('earshot_calls_total', { window });
      return {
        kind: 'series',
        title,
        shows: `Findings ${code}, as a part of all calls.`,
        worry: `When it crosses the line. ${worry}`,
        unit: 'percentunit',
        min: 0,
        limit: limits.of(rule),
        targets: [{ expr: quotient(orNone(found, calls), calls), legend: title }],
        links: [STATUS_PAGE],
      };
    }),
  };
}

function which(): Section {
  const hour = increase('earshot_findings_total', { by: ['code'], window: HOUR, where: SERIOUS });
  const before = increase('earshot_findings_total', {
    ...{ by: ['code'], window: HOUR, where: SERIOUS },
    offset: '1w',
  });
  return {
    title: 'Which',
    panels: [
      {
        kind: 'bars',
        title: 'Most frequent',
        shows: 'Findings of the last hour by code, without information, fifteen most frequent.',
        worry: 'When one is much longer than the others. A click leads to the worst calls that have it.',
        unit: 'short',
        min: 0,
        height: 12,
        targets: [{ expr: `topk(15, ${hour})`, legend: '{{code}}', instant: true }],
        links: [CALLS_OF_FINDING, STATUS_PAGE],
      },
      {
        kind: 'bars',
        title: 'More than last week',
        shows: 'By how many findings the last hour exceeds the same hour last week, by code, fifteen most.',
        worry: 'When something is here that was not there a week ago: what was changed since?',
        unit: 'short',
        height: 12,
        targets: [
          {
            expr: `topk(15, ${hour} - (${before} or 0 * ${hour}))`,
            legend: '{{code}}',
            instant: true,
          },
        ],
        links: [CALLS_OF_FINDING, STATUS_PAGE],
      },
    ],
  };
}

function whereAndWhen(limits: Limits): Section {
  return {
    title: 'Where and when',
    panels: [
      {
        kind: 'series',
        title: 'Findings by code',
        shows: 'Per minute, without information.',
        worry:
          'When a line rises at one moment: many calls share one cause. Look for a deployment or an alert at that time.',
        unit: 'cpm',
        min: 0,
        stacked: true,
        targets: [
          {
            expr: `60 * ${rate('earshot_findings_total', { by: ['code'], where: SERIOUS })}`,
            legend: '{{code}}',
          },
        ],
        links: [CALLS_OF_FINDING, STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Held back, by reason',
        shows:
          'Findings per minute that were not raised because the capture may explain them, or because they are part of a scan (sip_scan).',
        worry: 'When it rises for another reason than a scan: mend the capture, or be blind.',
        unit: 'cpm',
        min: 0,
        targets: [
          {
            expr: `60 * ${rate('earshot_findings_held_back_total', { by: ['reason'] })}`,
            legend: '{{reason}}',
          },
        ],
        links: [STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Registrations that were lost',
        shows: 'Devices that dropped off and did not come back, by site.',
        worry: 'When a site crosses the line: it has lost its way to the registrar.',
        unit: 'short',
        min: 0,
        limit: limits.of('RegistrationsLost'),
        targets: [
          {
            expr: increase('earshot_findings_total', {
              by: ['site'],
              window: limits.window('RegistrationsLost'),
              where: ['code="registration_lost"'],
            }),
            legend: '{{site}}',
          },
        ],
        links: [CALLS_OF_FINDING],
      },
      byPlace(),
    ],
  };
}

function byPlace(): PanelSpec {
  return {
    kind: 'table',
    title: 'By place',
    shows: 'Findings of the last hour by site, trunk and code, without information.',
    worry: 'When one site or trunk has most of a code: begin there.',
    unit: 'short',
    width: 24,
    height: 10,
    targets: [
      {
        expr: `${increase('earshot_findings_total', {
          by: ['site', 'trunk', 'code', 'severity'],
          window: HOUR,
          where: SERIOUS,
        })} >= 0.5`,
        instant: true,
        form: 'table',
      },
    ],
    columns: [
      { field: 'site', title: 'site', link: SITE_OF_ROW },
      { field: 'trunk', title: 'trunk' },
      { field: 'code', title: 'code', link: CALLS_OF_ROW },
      { field: 'severity', title: 'severity' },
      { field: 'A', title: 'findings', unit: 'short', decimals: 0 },
    ],
    worstBy: { title: 'findings' },
    links: [STATUS_PAGE],
  };
}

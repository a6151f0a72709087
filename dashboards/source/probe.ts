import type { Limits } from './limits.ts';
import { line } from './line.ts';
import { STATUS_PAGE } from './links.ts';
import { capture, encryption, kept } from './probe-capture.ts';
import { exports } from './probe-exports.ts';
import { holds } from './probe-holds.ts';
import { cost, fullness, records } from './probe-load.ts';
import { increase, ratio, selector } from './promql.ts';
import type { DashboardSpec, PanelSpec, Section } from './spec.ts';
import { alertsFiring, trust } from './trust-panels.ts';

/** Whether what the other dashboards show can be believed. */
export function probe(limits: Limits): DashboardSpec {
  return {
    uid: 'earshot-probe',
    title: 'Earshot / Probe health and trust',
    about: 'The probe about itself: what it sees, what it misses, how full it is, what it costs.',
    source: 'prometheus',
    grouped: false,
    windowed: false,
    sections: [
      {
        title: 'Now',
        panels: [probesUp(), measuring(), trust(), alertsFiring(), restarts(limits), dropped(limits)],
      },
      trustInTime(limits),
      capture(limits),
      encryption(),
      kept(),
      holds(limits),
      fullness(),
      records(limits),
      exports(limits),
      cost(),
    ],
  };
}

function probesUp(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Probes not answering',
    shows: 'Probes that Prometheus cannot scrape.',
    worry: 'When it is not 0: what that probe watched is not watched (ProbeDown).',
    unit: 'short',
    decimals: 0,
    targets: [
      {
        expr: 'count(up{job="$job",instance=~"$instance"} == 0) or 0 * count(up{job="$job",instance=~"$instance"})',
      },
    ],
    steps: [
      { value: null, color: 'green' },
      { value: 1, color: 'red' },
    ],
  };
}

function measuring(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Measuring',
    shows: 'Whether measuring goes on; of several probes the worst.',
    worry: 'When it stays down: after five deaths within ten minutes the probe gives up. Its log says why.',
    unit: 'none',
    targets: [{ expr: `min(${selector('earshot_measuring_up')})` }],
    texts: { '0': { text: 'down', color: 'red' }, '1': { text: 'runs', color: 'green' } },
    links: [STATUS_PAGE],
  };
}

function restarts(limits: Limits): PanelSpec {
  const window = limits.window('MeasuringRestarts');
  return {
    kind: 'stat',
    title: 'Restarts',
    shows: `Times that measuring died and was started again within ${window}.`,
    worry: 'When it is not 0: calls under way were lost. The log has the reason.',
    unit: 'short',
    decimals: 0,
    targets: [{ expr: `round(${increase('earshot_measuring_restarts_total', { window })})` }],
    limit: limits.of('MeasuringRestarts'),
    links: [STATUS_PAGE],
  };
}

function dropped(limits: Limits): PanelSpec {
  return {
    kind: 'stat',
    title: 'Dropped',
    shows:
      'Part of the packets that was lost before the probe could take them. Sources that cannot tell are left out.',
    worry:
      'When it turns yellow: loss and jitter cannot be believed. More ring, fewer packets (a filter), or a faster machine.',
    unit: 'percentunit',
    decimals: 3,
    min: 0,
    targets: [
      {
        expr: ratio('earshot_capture_dropped_packets_total', 'earshot_capture_packets_total', {
          window: limits.window('CaptureDrops'),
        }),
      },
    ],
    limit: limits.of('CaptureDrops'),
    links: [STATUS_PAGE],
  };
}

function trustInTime(limits: Limits): Section {
  return {
    title: 'Trust',
    panels: [
      {
        kind: 'states',
        title: 'Reasons for doubt',
        shows: 'From when to when which reason stood against the capture.',
        worry:
          'When a bar is there: figures of that time are not to be trusted. docs/findings.md explains each reason.',
        unit: 'none',
        targets: [{ expr: `max by (reason) (${selector('earshot_capture_doubt')})`, legend: '{{reason}}' }],
        texts: { '0': { text: 'no', color: 'green' }, '1': { text: 'doubt', color: 'red' } },
        nothing: 'no reason for doubt so far',
        links: [STATUS_PAGE],
      },
      line({
        title: 'Time without trust',
        shows: 'Part of the last two minutes in which a capture was not to be trusted.',
        worry: 'When it crosses the line: alerts about quality are held back.',
        unit: 'percentunit',
        max: 1,
        limit: limits.of('CaptureUntrusted'),
        targets: [
          {
            expr: `avg_over_time((min(${selector('earshot_capture_trusted')}) == bool 0)[${limits.window('CaptureUntrusted')}:10s])`,
            legend: 'not trusted',
          },
        ],
      }),
      line({
        title: 'Sources that are down',
        shows: 'Part of the last minute in which a source was down or had ended.',
        worry: 'When it is not 0: a cable, a switch port, or a sender that stopped.',
        unit: 'percentunit',
        max: 1,
        limit: limits.of('CaptureSourceDown'),
        targets: [
          {
            expr: `avg_over_time((min by (interface) (${selector('earshot_capture_source_up')}) == bool 0)[${limits.window('CaptureSourceDown')}:10s])`,
            legend: '{{interface}}',
          },
        ],
      }),
      line({
        title: 'Copies by the mirror',
        shows: 'Part of the packets that the mirror sent twice. They are in no other figure.',
        worry:
          'When it is about a half: the mirror shows every packet on its way in and out. It costs capacity, not accuracy.',
        unit: 'percentunit',
        targets: [
          {
            expr: ratio('earshot_capture_mirror_duplicates_total', 'earshot_capture_packets_total'),
            legend: 'copies',
          },
        ],
      }),
    ],
  };
}

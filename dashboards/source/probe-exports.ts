import type { Limits } from './limits.ts';
import { line } from './line.ts';
import { increase, quotient, rate, selector } from './promql.ts';
import type { PanelSpec, Section } from './spec.ts';

/** What is handed on to databases, and to receivers of alerts. Empty where nothing is configured. */
export function exports(limits: Limits): Section {
  return {
    title: 'Exports',
    panels: [failing(limits), taken(), lost(), waitingPoints(), waiting(), trouble(), alerts()],
  };
}

function failing(limits: Limits): PanelSpec {
  return line({
    title: 'Exports that fail',
    shows:
      'Part of the last five minutes in which the last request to a server, or to a receiver of alerts, had failed.',
    worry:
      'When it crosses the line: points wait, and are lost when there is no more room. The log has the answer of the server.',
    unit: 'percentunit',
    max: 1,
    limit: limits.of('ExportFailing'),
    targets: [
      {
        expr: `avg_over_time((max by (target) (${selector('earshot_export_failing')}) == bool 1)[${limits.window('ExportFailing')}:10s])`,
        legend: '{{target}}',
      },
      {
        expr: `avg_over_time((max by (receiver) (${selector('earshot_alert_receiver_failing')}) == bool 1)[${limits.window('ExportFailing')}:10s])`,
        legend: '{{receiver}}',
      },
    ],
  });
}

function taken(): PanelSpec {
  return line({
    title: 'Points taken',
    shows: 'Points per second that each server has taken.',
    worry: 'When it stops while there are calls.',
    unit: 'ops',
    targets: [{ expr: rate('earshot_export_points_total', { by: ['target'] }), legend: '{{target}}' }],
  });
}

function lost(): PanelSpec {
  return line({
    title: 'Points lost',
    shows: 'Points of the last hour that no server has, by reason.',
    worry: 'When it is not 0: rejected is for who runs the server, the others want a spool, or a larger one.',
    unit: 'short',
    nothing: 'none so far',
    targets: [
      {
        expr: increase('earshot_export_points_dropped_total', { by: ['target', 'reason'], window: '1h' }),
        legend: '{{target}} {{reason}}',
      },
    ],
  });
}

function waitingPoints(): PanelSpec {
  return line({
    title: 'Points that wait',
    shows: 'Points in memory or in the spool, by server.',
    worry: 'When it grows steadily: the server is slower than the calls.',
    unit: 'short',
    targets: [
      { expr: `sum by (target) (${selector('earshot_export_waiting_points')})`, legend: '{{target}}' },
    ],
  });
}

function waiting(): PanelSpec {
  return line({
    title: 'Room for points that wait',
    shows: 'How full memory and spool are.',
    worry: 'At 100 % the oldest points are lost: a larger spool, or a server that answers.',
    unit: 'percentunit',
    max: 1,
    targets: [
      {
        expr: `max by (target, place) (${quotient(
          selector('earshot_export_waiting_bytes'),
          selector('earshot_export_waiting_limit_bytes'),
        )})`,
        legend: '{{target}} {{place}}',
      },
    ],
  });
}

function trouble(): PanelSpec {
  return line({
    title: 'Requests of exports',
    shows: 'Requests per minute by how they ended, and times that the disk of the spool failed.',
    worry: 'When failed or refused appear: see the log. When the spool fails: its disk is full or read-only.',
    unit: 'cpm',
    targets: [
      {
        expr: `60 * ${rate('earshot_export_requests_total', { by: ['target', 'outcome'] })}`,
        legend: '{{target}} {{outcome}}',
      },
      {
        expr: `60 * ${rate('earshot_export_spool_failures_total', { by: ['target'] })}`,
        legend: '{{target}} spool failures',
      },
    ],
  });
}

function alerts(): PanelSpec {
  return line({
    title: 'Deliveries of alerts',
    shows:
      'Requests per minute to receivers of alerts by how they ended, what waits for them, and what was dropped in the last hour.',
    worry:
      'When failed or refused appear, or something is dropped: nobody is told of alerts there. See the log.',
    unit: 'short',
    nothing: 'no receivers',
    targets: [
      {
        expr: `60 * ${rate('earshot_alert_deliveries_total', { by: ['receiver', 'outcome'] })}`,
        legend: '{{receiver}} {{outcome}}',
      },
      {
        expr: `sum by (receiver) (${selector('earshot_alert_changes_waiting')})`,
        legend: '{{receiver}} waiting',
      },
      {
        expr: increase('earshot_alert_changes_total', {
          by: ['receiver'],
          window: '1h',
          where: ['outcome="dropped"'],
        }),
        legend: '{{receiver}} dropped',
      },
    ],
  });
}

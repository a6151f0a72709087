import type { Limits } from './limits.ts';
import { line } from './line.ts';
import { STATUS_PAGE } from './links.ts';
import { gauge, increase, quotient, rate, selector } from './promql.ts';
import type { PanelSpec, Section } from './spec.ts';

/** How much of what is bounded is taken. */
export function fullness(): Section {
  return {
    title: 'How full',
    panels: [
      line({
        title: 'Tables and queues',
        shows: 'How full the ten fullest are.',
        worry: 'Above 80 %: raise the limit, or find out who floods.',
        unit: 'percentunit',
        max: 1,
        steps: [
          { value: null, color: 'green' },
          { value: 0.8, color: 'yellow' },
          { value: 1, color: 'red' },
        ],
        targets: [
          {
            expr: `topk(10, max by (table) (${quotient(selector('earshot_table_entries'), selector('earshot_table_limit'))}))`,
            legend: '{{table}}',
          },
        ],
      }),
      line({
        title: 'Label sets',
        shows: 'How much of the room for labels is taken, by kind of metric.',
        worry:
          'At 100 % small sites and codecs are counted under "other": raise metrics.labelSets or use fewer groups.',
        unit: 'percentunit',
        max: 1,
        targets: [
          {
            expr: `max by (metrics) (${quotient(selector('earshot_label_sets'), selector('earshot_label_sets_limit'))})`,
            legend: '{{metrics}}',
          },
        ],
      }),
      line({
        title: 'Not counted where they belong',
        shows:
          'Per minute: records under "other" for lack of room, and intervals of streams beyond those that metrics follow.',
        worry: 'When it is not 0: sums are right, but groups miss something.',
        unit: 'cpm',
        targets: [
          {
            expr: `60 * ${rate('earshot_label_overflow_total', { by: ['metrics'] })}`,
            legend: 'other: {{metrics}}',
          },
          { expr: `60 * ${rate('earshot_untracked_intervals_total')}`, legend: 'intervals' },
        ],
      }),
    ],
  };
}

/** What measuring tells, and who takes it. */
export function records(limits: Limits): Section {
  return {
    title: 'Records',
    panels: [
      line({
        title: 'Records dropped',
        shows: `Records that nobody took in time, within ${limits.window('RecordsDropped')}, by type.`,
        worry:
          'When it is not 0: the main thread, or who reads its output, is too slow. Measuring itself is not touched.',
        unit: 'short',
        limit: limits.of('RecordsDropped'),
        nothing: 'none so far',
        targets: [
          {
            expr: `round(${increase('earshot_records_dropped_total', { by: ['type'], window: limits.window('RecordsDropped') })})`,
            legend: '{{type}}',
          },
        ],
      }),
      line({
        title: 'Records',
        shows: 'Records per second that measuring told, by type.',
        worry: 'Never by itself; it says how much there is to export.',
        unit: 'ops',
        targets: [{ expr: rate('earshot_records_total', { by: ['type'] }), legend: '{{type}}' }],
      }),
      line({
        title: 'Recent calls',
        shows: 'Calls that pages and links can still find, and how many gave way per minute.',
        worry: 'When links from here lead to calls that are gone: raise metrics.recentCalls.',
        unit: 'short',
        targets: [
          { expr: gauge('earshot_recent_calls'), legend: 'kept' },
          { expr: `60 * ${rate('earshot_recent_calls_evicted_total')}`, legend: 'gave way per minute' },
        ],
      }),
    ],
  };
}

/** What the probe costs. */
export function cost(): Section {
  return {
    title: 'Cost',
    panels: [
      line({
        title: 'Processor',
        shows: 'Cores in use, by probe.',
        worry: 'Near 1 for the thread that measures: beyond it packets are dropped.',
        unit: 'short',
        decimals: 2,
        targets: [{ expr: rate('process_cpu_seconds_total', { by: ['instance'] }), legend: '{{instance}}' }],
      }),
      memory(),
      line({
        title: 'Standstill',
        shows: 'Longest standstill of each thread within ten seconds.',
        worry: 'When measuring stands still for more than a second: packets may be dropped.',
        unit: 's',
        targets: [
          {
            expr: `max by (thread) (${selector('earshot_event_loop_lag_seconds')})`,
            legend: '{{thread}}',
          },
        ],
      }),
      line({
        title: 'Scrapes and requests',
        shows: 'How long it took to write the metrics, and requests per second by status.',
        worry:
          'When writing takes more than a quarter of a second: too many label sets. 401 and 403: somebody knocks.',
        unit: 'short',
        decimals: 3,
        targets: [
          { expr: `max(${selector('earshot_scrape_duration_seconds')})`, legend: 'seconds to write' },
          { expr: rate('earshot_http_requests_total', { by: ['code'] }), legend: 'requests/s {{code}}' },
        ],
      }),
      line({
        title: 'Open files',
        shows: 'Open file descriptors of each probe.',
        worry: 'When it only ever grows.',
        unit: 'short',
        targets: [{ expr: selector('process_open_fds'), legend: '{{instance}}' }],
      }),
      versions(),
    ],
  };
}

function memory(): PanelSpec {
  return line({
    title: 'Memory',
    shows: 'Resident memory of each probe, and the heaps of its threads.',
    worry: 'When it grows for days at the same number of streams.',
    unit: 'bytes',
    targets: [
      { expr: selector('process_resident_memory_bytes'), legend: '{{instance}} resident' },
      {
        expr: gauge('earshot_heap_bytes', { by: ['instance', 'thread'] }),
        legend: '{{instance}} {{thread}}',
      },
    ],
  });
}

function versions(): PanelSpec {
  return {
    kind: 'table',
    title: 'What runs',
    shows: 'Version, Node.js and name of each probe, and since when it runs.',
    worry: 'When versions differ longer than an update takes.',
    unit: 'none',
    targets: [
      {
        expr: `(time() - ${selector('process_start_time_seconds')}) * on (job, instance) group_left (version, nodeversion, probe) ${selector('earshot_build_info')}`,
        instant: true,
        form: 'table',
      },
    ],
    columns: [
      { field: 'instance', title: 'instance', link: STATUS_PAGE },
      { field: 'probe', title: 'probe' },
      { field: 'version', title: 'version' },
      { field: 'nodeversion', title: 'Node.js' },
      { field: 'A', title: 'runs for', unit: 's' },
    ],
    links: [STATUS_PAGE],
  };
}

import type { Limits } from './limits.ts';
import { STATUS_PAGE } from './links.ts';
import { gauge, increase, quotient, rate, ratio, selector } from './promql.ts';
import type { DashboardSpec, PanelSpec, Section } from './spec.ts';
import { alertsFiring, trust } from './trust-panels.ts';

type Drawn = Pick<PanelSpec, 'title' | 'shows' | 'worry' | 'unit' | 'targets'> & Partial<PanelSpec>;

function line(each: Drawn): PanelSpec {
  return { kind: 'series', min: 0, links: [STATUS_PAGE], ...each };
}

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
      fullness(limits),
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

function capture(limits: Limits): Section {
  return {
    title: 'Capture',
    panels: [
      line({
        title: 'Packets',
        shows: 'Packets per second by interface.',
        worry: 'When an interface goes to zero: the mirror was taken away (CaptureSilent).',
        unit: 'pps',
        targets: [
          { expr: rate('earshot_capture_packets_total', { by: ['interface'] }), legend: '{{interface}}' },
        ],
      }),
      line({
        title: 'Throughput',
        shows: 'Bits per second by interface.',
        worry:
          'When it comes near the speed of the mirror port: a mirror of both directions needs twice the line.',
        unit: 'bps',
        targets: [
          {
            expr: `8 * ${rate('earshot_capture_bytes_total', { by: ['interface'] })}`,
            legend: '{{interface}}',
          },
        ],
      }),
      line({
        title: 'Dropped packets',
        shows:
          'Packets lost before the probe could take them, of those taken, by interface; where the source tells.',
        worry: 'When it crosses the line: loss findings of these seconds are held back.',
        unit: 'percentunit',
        limit: limits.of('CaptureDrops'),
        targets: [
          {
            expr: ratio('earshot_capture_dropped_packets_total', 'earshot_capture_packets_total', {
              by: ['interface'],
              window: limits.window('CaptureDrops'),
            }),
            legend: '{{interface}}',
          },
        ],
      }),
      line({
        title: 'What packets were',
        shows: 'Packets per second by what they were found to be.',
        worry:
          'When rtp goes and sip stays, or the other way round: the tap shows half of it. Much other: set a filter.',
        unit: 'pps',
        stacked: true,
        targets: [
          {
            expr: rate('earshot_capture_decoded_packets_total', { by: ['protocol'] }),
            legend: '{{protocol}}',
          },
        ],
      }),
      line({
        title: 'Not used, by reason',
        shows: 'What was passed over per second, ten most frequent reasons (docs/fault-model.md).',
        worry: 'When a table is full, or packets are cut: the reason says which limit or snap length.',
        unit: 'pps',
        targets: [
          {
            expr: `topk(10, ${rate('earshot_capture_discarded_total', { by: ['reason'] })})`,
            legend: '{{reason}}',
          },
        ],
      }),
    ],
  };
}

function encryption(): Section {
  return {
    title: 'Encrypted signalling',
    panels: [
      line({
        title: 'TLS connections',
        shows: 'New connections per minute that may carry SIP, and those that could be read.',
        worry: 'When read falls behind: a key log is missing or late (docs/encrypted-signalling.md).',
        unit: 'cpm',
        targets: [
          { expr: `60 * ${rate('earshot_tls_connections_total')}`, legend: 'seen' },
          { expr: `60 * ${rate('earshot_tls_decrypted_connections_total')}`, legend: 'read' },
        ],
      }),
      line({
        title: 'Not read, by reason',
        shows: 'Connections on SIP ports per minute that could not be read.',
        worry:
          'noHandshake after a start is usual: connections that were there before. noKeys: calls are not seen.',
        unit: 'cpm',
        targets: [
          {
            expr: `60 * ${rate('earshot_tls_unread_connections_total', { by: ['reason'] })}`,
            legend: '{{reason}}',
          },
        ],
      }),
    ],
  };
}

function fullness(limits: Limits): Section {
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

function cost(): Section {
  const process = (name: 'process_resident_memory_bytes' | 'process_open_fds'): string => `${selector(name)}`;
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
      line({
        title: 'Memory',
        shows: 'Resident memory of each probe, and the heaps of its threads.',
        worry: 'When it grows for days at the same number of streams.',
        unit: 'bytes',
        targets: [
          { expr: process('process_resident_memory_bytes'), legend: '{{instance}} resident' },
          {
            expr: gauge('earshot_heap_bytes', { by: ['instance', 'thread'] }),
            legend: '{{instance}} {{thread}}',
          },
        ],
      }),
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
        targets: [{ expr: process('process_open_fds'), legend: '{{instance}}' }],
      }),
      {
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
      },
    ],
  };
}

import type { NameOf } from '../../src/metrics/catalogue.ts';
import type { Limits } from './limits.ts';
import { SITE_OF_ROW, SITE_OF_SERIES, STATUS_PAGE, TRUNK_OF_ROW, WORST_CALLS } from './links.ts';
import { guarded, quantile, rate, ratio, sampleCount, servedShare, WINDOW, within } from './promql.ts';
import type { DashboardSpec, PanelSpec, Section, Target } from './spec.ts';

const PLACE = ['site', 'trunk'] as const;

/** Who is worse than the others, and when. */
export function sites(limits: Limits): DashboardSpec {
  return {
    uid: 'earshot-sites',
    title: 'Earshot / Sites and trunks',
    about: 'Worst first, each beside the median of the fleet, and the hours of the week that are bad.',
    source: 'prometheus',
    grouped: true,
    windowed: true,
    sections: [
      { title: 'Worst first', panels: [worstFirst(limits)] },
      fleet(limits),
      { title: 'Hour of the week', panels: [hourOfWeek(limits)] },
      trunks(limits),
    ],
  };
}

function worstFirst(limits: Limits): PanelSpec {
  const hour = { by: PLACE, window: '1h' };
  const bad = limits.bad('MosLowSlow');
  const column = (expr: string): Target => ({ expr, instant: true, form: 'table' });
  return {
    kind: 'table',
    title: 'Sites and trunks, worst first',
    shows: `The last hour of each site and trunk, ordered by the part of its time with a MOS below ${bad}.`,
    worry:
      'When the first line stands out from the second: the fault is there. When all are alike it is in what they share, or in the capture.',
    unit: 'short',
    height: 10,
    width: 24,
    targets: [
      column(within('earshot_interval_mos_lq', bad, hour)),
      column(ratio('earshot_rtp_lost_packets_total', 'earshot_rtp_expected_packets_total', hour)),
      column(quantile(0.95, 'earshot_interval_jitter_seconds', hour)),
      column(servedShare(hour)),
      column(`3600 * ${rate('earshot_calls_total', hour)}`),
    ],
    columns: [
      { field: 'site', title: 'site', link: SITE_OF_ROW },
      { field: 'trunk', title: 'trunk', link: TRUNK_OF_ROW },
      { field: 'A', title: 'time poor', unit: 'percentunit', decimals: 1, limit: limits.of('MosLowSlow') },
      { field: 'B', title: 'lost', unit: 'percentunit', decimals: 2, limit: limits.of('LossHighSlow') },
      { field: 'C', title: 'jitter p95', unit: 's', decimals: 1, limit: limits.of('JitterHighFast') },
      { field: 'D', title: 'served', unit: 'percentunit', decimals: 1, limit: limits.of('ServiceFailing') },
      { field: 'E', title: 'calls', unit: 'short', decimals: 0 },
    ],
    worstBy: { title: 'time poor' },
    links: [WORST_CALLS, STATUS_PAGE],
  };
}

/** Each site, and the median of all sites there are: also of those that are not chosen. */
function beside(
  limits: Limits,
  rule: string,
  q: number,
  histogram: NameOf<'histogram'>,
  where: readonly string[] = [],
): Target[] {
  const over = { by: ['site'], window: WINDOW, where };
  const value = quantile(q, histogram, over);
  const all = value.replace(/,?(?:site|trunk)=~"\$\w+"/g, '');
  return [
    {
      expr: guarded(value, over.by, sampleCount(histogram, over), limits.rule(rule).minSamples),
      legend: '{{site}}',
    },
    { expr: median(all), legend: "fleet's median" },
  ];
}

/** The median of sites. One without calls has no value but NaN, which PromQL takes for the least of all. */
function median(ofSites: string): string {
  return `quantile(0.5, ${ofSites} >= 0)`;
}

function fleet(limits: Limits): Section {
  const panel = (rule: string, each: Pick<PanelSpec, 'title' | 'shows' | 'worry' | 'unit' | 'targets'>) =>
    ({ kind: 'series', limit: limits.of(rule), links: [SITE_OF_SERIES, STATUS_PAGE], ...each }) as const;
  return {
    title: "Beside the fleet's median",
    panels: [
      panel('LossHighFast', {
        title: 'Loss by site',
        shows:
          '95th percentile of the loss of intervals, of sites with enough of them, and the median of all sites.',
        worry:
          'When a site is far above the median: its link. When the median rises with it: the core, or the mirror.',
        unit: 'percentunit',
        targets: beside(limits, 'LossHighFast', 0.95, 'earshot_interval_loss_ratio'),
      }),
      panel('JitterHighFast', {
        title: 'Jitter by site',
        shows:
          '95th percentile of the jitter of intervals, of sites with enough of them, and the median of all sites.',
        worry:
          'As with loss. A site that is always above the others by as much has another kind of access, such as radio.',
        unit: 's',
        targets: beside(limits, 'JitterHighFast', 0.95, 'earshot_interval_jitter_seconds'),
      }),
      panel('MosLowFast', {
        title: 'MOS by site (narrowband)',
        shows:
          '5th percentile of the listening MOS of intervals on the narrowband scale, and the median of all sites.',
        worry:
          'When a site is below the line, or far below the median. Wider scales are on Streams and codecs.',
        unit: 'none',
        targets: beside(limits, 'MosLowFast', 0.05, 'earshot_interval_mos_lq', ['scale="NB"']),
      }),
      distance(limits),
    ],
  };
}

function distance(limits: Limits): PanelSpec {
  const bad = limits.bad('MosLowSlow');
  const each = within('earshot_interval_mos_lq', bad, { by: ['site'], window: '1h' });
  const all = each.replace(/,?(?:site|trunk)=~"\$\w+"/g, '');
  return {
    kind: 'bars',
    title: 'Worse than the median',
    shows: `How much more of its time in the last hour each site had a MOS below ${bad} than the median site, ten worst.`,
    worry: 'When one bar is much longer than the others. Below zero a site is better than most.',
    unit: 'percentunit',
    targets: [
      {
        expr: `topk(10, (${each} >= 0) - on () group_left () ${median(all)})`,
        legend: '{{site}}',
        instant: true,
      },
    ],
    links: [SITE_OF_SERIES],
  };
}

const DAYS = ['last 24 h', '1 day before', ...[2, 3, 4, 5, 6].map((n) => `${n} days before`)];

function hourOfWeek(limits: Limits): PanelSpec {
  const bad = limits.bad('MosLowSlow');
  return {
    kind: 'history',
    title: 'Poor time by hour of the week',
    shows: `A row for each of the last seven days, a column for each hour: part of the intervals with a MOS below ${bad}. The clock at the bottom is that of the last 24 hours.`,
    worry:
      'When the same column is bad in every row: something happens at that hour, such as a backup. A row that is bad from some hour on: a change.',
    unit: 'percentunit',
    decimals: 0,
    width: 24,
    height: 10,
    span: '24h',
    interval: '1h',
    limit: limits.of('MosLowSlow'),
    targets: DAYS.map((legend, i) => ({
      expr: within('earshot_interval_mos_lq', bad, {
        window: '1h',
        ...(i === 0 ? {} : { offset: `${i}d` }),
      }),
      legend,
    })),
    links: [STATUS_PAGE],
  };
}

function trunks(limits: Limits): Section {
  const pdd = limits.window('PostDialDelayHigh');
  return {
    title: 'Trunks',
    panels: [
      {
        kind: 'series',
        title: 'Calls by trunk and direction',
        shows: 'Attempts per minute.',
        worry:
          'When a trunk goes to zero while others have calls: TrunkSilent is the alert for it. One direction alone points at routing.',
        unit: 'cpm',
        min: 0,
        targets: [
          {
            expr: `60 * ${rate('earshot_call_attempts_total', { by: ['trunk', 'direction'] })}`,
            legend: '{{trunk}} {{direction}}',
          },
        ],
        links: [STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Service by trunk (NER)',
        shows: 'Attempts that the network served, by trunk.',
        worry: 'When one trunk is below the line: its provider. When all are: this side.',
        unit: 'percentunit',
        max: 1,
        limit: limits.of('ServiceFailing'),
        targets: [
          {
            expr: servedShare({
              by: ['trunk'],
              window: limits.window('ServiceFailing'),
            }),
            legend: '{{trunk}}',
          },
        ],
        links: [STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Post-dial delay by trunk',
        shows: '95th percentile of the time from INVITE to ringing.',
        worry:
          'When it crosses the line: callers hang up before it rings. Often a database or a route that is tried first and is dead.',
        unit: 's',
        min: 0,
        limit: limits.of('PostDialDelayHigh'),
        targets: [
          {
            expr: quantile(0.95, 'earshot_post_dial_delay_seconds', { by: ['trunk'], window: pdd }),
            legend: '{{trunk}}',
            exemplars: true,
          },
        ],
        links: [STATUS_PAGE],
      },
      mediaByDirection(),
    ],
  };
}

function mediaByDirection(): PanelSpec {
  return {
    kind: 'series',
    title: 'Media by site and direction',
    shows:
      'RTP packets per second. What goes in and out of a call is about as much, but for silence suppression.',
    worry:
      'When one direction of a site is missing: one-way audio, or a mirror that shows one direction only.',
    unit: 'pps',
    min: 0,
    targets: [
      {
        expr: rate('earshot_rtp_packets_total', { by: ['site', 'direction'] }),
        legend: '{{site}} {{direction}}',
      },
    ],
    links: [SITE_OF_SERIES],
  };
}

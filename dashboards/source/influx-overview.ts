import type { Limits } from './limits.ts';
import { CALL_OF_ROW, CALLS_OF_VERDICT, STATUS_PAGE, WORST_CALLS } from './links.ts';
import type { DashboardSpec, PanelSpec, Section } from './spec.ts';

const HERE = `"site" =~ /^$site$/ AND "trunk" =~ /^$trunk$/ AND $timeFilter`;
/** What a probe says every ten seconds is old after a minute: it died. */
const LATELY = 'time > now() - 1m';
const STEP = 'time($__interval)';

/** The overview from InfluxDB: the same order, and each call that is shown leads to its page. */
export function influxOverview(limits: Limits): DashboardSpec {
  return {
    uid: 'earshot-overview-influxdb',
    title: 'Earshot / Overview (InfluxDB)',
    about:
      'The overview from the points in InfluxDB (InfluxQL). Percentiles are exact here: every interval is a point.',
    source: 'influxdb',
    grouped: true,
    windowed: false,
    sections: [now(), callHealth(), lossAndJitter(limits), scores(limits), where(limits)],
  };
}

type Drawn = Pick<PanelSpec, 'title' | 'shows' | 'worry' | 'unit' | 'targets'> & Partial<PanelSpec>;

function stat(each: Drawn): PanelSpec {
  return { kind: 'stat', width: 6, links: [STATUS_PAGE], ...each };
}

function now(): Section {
  const last = (field: string): string =>
    `SELECT sum("now") FROM (SELECT last("${field}") AS "now" FROM "probe_status" WHERE ${LATELY} GROUP BY "probe")`;
  return {
    title: 'Now',
    panels: [
      stat({
        title: 'Capture',
        shows: 'Whether the figures can be believed; of several probes the worst.',
        worry: 'When it is not trusted: mend the capture first, and believe no loss or jitter until then.',
        unit: 'none',
        targets: [
          {
            expr: `SELECT min("now") FROM (SELECT last("trusted") AS "now" FROM "probe_status" WHERE ${LATELY} GROUP BY "probe")`,
          },
        ],
        texts: {
          '0': { text: 'not trusted', color: 'red' },
          '0.5': { text: 'degraded', color: 'yellow' },
          '1': { text: 'trusted', color: 'green' },
        },
      }),
      stat({
        title: 'Calls up',
        shows: 'Calls that are answered and not over.',
        worry: 'When it is far from what is usual at this hour.',
        unit: 'short',
        decimals: 0,
        targets: [{ expr: last('calls_up') }],
      }),
      stat({
        title: 'Streams',
        shows: 'RTP streams that are measured.',
        worry: 'When it is zero while there are calls: the tap sees signalling only.',
        unit: 'short',
        decimals: 0,
        targets: [{ expr: last('streams') }],
      }),
      stat({
        title: 'Findings',
        shows: 'Findings in the time that is shown, without information.',
        worry: 'When it is unusual: the bars below say what it is.',
        unit: 'short',
        decimals: 0,
        targets: [{ expr: `SELECT sum("count") FROM "finding" WHERE "severity" != 'info' AND ${HERE}` }],
        nothing: '0',
      }),
    ],
  };
}

function callHealth(): Section {
  const by = (tag: string): string =>
    `SELECT count("call_ref") FROM "sip_call" WHERE ${HERE} GROUP BY ${STEP}, "${tag}" fill(0)`;
  return {
    title: 'Call health',
    panels: [
      {
        kind: 'series',
        title: 'Calls by verdict',
        shows: 'Calls that ended, in each step of the time axis, by what was wrong with them.',
        worry: 'When media, signalling or both grow at the cost of healthy.',
        unit: 'short',
        min: 0,
        stacked: true,
        interval: '1m',
        targets: [{ expr: by('verdict'), legend: '$tag_verdict' }],
        links: [CALLS_OF_VERDICT, STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Calls by outcome',
        shows: 'The same calls by how they ended: answered, failed, canceled.',
        worry: 'When failed grows and answered does not.',
        unit: 'short',
        min: 0,
        stacked: true,
        interval: '1m',
        targets: [{ expr: by('state'), legend: '$tag_state' }],
        links: [STATUS_PAGE],
      },
    ],
  };
}

/** The same panel today, and with the clock a week back. */
function pair(each: Drawn): PanelSpec[] {
  const panel: PanelSpec = {
    kind: 'series',
    min: 0,
    interval: '1m',
    links: [WORST_CALLS, STATUS_PAGE],
    ...each,
  };
  return [
    panel,
    {
      ...panel,
      title: `${each.title}, last week`,
      shows: 'The same a week earlier.',
      worry: 'Never: it is what today is compared with.',
      shift: '1w',
      links: [],
    },
  ];
}

function lossAndJitter(limits: Limits): Section {
  const p95 = (field: string): string =>
    `SELECT percentile("${field}", 95) FROM "rtp_interval" WHERE ${HERE} GROUP BY ${STEP} fill(none)`;
  return {
    title: 'Loss and jitter',
    panels: [
      ...pair({
        title: 'Loss',
        shows: 'One interval of five seconds in twenty lost more than this.',
        worry: 'When it crosses the threshold: listeners hear gaps.',
        unit: 'percentunit',
        limit: limits.of('LossHighFast', 'signal'),
        targets: [{ expr: p95('loss_ratio'), legend: 'p95' }],
      }),
      ...pair({
        title: 'Jitter',
        shows: 'One interval in twenty had more mean jitter than this.',
        worry: 'When it crosses the threshold and Discard rises as well.',
        unit: 'ms',
        limit: limits.of('JitterHighFast', 'signal'),
        targets: [{ expr: p95('jitter_ms'), legend: 'p95' }],
      }),
      ...pair({
        title: 'Discard',
        shows: 'One interval in twenty had more packets that came too late to be played.',
        worry: 'When it crosses the threshold: jitter is heard as loss.',
        unit: 'percentunit',
        limit: limits.of('DiscardHigh', 'signal'),
        targets: [{ expr: p95('discard_ratio'), legend: 'p95' }],
      }),
    ],
  };
}

function scores(limits: Limits): Section {
  return {
    title: 'MOS',
    panels: pair({
      title: 'MOS, the bad tail',
      shows: 'The listening MOS that one interval of twenty does not reach, by scale (never mixed).',
      worry: 'When it goes below the line, with loss, discard or delay above theirs.',
      unit: 'none',
      decimals: 2,
      min: 1,
      max: 5,
      limit: limits.of('MosLowFast', 'signal'),
      targets: [
        {
          expr: `SELECT percentile("mos_lq", 5) FROM "rtp_interval" WHERE ${HERE} GROUP BY ${STEP}, "scale" fill(none)`,
          legend: '$tag_scale',
        },
      ],
    }),
  };
}

function where(limits: Limits): Section {
  return {
    title: 'Where, and why',
    panels: [
      {
        kind: 'bars',
        title: 'Sites by MOS, the bad tail (narrowband)',
        shows: 'The listening MOS that one interval of twenty does not reach, by site.',
        worry: 'When one site stands out: its link or its devices.',
        unit: 'none',
        decimals: 2,
        min: 1,
        limit: limits.of('MosLowFast', 'signal'),
        targets: [
          {
            expr: `SELECT percentile("mos_lq", 5) FROM "rtp_interval" WHERE "scale" = 'NB' AND ${HERE} GROUP BY "site"`,
            legend: '$tag_site',
          },
        ],
        links: [WORST_CALLS],
      },
      {
        kind: 'bars',
        title: 'Findings by code',
        shows: 'What was found in the time that is shown, by code, information left out.',
        worry: 'docs/findings.md says of each what is usually behind it, and what to look at first.',
        unit: 'short',
        min: 0,
        targets: [
          {
            expr: `SELECT sum("count") FROM "finding" WHERE "severity" != 'info' AND ${HERE} GROUP BY "code"`,
            legend: '$tag_code',
          },
        ],
        links: [STATUS_PAGE],
      },
      {
        kind: 'table',
        title: 'Worst streams, and the calls they belong to',
        shows: 'The twenty streams with the lowest listening MOS in the time that is shown.',
        worry: 'When they share a source or a destination. A click on the reference leads to the call.',
        unit: 'none',
        width: 24,
        height: 10,
        targets: [
          {
            expr: `SELECT bottom("mos_lq", 20) AS "mos", "loss_ratio", "jitter_p95_ms", "call_ref", "src", "dst" FROM "rtp_stream" WHERE ${HERE}`,
            form: 'table',
          },
        ],
        columns: [
          { field: 'call_ref', title: 'call', link: CALL_OF_ROW },
          { field: 'mos', title: 'MOS', unit: 'none', decimals: 2, limit: limits.of('MosLowFast', 'signal') },
          { field: 'loss_ratio', title: 'lost', unit: 'percentunit', decimals: 2 },
          { field: 'jitter_p95_ms', title: 'jitter p95', unit: 'ms', decimals: 1 },
          { field: 'src', title: 'from' },
          { field: 'dst', title: 'to' },
        ],
        worstBy: { title: 'MOS', ascending: true },
        links: [WORST_CALLS],
      },
    ],
  };
}

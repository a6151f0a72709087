import type { Limits } from './limits.ts';
import { STATUS_PAGE, WORST_CALLS } from './links.ts';
import { buckets, gauge, quantile, rate, ratio, WINDOW, within } from './promql.ts';
import type { DashboardSpec, PanelSpec, Section } from './spec.ts';

const HOUR = '1h';

/** What is sent, in which codecs, and how well each of them does. */
export function streams(limits: Limits): DashboardSpec {
  return {
    uid: 'earshot-streams',
    title: 'Earshot / Streams and codecs',
    about: 'Every stream and every interval of five seconds of it, by codec, direction and device.',
    source: 'prometheus',
    grouped: true,
    windowed: true,
    sections: [
      { title: 'Now', panels: [running(), finished(), encrypted(), unclaimed()] },
      distributions(),
      byCodec(limits),
      packets(limits),
      devices(limits),
    ],
  };
}

function running(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Streams',
    shows: 'RTP streams that are measured now.',
    worry: 'When it is zero while there are calls: the tap sees signalling only.',
    unit: 'short',
    decimals: 0,
    width: 6,
    targets: [{ expr: gauge('earshot_rtp_streams') }],
    links: [STATUS_PAGE],
  };
}

function finished(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Streams that ended',
    shows: 'Per minute, over an hour.',
    worry: 'When it is many times the calls: somebody changes SSRCs, or scans.',
    unit: 'short',
    decimals: 1,
    width: 6,
    targets: [{ expr: `60 * ${rate('earshot_rtp_streams_finished_total', { window: HOUR })}` }],
  };
}

function encrypted(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Encrypted',
    shows:
      'Part of the streams of the last hour whose media is SRTP, by what signalling says. They are measured like others.',
    worry: 'When it changes without a reason: a policy or a device fell back.',
    unit: 'percentunit',
    decimals: 1,
    width: 6,
    targets: [
      {
        expr: ratio('earshot_rtp_encrypted_streams_total', 'earshot_rtp_streams_finished_total', {
          window: HOUR,
        }),
      },
    ],
  };
}

function unclaimed(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Without a call',
    shows:
      'Part of the streams of the last hour that no call claims: signalling was not seen, or could not be read.',
    worry: 'When it is not small: the tap misses signalling, or it is encrypted (Probe health and trust).',
    unit: 'percentunit',
    decimals: 1,
    width: 6,
    targets: [
      {
        expr: ratio('earshot_rtp_unclaimed_streams_total', 'earshot_rtp_streams_finished_total', {
          window: HOUR,
        }),
      },
    ],
  };
}

function distributions(): Section {
  const heat = (each: Pick<PanelSpec, 'title' | 'shows' | 'worry' | 'unit' | 'targets'>): PanelSpec => ({
    kind: 'heatmap',
    links: [STATUS_PAGE],
    ...each,
  });
  return {
    title: 'Distributions',
    panels: [
      heat({
        title: 'MOS of intervals (narrowband)',
        shows: 'How many intervals had which listening MOS; each row reaches up to its name.',
        worry:
          'When a second band appears below the first: one group of calls is bad, and a percentile of all hides it.',
        unit: 'none',
        targets: [
          {
            expr: buckets('earshot_interval_mos_lq', { window: WINDOW, where: ['scale="NB"'] }),
            legend: '{{le}}',
            form: 'heatmap',
            exemplars: true,
          },
        ],
      }),
      heat({
        title: 'Jitter of intervals',
        shows: 'How many intervals had which mean jitter; each row reaches up to its name.',
        worry: 'When a band rises in the busy hours (queues), or is spread over all rows (Wi-Fi).',
        unit: 's',
        targets: [
          {
            expr: buckets('earshot_interval_jitter_seconds', { window: WINDOW }),
            legend: '{{le}}',
            form: 'heatmap',
            exemplars: true,
          },
        ],
      }),
    ],
  };
}

function byCodec(limits: Limits): Section {
  const line = (each: Drawn): PanelSpec => ({ kind: 'series', links: [WORST_CALLS, STATUS_PAGE], ...each });
  return {
    title: 'Codecs',
    panels: [
      line({
        title: 'Streams that ended, by codec',
        shows: 'Per minute.',
        worry: 'When a codec appears that nobody chose: negotiation changed, or a transcoder joined.',
        unit: 'cpm',
        min: 0,
        stacked: true,
        targets: [
          {
            expr: `60 * ${rate('earshot_rtp_streams_finished_total', { by: ['codec'] })}`,
            legend: '{{codec}}',
          },
        ],
      }),
      line({
        title: 'MOS by codec, the bad tail',
        shows: 'The listening MOS that one interval of twenty does not reach, by codec on its scale.',
        worry:
          'When one codec falls and the others do not: devices or a transcoder. When all fall: the network.',
        unit: 'none',
        decimals: 2,
        min: 1,
        max: 5,
        limit: limits.of('MosLowFast'),
        targets: [
          {
            expr: quantile(0.05, 'earshot_interval_mos_lq', { by: ['codec', 'scale'], window: WINDOW }),
            legend: '{{codec}} {{scale}}',
            exemplars: true,
          },
        ],
      }),
      line({
        title: 'Conversational MOS by codec, the bad tail',
        shows: 'The same with delay in it, measured where RTCP allows, assumed elsewhere.',
        worry:
          'When it is far below the listening MOS: delay is the problem, such as a detour or a satellite.',
        unit: 'none',
        decimals: 2,
        min: 1,
        max: 5,
        targets: [
          {
            expr: quantile(0.05, 'earshot_interval_mos_cq', { by: ['codec', 'scale'], window: WINDOW }),
            legend: '{{codec}} {{scale}}',
            exemplars: true,
          },
        ],
      }),
      line(lowRating()),
    ],
  };
}

type Drawn = Pick<PanelSpec, 'title' | 'shows' | 'worry' | 'unit' | 'targets'> & Partial<PanelSpec>;

function lowRating(): Drawn {
  return {
    title: 'R below 70',
    shows:
      'Part of the intervals with R below 70 on the scale of its codec (90.3 of wideband, 103.6 of fullband).',
    worry: 'When it is more than a few percent for long: many users are dissatisfied (G.107 Annex B).',
    unit: 'percentunit',
    min: 0,
    targets: [
      ['NB', 70],
      ['WB', 90.3],
      ['FB', 103.6],
    ].map(([scale, bound]) => ({
      expr: within('earshot_interval_r_factor', bound as number, {
        by: ['codec'],
        where: [`scale="${scale}"`],
        window: WINDOW,
      }),
      legend: `{{codec}} ${scale}`,
    })),
  };
}

const SHARES = [
  ['lost', 'earshot_rtp_lost_packets_total'],
  ['discarded', 'earshot_rtp_discarded_packets_total'],
  ['duplicated', 'earshot_rtp_duplicate_packets_total'],
  ['out of order', 'earshot_rtp_reordered_packets_total'],
] as const;

function packets(limits: Limits): Section {
  const slow = limits.window('JitterHighSlow');
  const bad = limits.bad('JitterHighSlow');
  const run = limits.bad('LossBursts');
  return {
    title: 'Packets',
    panels: [
      {
        kind: 'series',
        title: 'What became of packets',
        shows:
          'Parts of the packets that were due: lost, too late or too early to be played, sent twice, overtaken.',
        worry:
          'When lost stays above the line for an hour. Duplicates alone are harmless; with reordering they point at two paths.',
        unit: 'percentunit',
        decimals: 2,
        min: 0,
        limit: limits.of('LossHighSlow'),
        targets: SHARES.map(([legend, name]) => ({
          expr: ratio(name, 'earshot_rtp_expected_packets_total', { window: limits.window('LossHighSlow') }),
          legend,
        })),
        links: [WORST_CALLS, STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Loss by direction',
        shows: '95th percentile of the loss of intervals, by direction from the trunks.',
        worry: 'When one direction is bad alone: it has a path of its own, or one side sends badly.',
        unit: 'percentunit',
        min: 0,
        limit: limits.of('LossHighFast'),
        targets: [
          {
            expr: quantile(0.95, 'earshot_interval_loss_ratio', { by: ['direction'], window: WINDOW }),
            legend: '{{direction}}',
            exemplars: true,
          },
        ],
        links: [WORST_CALLS, STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Long losses',
        shows: `Part of the streams that ended within ${limits.window('LossBursts')} and had lost more than ${run} packets in a row, by direction.`,
        worry:
          'When it crosses the line: no concealment hides such losses. A path that switches over, a queue that overflows, Wi-Fi that roams.',
        unit: 'percentunit',
        min: 0,
        limit: limits.of('LossBursts'),
        targets: [
          {
            expr: `1 - ${within('earshot_stream_longest_loss_run_packets', run, { by: ['direction'], window: limits.window('LossBursts') })}`,
            legend: '{{direction}}',
          },
        ],
        links: [WORST_CALLS, STATUS_PAGE],
      },
      {
        kind: 'series',
        title: 'Time with much jitter',
        shows: `Part of the intervals of the last ${slow} with more than ${bad * 1000} ms of jitter, by direction.`,
        worry: 'When it stays above the line: it is information, and a page only where discards rise, too.',
        unit: 'percentunit',
        min: 0,
        limit: limits.of('JitterHighSlow'),
        targets: [
          {
            expr: `1 - ${within('earshot_interval_jitter_seconds', bad, { by: ['direction'], window: slow })}`,
            legend: '{{direction}}',
          },
        ],
        links: [STATUS_PAGE],
      },
      roundTrips(),
    ],
  };
}

function devices(limits: Limits): Section {
  const bad = limits.bad('MosLowSlow');
  const worst = (each: Pick<PanelSpec, 'title' | 'shows' | 'worry' | 'unit' | 'targets'>): PanelSpec => ({
    kind: 'bars',
    min: 0,
    links: [WORST_CALLS],
    ...each,
  });
  return {
    title: 'Devices',
    panels: [
      worst({
        title: 'Devices with the most poor streams',
        shows: `Part of the streams of the last hour with a MOS below ${bad}, by kind of the sending device, ten worst.`,
        worry: 'When one kind or firmware stands out at several sites: it is the device, not the network.',
        unit: 'percentunit',
        targets: [
          {
            expr: `topk(10, ${within('earshot_stream_mos_lq', bad, { by: ['device'], window: HOUR })} >= 0)`,
            legend: '{{device}}',
            instant: true,
          },
        ],
      }),
      worst({
        title: 'Devices with the most jitter',
        shows:
          '95th percentile over streams of the jitter of each (its own 95th percentile), last hour, ten worst.',
        worry: 'When one kind stands out: it sends unevenly, whatever the network does.',
        unit: 's',
        targets: [
          {
            expr: `topk(10, ${quantile(0.95, 'earshot_stream_jitter_seconds', { by: ['device'], window: HOUR })} >= 0)`,
            legend: '{{device}}',
            instant: true,
          },
        ],
      }),
      worst({
        title: 'Devices with the most loss',
        shows: '95th percentile over streams of the loss of each, last hour, ten worst.',
        worry: 'When one kind stands out: Wi-Fi handsets and softphones lose before anything else does.',
        unit: 'percentunit',
        targets: [
          {
            expr: `topk(10, ${quantile(0.95, 'earshot_stream_loss_ratio', { by: ['device'], window: HOUR })} >= 0)`,
            legend: '{{device}}',
            instant: true,
          },
        ],
      }),
      worst({
        title: 'Streams by device',
        shows: 'Streams of the last hour by kind of the sending device, the ten most frequent.',
        worry: 'When a kind appears that is not known here, or "none" is most: configure groups.devices.',
        unit: 'short',
        targets: [
          {
            expr: `topk(10, 3600 * ${rate('earshot_rtp_streams_finished_total', { by: ['device'], window: HOUR })})`,
            legend: '{{device}}',
            instant: true,
          },
        ],
      }),
    ],
  };
}

function roundTrips(): PanelSpec {
  return {
    kind: 'series',
    title: 'Round trip between probe and receiver',
    shows: 'Median and 95th percentile of the round trips of streams, by RTCP.',
    worry: 'Above 300 ms people begin to talk at the same time. A jump is a change of route.',
    unit: 's',
    min: 0,
    targets: [0.5, 0.95].map((q) => ({
      expr: quantile(q, 'earshot_rtcp_round_trip_seconds', { window: HOUR }),
      legend: q === 0.5 ? 'median' : 'p95',
      exemplars: true,
    })),
    links: [STATUS_PAGE],
  };
}

import type { Limits } from './limits.ts';
import { line } from './line.ts';
import { gauge, rate, ratio, selector } from './promql.ts';
import type { PanelSpec, Section } from './spec.ts';

/** What came, and what was lost or left aside. */
export function capture(limits: Limits): Section {
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
      droppedPackets(limits),
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

function droppedPackets(limits: Limits): PanelSpec {
  return line({
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
  });
}

/** What could not be read for lack of keys. */
export function encryption(): Section {
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

/** What is kept on disk for a look afterwards. Empty where nothing is. */
export function kept(): Section {
  return {
    title: 'Packets kept',
    panels: [
      line({
        title: 'Written and not taken',
        shows:
          'Packets per second that were written to disk for afterwards, and those that the disk did not take.',
        worry: 'When some are not taken: the disk is slow or full. They were measured all the same.',
        unit: 'pps',
        targets: [
          { expr: rate('earshot_kept_packets_total'), legend: 'written' },
          { expr: rate('earshot_kept_packets_lost_total'), legend: 'not taken' },
        ],
      }),
      line({
        title: 'How far back',
        shows: 'Age of the oldest packets kept, by probe.',
        worry: 'When it is less than what was asked for: keep.maxMiB ends it before its time.',
        unit: 's',
        targets: [
          {
            expr: `time() - ${selector('earshot_kept_oldest_timestamp_seconds')}`,
            legend: '{{instance}}',
          },
        ],
      }),
      line({
        title: 'Room taken on disk',
        shows: 'Octets of the packets kept, by probe.',
        worry: 'Near the room there is: the oldest go sooner.',
        unit: 'bytes',
        targets: [{ expr: gauge('earshot_kept_bytes', { by: ['instance'] }), legend: '{{instance}}' }],
      }),
    ],
  };
}

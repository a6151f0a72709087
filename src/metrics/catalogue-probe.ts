import type { MetricEntry } from './catalogue.ts';

function counter(unit: string, labels: readonly string[], meaning: string, query: string) {
  return { type: 'counter', unit, labels, meaning, query } as const;
}

function gauge(unit: string, labels: readonly string[], meaning: string, query: string) {
  return { type: 'gauge', unit, labels, meaning, query } as const;
}

const CAPTURE_METRICS = {
  earshot_capture_packets_total: counter(
    'packets',
    ['interface'],
    'Packets that the probe took, by where they come from.',
    'sum by (interface) (rate(earshot_capture_packets_total[1m]))',
  ),
  earshot_capture_bytes_total: counter(
    'bytes',
    ['interface'],
    'Bytes of these packets.',
    '8 * sum by (interface) (rate(earshot_capture_bytes_total[1m]))',
  ),
  earshot_capture_dropped_packets_total: counter(
    'packets',
    ['interface'],
    'Packets lost before the probe could take them. Absent where the source does not tell.',
    'rate(earshot_capture_dropped_packets_total[5m]) > 0',
  ),
  earshot_capture_source_up: gauge(
    '1',
    ['interface'],
    '1 while packets can come from the source, 0 when it is down or has ended.',
    'earshot_capture_source_up == 0',
  ),
  earshot_capture_decoded_packets_total: counter(
    'packets',
    ['protocol'],
    'Packets by what they were found to be: sip (messages), rtp, rtcp, t38, other.',
    'sum by (protocol) (rate(earshot_capture_decoded_packets_total[5m]))',
  ),
  earshot_capture_discarded_total: counter(
    '1',
    ['reason'],
    'What was not used, by reason (docs/fault-model.md): packets, messages, and entries that a full table refused.',
    'topk(5, rate(earshot_capture_discarded_total[15m]))',
  ),
  earshot_capture_mirror_duplicates_total: counter(
    'packets',
    [],
    'Copies that the mirror made; they are in no other figure.',
    'sum(rate(earshot_capture_mirror_duplicates_total[5m])) / sum(rate(earshot_capture_packets_total[5m]))',
  ),
  earshot_capture_trusted: gauge(
    '1',
    [],
    '1 while the figures of the last five minutes can be trusted, 0.5 when they are degraded, 0 when not.',
    'earshot_capture_trusted < 1',
  ),
  earshot_capture_doubt: gauge(
    '1',
    ['reason'],
    '1 for each reason there is to doubt the capture of the last five minutes, 0 when it is over.',
    'earshot_capture_doubt == 1',
  ),
  earshot_tls_connections_total: counter(
    'connections',
    [],
    'TLS connections that may carry SIP.',
    'rate(earshot_tls_connections_total[15m])',
  ),
  earshot_tls_decrypted_connections_total: counter(
    'connections',
    [],
    'Those of them that could be read.',
    'sum(rate(earshot_tls_decrypted_connections_total[1h])) / sum(rate(earshot_tls_connections_total[1h]))',
  ),
  earshot_tls_unread_connections_total: counter(
    'connections',
    ['reason'],
    'Those of them on SIP ports that could not be read, by reason.',
    'sum by (reason) (rate(earshot_tls_unread_connections_total[1h]))',
  ),
} as const;

const OWN_METRICS = {
  earshot_build_info: gauge(
    '1',
    ['version', 'nodeversion', 'probe'],
    'Always 1; its labels say what runs.',
    'count by (version) (earshot_build_info)',
  ),
  earshot_measuring_up: gauge(
    '1',
    [],
    '1 while measuring goes on, 0 between a death and the next start.',
    'earshot_measuring_up == 0',
  ),
  earshot_measuring_restarts_total: counter(
    'restarts',
    [],
    'Times that measuring died and was started again.',
    'increase(earshot_measuring_restarts_total[1h])',
  ),
  earshot_event_loop_lag_seconds: gauge(
    'seconds',
    ['thread'],
    'Longest standstill of an event loop within ten seconds: measuring, serving.',
    'max_over_time(earshot_event_loop_lag_seconds[15m])',
  ),
  earshot_heap_bytes: gauge(
    'bytes',
    ['thread'],
    'Heap in use, by thread.',
    'sum by (thread) (earshot_heap_bytes)',
  ),
  earshot_table_entries: gauge(
    'entries',
    ['table'],
    'Entries of tables and queues.',
    'earshot_table_entries / earshot_table_limit > 0.8',
  ),
  earshot_table_limit: gauge('entries', ['table'], 'How many there may be.', 'earshot_table_limit'),
  earshot_records_total: counter(
    'records',
    ['type'],
    'Records that measuring told.',
    'sum by (type) (rate(earshot_records_total[5m]))',
  ),
  earshot_records_dropped_total: counter(
    'records',
    ['type'],
    'Records that nobody took in time.',
    'rate(earshot_records_dropped_total[15m]) > 0',
  ),
  earshot_kept_packets_total: counter(
    'packets',
    [],
    'Packets written to disk for afterwards. Absent where none are kept.',
    'rate(earshot_kept_packets_total[5m])',
  ),
  earshot_kept_packets_lost_total: counter(
    'packets',
    [],
    'Packets that the disk did not take, in time or at all. They were measured.',
    'rate(earshot_kept_packets_lost_total[15m]) > 0',
  ),
  earshot_kept_bytes: gauge('bytes', [], 'Octets of the packets kept.', 'earshot_kept_bytes'),
  earshot_kept_oldest_timestamp_seconds: gauge(
    'seconds',
    [],
    'Capture time of the oldest packets kept.',
    'time() - earshot_kept_oldest_timestamp_seconds',
  ),
  earshot_holds: gauge(
    'holds',
    ['kept'],
    'Holds on what is kept: packets, history, bad_calls. Absent where that is not kept. A hold on all three counts in each.',
    'max(earshot_holds)',
  ),
  earshot_held_files: gauge('files', ['kept'], 'Files that are held.', 'sum by (kept) (earshot_held_files)'),
  earshot_held_bytes: gauge(
    'bytes',
    ['kept'],
    'Octets of the files that are held; a file of two holds counts twice.',
    'sum by (kept) (earshot_held_bytes)',
  ),
  earshot_held_fullest_ratio: gauge(
    'ratio',
    ['kept'],
    'Of what a hold may take (--max-mib), the part that it has taken: of the fullest one. Absent without holds.',
    'max by (kept) (earshot_held_fullest_ratio) > 0.8',
  ),
  earshot_holds_full: gauge(
    'holds',
    ['kept'],
    'Holds that have no more room: they keep what they have, and get nothing more.',
    'earshot_holds_full > 0',
  ),
  earshot_holds_incomplete: gauge(
    'holds',
    ['kept'],
    'Holds that do not get what they are about, because they are full or files cannot be held; 1 at least where holds cannot be read.',
    'earshot_holds_incomplete > 0',
  ),
  earshot_label_sets: gauge(
    'label sets',
    ['metrics'],
    'Label sets with series of their own, by kind of metric: media, streams, calls, findings.',
    'earshot_label_sets / earshot_label_sets_limit > 0.9',
  ),
  earshot_label_sets_limit: gauge(
    'label sets',
    ['metrics'],
    'How many there may be (metrics.labelSets).',
    'earshot_label_sets_limit',
  ),
  earshot_label_overflow_total: counter(
    'records',
    ['metrics'],
    'Records counted under `other` for lack of room.',
    'rate(earshot_label_overflow_total[15m]) > 0',
  ),
  earshot_untracked_intervals_total: counter(
    'intervals',
    [],
    'Intervals of streams beyond those that metrics can follow: their packets are counted when the stream is over.',
    'rate(earshot_untracked_intervals_total[15m]) > 0',
  ),
  earshot_recent_calls: gauge(
    'calls',
    [],
    'Calls kept for /api/calls and the status page.',
    'earshot_recent_calls',
  ),
  earshot_recent_calls_evicted_total: counter(
    'calls',
    [],
    'Calls that gave way to newer or worse ones.',
    'rate(earshot_recent_calls_evicted_total[1h])',
  ),
  earshot_http_requests_total: counter(
    'requests',
    ['code'],
    'HTTP requests answered, by status.',
    'sum by (code) (rate(earshot_http_requests_total[5m]))',
  ),
  earshot_scrape_duration_seconds: gauge(
    'seconds',
    [],
    'How long it took to write the metrics the last time.',
    'earshot_scrape_duration_seconds',
  ),
} as const;

const PROCESS_METRICS = {
  process_cpu_seconds_total: counter(
    'seconds',
    [],
    'Processor time, of user and system.',
    'rate(process_cpu_seconds_total[5m])',
  ),
  process_resident_memory_bytes: gauge('bytes', [], 'Resident memory.', 'process_resident_memory_bytes'),
  process_start_time_seconds: gauge(
    'seconds',
    [],
    'When the process started, seconds since the epoch.',
    'time() - process_start_time_seconds',
  ),
  process_open_fds: gauge('descriptors', [], 'Open file descriptors; Linux only.', 'process_open_fds'),
} as const;

export const PROBE_METRICS = {
  ...CAPTURE_METRICS,
  ...OWN_METRICS,
  ...PROCESS_METRICS,
} as const satisfies Record<string, MetricEntry>;

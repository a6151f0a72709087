import { readdirSync } from 'node:fs';
import process from 'node:process';
import type { CaptureRecordOfRun, SourceStatus, StatusRecord } from '../live/live-records.ts';
import { microsOf } from '../report/iso-time.ts';
import { HoldMetrics } from './hold-metrics.ts';
import { labelValue } from './label-text.ts';
import { Followed, type MetricSet } from './metric-set.ts';
import { withRefused } from './refused-by-agents.ts';
import { TrunkMetrics } from './trunk-metrics.ts';

const TRUST = { trusted: 1, degraded: 0.5, untrusted: 0 } as const;

/** What the account of a capture holds, whether it is closed or goes on. */
type Account = Pick<
  StatusRecord,
  | 'decoded'
  | 'discarded'
  | 'mirrorDuplicates'
  | 'encrypted'
  | 'sip'
  | 'registrationRounds'
  | 'sources'
  | 'records'
  | 'trust'
>;

/**
 * Metrics of the capture and of the probe itself, from what it says of where it stands. That counts from the start of
 * measuring, which may begin anew: these counters go on.
 */
export class ProbeMetrics {
  private readonly set: MetricSet;
  private readonly restartable: readonly Followed[];
  private readonly packets: Followed;
  private readonly bytes: Followed;
  private readonly dropped: Followed;
  private readonly decoded: Followed;
  private readonly discarded: Followed;
  private readonly mirror: Followed;
  private readonly tls: Followed;
  private readonly decrypted: Followed;
  private readonly unread: Followed;
  private readonly requests: Followed;
  private readonly responses: Followed;
  private readonly registrations: Followed;
  private readonly records: Followed;
  private readonly recordsDropped: Followed;
  private readonly kept: Followed;
  private readonly keptLost: Followed;
  private readonly restarts: Followed;
  private readonly trunks: TrunkMetrics;
  private readonly holds: HoldMetrics;
  private doubts = new Set<string>();

  constructor(set: MetricSet) {
    this.set = set;
    this.trunks = new TrunkMetrics(set);
    this.holds = new HoldMetrics(set);
    const made: Followed[] = [];
    const followed = (name: Parameters<MetricSet['counter']>[0], label: string | null = null): Followed => {
      const each = new Followed(set.counter(name), label);
      made.push(each);
      return each;
    };
    this.packets = followed('earshot_capture_packets_total', 'interface');
    this.bytes = followed('earshot_capture_bytes_total', 'interface');
    this.dropped = followed('earshot_capture_dropped_packets_total', 'interface');
    this.decoded = followed('earshot_capture_decoded_packets_total', 'protocol');
    this.discarded = followed('earshot_capture_discarded_total', 'reason');
    this.mirror = followed('earshot_capture_mirror_duplicates_total');
    this.tls = followed('earshot_tls_connections_total');
    this.decrypted = followed('earshot_tls_decrypted_connections_total');
    this.unread = followed('earshot_tls_unread_connections_total', 'reason');
    this.requests = followed('earshot_sip_requests_total', 'method');
    this.responses = followed('earshot_sip_responses_total', 'code');
    this.registrations = followed('earshot_registrations_total', 'outcome');
    this.records = followed('earshot_records_total', 'type');
    this.recordsDropped = followed('earshot_records_dropped_total', 'type');
    this.kept = followed('earshot_kept_packets_total');
    this.keptLost = followed('earshot_kept_packets_lost_total');
    this.restartable = [...made];
    this.restarts = new Followed(set.counter('earshot_measuring_restarts_total'));
    // Nothing is known of these yet, and 0 would be a statement.
    for (const name of UNKNOWN_AT_FIRST) set.gauge(name).remove();
    set.gauge('process_start_time_seconds').set(Math.round(Date.now() / 1000 - process.uptime()));
  }

  /** Measuring began, for the first time or again. */
  start(run: number): void {
    for (const each of this.restartable) each.restart();
    this.restarts.to(run - 1);
  }

  /** Takes what the probe says of where it stands. */
  status(status: StatusRecord): void {
    this.account(status);
    const { set } = this;
    set.gauge('earshot_calls').set(status.callsUp);
    set.gauge('earshot_calls_followed').set(status.calls);
    set.gauge('earshot_rtp_streams').set(status.streams);
    set.gauge('earshot_registrations').set(status.registrations);
    this.trunks.stand(status.trunks);
    set.gauge('earshot_heap_bytes').set({ thread: 'measuring' }, status.heapBytes);
    set.gauge('earshot_event_loop_lag_seconds').set({ thread: 'measuring' }, status.lagMs.measuring / 1000);
    set.gauge('earshot_event_loop_lag_seconds').set({ thread: 'serving' }, status.lagMs.serving / 1000);
    this.disk(status.kept);
    this.holds.stand(status.held);
    for (const [table, { used, max }] of Object.entries({ ...status.tables, records: status.queue })) {
      this.fill(table, used, max);
    }
  }

  private disk(kept: StatusRecord['kept']): void {
    if (kept === null) return;
    this.kept.to(kept.packets);
    this.keptLost.to(kept.lost);
    this.set.gauge('earshot_kept_bytes').set(kept.bytes);
    const oldestUs = kept.oldest === null ? null : microsOf(kept.oldest);
    if (oldestUs !== null) this.set.gauge('earshot_kept_oldest_timestamp_seconds').set(oldestUs / 1e6);
  }

  /** Takes the closing account: nothing is under way any more. */
  closed(capture: CaptureRecordOfRun): void {
    this.account(capture);
    for (const name of ['earshot_calls', 'earshot_calls_followed', 'earshot_rtp_streams'] as const) {
      this.set.gauge(name).set(0);
    }
  }

  /** How full a table is. */
  fill(table: string, used: number, max: number): void {
    this.set.gauge('earshot_table_entries').set({ table }, used);
    this.set.gauge('earshot_table_limit').set({ table }, max);
  }

  /** The process itself, as it is now. */
  process(): void {
    const { set } = this;
    const { user, system } = process.cpuUsage();
    const cpu = set.counter('process_cpu_seconds_total');
    cpu.reset();
    cpu.inc((user + system) / 1e6);
    const memory = process.memoryUsage();
    set.gauge('process_resident_memory_bytes').set(memory.rss);
    set.gauge('earshot_heap_bytes').set({ thread: 'serving' }, memory.heapUsed);
    const descriptors = openDescriptors();
    if (descriptors !== null) set.gauge('process_open_fds').set(descriptors);
  }

  private account(account: Account): void {
    const { decoded, discarded, encrypted, sip, registrationRounds, records, trust } = account;
    for (const [protocol, n] of Object.entries(decoded)) this.decoded.to(n, protocol);
    for (const [reason, n] of Object.entries(withRefused(discarded, account.sources)))
      this.discarded.to(n, reason);
    this.mirror.to(account.mirrorDuplicates);
    this.tls.to(encrypted.tlsConnections);
    this.decrypted.to(encrypted.tlsDecrypted);
    for (const [reason, n] of Object.entries(encrypted.unread)) this.unread.to(n, reason);
    for (const [method, n] of Object.entries(sip.requests)) this.requests.to(n, method);
    for (const [code, n] of Object.entries(sip.responses)) this.responses.to(n, code);
    const { succeeded, failed, ofScans } = registrationRounds;
    const rounds = { succeeded, failed, of_scans: ofScans };
    for (const [outcome, n] of Object.entries(rounds)) this.registrations.to(n, outcome);
    for (const [type, n] of Object.entries(records.told)) this.records.to(n, type);
    for (const [type, n] of Object.entries(records.dropped)) this.recordsDropped.to(n, type);
    for (const source of account.sources) this.source(source);
    this.trust(trust);
  }

  private source({ name, packets, bytes, dropped, up, ended }: SourceStatus): void {
    this.packets.to(packets, name);
    this.bytes.to(bytes, name);
    this.dropped.to(dropped, name);
    const isUp = up !== false && !ended;
    this.set.gauge('earshot_capture_source_up').set({ interface: labelValue(name) }, isUp ? 1 : 0);
  }

  private trust({ verdict, reasons }: StatusRecord['trust']): void {
    this.set.gauge('earshot_capture_trusted').set(TRUST[verdict]);
    const gauge = this.set.gauge('earshot_capture_doubt');
    const now = new Set(reasons.map(({ code }) => labelValue(code)));
    for (const reason of new Set([...this.doubts, ...now])) gauge.set({ reason }, now.has(reason) ? 1 : 0);
    this.doubts = new Set([...this.doubts, ...now]);
  }
}

const UNKNOWN_AT_FIRST = [
  'earshot_calls',
  'earshot_calls_followed',
  'earshot_rtp_streams',
  'earshot_registrations',
  'earshot_capture_trusted',
  'earshot_scrape_duration_seconds',
  'earshot_kept_bytes',
  'earshot_kept_oldest_timestamp_seconds',
  'process_open_fds',
] as const;

function openDescriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

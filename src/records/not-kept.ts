/** A counter under `capture.discarded` of what was read well, and then not kept. */
export interface NotKept {
  /** One of what is counted, and of what it is: `packet`, `of further RTP streams`. */
  noun: string;
  of: string;
  /** What may be missing for it. */
  missing: string;
}

/** Those counters, the gravest first: of full tables, mostly (docs/fault-model.md). All others are of what could not be decoded. */
export const NOT_KEPT = {
  call_table_full: {
    noun: 'message',
    of: 'of further calls',
    missing: 'those calls are missing',
  },
  rtp_table_full: {
    noun: 'packet',
    of: 'of further RTP streams',
    missing: 'those streams are not measured, and their calls may seem to lack media',
  },
  tcp_flow_table_full: {
    noun: 'TCP connection',
    of: 'given up for newer ones',
    missing: 'SIP in them may be missing',
  },
  tcp_buffers_full: {
    noun: 'incomplete message',
    of: 'over TCP',
    missing: 'what they said is missing',
  },
  endpoint_unproven: {
    noun: 'stream',
    of: 'beyond 64 at one announced endpoint',
    missing:
      'they are measured once they have proved themselves: those of less than five packets are missing',
  },
  endpoint_table_full: {
    noun: 'endpoint',
    of: 'that calls announced',
    missing: 'streams there may stand as those of no call',
  },
  ssrc_table_full: {
    noun: 'SSRC',
    of: 'that calls announced',
    missing: 'their streams are told by addresses alone, and may stand as those of no call',
  },
  call_streams_full: {
    noun: 'stream',
    of: 'beyond what one call has room for',
    missing: 'they stand as those of no call',
  },
  call_without_response: {
    noun: 'call',
    of: 'that nobody had answered in any way',
    missing: 'they are told as they were then, without what came later',
  },
  t38_table_full: {
    noun: 'packet or announcement',
    of: 'of further T.38 flows',
    missing: 'those faxes are not measured',
  },
  rtcp_table_full: {
    noun: 'report',
    of: 'of further RTCP sources',
    missing: 'what they say of loss and round trips is missing',
  },
  rtp_clock_table_full: {
    noun: 'format',
    of: 'of unknown clock rate',
    missing: 'those streams have no jitter',
  },
  registration_table_full: {
    noun: 'registration',
    of: 'beyond those that are followed',
    missing: 'they are in no figure, and not missed when they are lost',
  },
  trunk_table_full: {
    noun: 'OPTIONS request',
    of: 'of further trunks',
    missing: 'whether those trunks are up is not told',
  },
  scan_table_full: {
    noun: 'request',
    of: 'of further strangers',
    missing: 'scans may be told too small, or not at all',
  },
  icmp_table_full: {
    noun: 'ICMP error',
    of: 'of further kinds',
    missing: 'that media was sent back may be missing from its call',
  },
  endpoint_reports_full: {
    noun: 'report',
    of: 'of endpoints beyond 16 in one call',
    missing: 'they are not shown',
  },
  endpoint_report_unclaimed: {
    noun: 'report',
    of: 'of endpoints about calls that were not seen',
    missing: 'they are not shown',
  },
  voice_class_sources_full: {
    noun: 'packet',
    of: 'of further senders in the voice class',
    missing: 'they are in its sums, and who sent them is not told',
  },
  comparison_table_full: {
    noun: 'value',
    of: 'to compare calls and streams by',
    missing: 'what several of them have in common (a mirror port, a clock, a moment) may not be noticed',
  },
} as const satisfies Record<string, NotKept>;

export type NotKeptName = keyof typeof NOT_KEPT;

/** What a counter under `capture.discarded` says is missing; null where it counts what could not be decoded. */
export function notKept(name: string): NotKept | null {
  return Object.hasOwn(NOT_KEPT, name) ? NOT_KEPT[name as NotKeptName] : null;
}

/** Counters that are said among the reasons to doubt the capture: streams left out so that the others lose nothing. */
export const SHED_NAMES = ['rtp_streams_shed', 'rtp_packets_shed'] as const;

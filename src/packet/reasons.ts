/**
 * Why a packet was not passed on. Decoders answer with one of these codes; every code has its own counter, so
 * that nothing vanishes silently. `0` means "decoded".
 */
export const DECODED = 0;
export const REASON_UNKNOWN_LINK_TYPE = 1;
export const REASON_TRUNCATED_LINK = 2;
export const REASON_NOT_IP = 3;
export const REASON_BAD_IP_HEADER = 4;
export const REASON_TRUNCATED_IP = 5;
export const REASON_IP_FRAGMENT = 6;
export const REASON_OTHER_PROTOCOL = 7;
export const REASON_TRUNCATED_TRANSPORT = 8;
export const REASON_BAD_TRANSPORT = 9;
export const REASON_TOO_MANY_HEADERS = 10;
export const REASON_EMPTY_PAYLOAD = 11;
/** Captured before 1970 or after 2255: the time stamp is damaged, and every rate and delay would be with it. */
export const REASON_ABSURD_TIME = 12;
/** ESP, or a link that encrypts: there is nothing to read. */
export const REASON_ENCRYPTED = 13;
/** Fragments that overlap others of their datagram with other content, or contradict its end. */
export const REASON_FRAGMENT_OVERLAP = 14;
/** Fragments given up because more datagrams, or octets, were waiting than there is room for. */
export const REASON_FRAGMENT_TABLE_FULL = 15;
/** Fragments whose datagram was not complete in time. */
export const REASON_FRAGMENT_TIMEOUT = 16;
/** Fragments that end beyond what a datagram can be long. */
export const REASON_FRAGMENT_TOO_BIG = 17;
/** Copies of fragments that are waiting, or of a datagram that was just put together. */
export const REASON_FRAGMENT_DUPLICATE = 18;
/** An ICMP or ICMPv6 message: `view` says where it lies. */
export const REASON_ICMP = 19;

/** The names of the codes above, as they appear under `capture.discarded` in the report. */
export const REASON_NAMES: readonly string[] = [
  'decoded',
  'unknown_link_type',
  'truncated_link_header',
  'not_ip',
  'bad_ip_header',
  'truncated_ip_header',
  'ip_fragment',
  'other_ip_protocol',
  'truncated_transport_header',
  'bad_transport_header',
  'too_many_headers',
  'empty_payload',
  'absurd_time',
  'encrypted',
  'fragment_overlap',
  'fragment_table_full',
  'fragment_timeout',
  'fragment_too_big',
  'fragment_duplicate',
  'icmp',
];

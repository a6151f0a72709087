/**
 * The layout of one stream's state: a row of doubles and a row of 32-bit integers.
 *
 * All streams' rows lie in two flat typed arrays. One packet touches some thirty fields; side by side they share a
 * handful of cache lines, where a column per field would touch thirty. `npm run bench:layout` shows the ratio, and
 * docs/decisions/0003-stream-rows.md the reasoning. Row lengths are an odd number of cache lines: with a power of
 * two, the same field of all streams would compete for a few sets of the cache.
 */

// Doubles. Times are microseconds of capture time; `_MS` are milliseconds.
export const DOUBLES_PER_STREAM = 40;
export const FIRST_US = 0;
export const LAST_US = 1;
/** Earliest capture time at which an interval has to be cut or finished: one comparison per packet. */
export const NEXT_CHECK_US = 2;
/** Milliseconds per timestamp tick of the payload type in force; 0 while the clock rate is unknown. */
export const MS_PER_TICK = 3;
/** Its inverse for the literal estimator: timestamp ticks per microsecond. */
export const TICKS_PER_US = 12;
/** RFC 3550 A.8 estimator, literal. */
export const RFC_JITTER_MS = 4;
export const RFC_JITTER_SUM_MS = 5;
export const RFC_JITTER_MAX_MS = 6;
export const OCTETS = 7;
/** D2 estimator: arrival of the reference packet, value, and aggregates after warm-up. */
export const REFERENCE_US = 8;
export const JITTER_MS = 9;
export const JITTER_SUM_MS = 10;
export const JITTER_MAX_MS = 11;
/** Relative transit of the reference packet: arrival minus media time, 0 for the stream's first. */
export const LAST_DELAY_MS = 13;
/** Delay window (one interval): histogram origin, least and greatest delay. */
export const WINDOW_ORIGIN_MS = 14;
export const WINDOW_MIN_MS = 15;
export const WINDOW_MAX_MS = 16;
/** Delay over the whole stream: histogram origin, least and greatest. */
export const STREAM_ORIGIN_MS = 17;
export const STREAM_MIN_MS = 18;
export const STREAM_MAX_MS = 19;
export const INTERVAL_START_US = 20;
export const INTERVAL_END_US = 21;
export const INTERVAL_JITTER_SUM_MS = 22;
/** The interval that is cut but whose losses are not final yet: when it must be finished; Infinity when none. */
export const PENDING_DUE_US = 23;
export const PENDING_START_US = 24;
export const PENDING_JITTER_MS = 25;
export const PENDING_PDV_MS = 26;
export const PENDING_DURATION_MS = 27;
export const MAX_DELTA_MS = 28;
/** First packet of a sequence jump not yet confirmed: its arrival. */
export const JUMP_US = 29;
/** Time spent in interruptions: dropouts of 3000 packets or more that kept pace with the clock. */
export const INTERRUPTED_MS = 30;
/** Payload octets of that unconfirmed packet. */
export const JUMP_OCTETS = 31;

// Integers.
export const INTEGERS_PER_STREAM = 112;
/** Highest extended sequence number of the current segment, and the lowest. */
export const HIGHEST = 0;
export const FIRST = 1;
/** Lowest extended number whose verdict (received or lost) is still open. */
export const NEXT_FINAL = 2;
/** 1 in the steady state: audio with a known clock, warmed up, 16 equal frames behind it, no silence pending. */
export const REGULAR = 3;
export const PAYLOAD_TYPE = 4;
export const KIND = 5;
export const SILENCE_OCTETS_MAX = 6;
/** Numbers that arrived after they had been given up: received all the same, too late for the loss runs. */
export const RESTORED = 7;
export const RFC_TRANSIT = 8;
/** Values the literal estimator has taken; 0 while it has no packet to compare with. */
export const RFC_JITTER_COUNT = 9;
export const RFC_HAS_TRANSIT = 10;
export const REFERENCE_TIMESTAMP = 11;
export const REFERENCE_SEQUENCE = 12;
/** Audio packets since the last talkspurt start; the D2 aggregates begin with the 33rd. */
export const RUN_PACKETS = 13;
export const JITTER_COUNT = 14;
export const AFTER_SILENCE = 15;
/** Modal timestamp step of the last 16 consecutive pairs; how many of them there are, and how many agree. */
export const FRAME_TICKS = 16;
export const FRAME_PAIRS = 17;
export const FRAME_MATCHES = 18;
export const FRAME_NEXT = 19;
export const DUPLICATES = 20;
export const REORDERED = 21;
/** Received packets in a row before the verdict frontier. */
export const GOOD_RUN = 22;
export const INTERVAL_PACKETS = 23;
export const INTERVAL_JITTER_COUNT = 24;
/** TOS, TTL and VLAN of the newest packet, packed: a change is looked at in full. */
export const NETWORK_MARK = 25;
/** Literal RFC 3550 A.1 and A.3; see literal-source.ts for what "tied" means to RFC_MAX and RFC_RECEIVED. */
export const RFC_MAX = 26;
export const RFC_BASE = 27;
export const RFC_RECEIVED = 28;
export const RFC_PROBATION = 29;
export const RFC_BAD = 30;
export const CLOCK_RATE = 31;
export const RFC_TIED = 96;
/** Timestamp and marker of the unconfirmed packet at JUMP_US. */
export const JUMP_TIMESTAMP = 97;
export const JUMP_MARKER = 98;
/** 1024 bits: which of the last 1024 extended numbers were seen. */
export const SEEN = 32;
export const SEEN_WORDS = 32;
export const SEEN_BITS = 1024;
/** Timestamp steps behind FRAME_TICKS, a ring of 16. */
export const FRAME_RING = 64;
export const FRAME_RING_SIZE = 16;
/** Loss bookkeeping in sequence order (RFC 3611 4.7.2). */
export const CLUSTER_EVENTS = 80;
export const CLUSTER_START = 81;
export const LAST_EVENT = 82;
export const RUN_LENGTH = 83;
export const RUNS = 84;
export const LONGEST_RUN = 85;
export const EVENTS = 86;
export const BURSTS = 87;
export const BURST_PACKETS = 88;
export const BURST_EVENTS = 89;
export const INTERVAL_EXPECTED = 90;
export const INTERVAL_LOST = 91;
export const INTERVAL_RUNS = 92;
/** First extended number after the interval cut last, which may still be pending. */
export const PENDING_BOUNDARY = 93;
export const PENDING_PACKETS = 94;
/** Sequence number that would confirm a jump, or -1. */
export const JUMP_SEQUENCE = 95;

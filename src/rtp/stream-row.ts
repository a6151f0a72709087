/**
 * The layout of one stream's state: one row of 1344 bytes, seen as doubles and as 32-bit integers.
 *
 * All streams' rows lie in one buffer. One packet touches some thirty fields; side by side they share a handful of
 * cache lines, where a column per field would touch thirty. `npm run bench:layout` shows the ratio, and
 * docs/decisions/0003-stream-rows.md the reasoning. A row is an odd number of cache lines long: with a power of
 * two, the same field of all streams would compete for a few sets of the cache.
 *
 *     bytes   0..63    integers that every packet touches
 *            64..319   doubles, those that every packet touches first
 *           320..447   the bitmap of numbers seen
 *           448..703   integers for everything that is rarer
 *           704..1215  arrival times of the newest packets of a steady stream, not yet measured
 *           1216..1343  doubles that few packets touch
 */

// Doubles, by their index in the row. Times are microseconds of capture time; `_MS` are milliseconds.
export const DOUBLES_PER_STREAM = 168;
export const LAST_US = 8;
/** Earliest capture time at which an interval has to be cut or finished: one comparison per packet. */
export const NEXT_CHECK_US = 9;
export const MAX_DELTA_MS = 10;
export const OCTETS = 11;
/** Milliseconds per timestamp tick of the payload type in force; 0 while the clock rate is unknown. */
export const MS_PER_TICK = 12;
/** Its inverse for the literal estimator: timestamp ticks per microsecond. */
export const TICKS_PER_US = 13;
export const FIRST_US = 14;
/** RFC 3550 A.8 estimator, literal. */
export const RFC_JITTER_MS = 15;
export const RFC_JITTER_SUM_MS = 16;
export const RFC_JITTER_MAX_MS = 17;
/** D2 estimator: arrival of the reference packet, value, and aggregates after warm-up. */
export const REFERENCE_US = 18;
export const JITTER_MS = 19;
export const JITTER_MAX_MS = 20;
export const INTERVAL_JITTER_SUM_MS = 21;
/** Relative transit of the reference packet: arrival minus media time, 0 for the stream's first. */
export const LAST_DELAY_MS = 22;
/** Delay window (one interval): histogram origin, least and greatest delay. */
export const WINDOW_ORIGIN_MS = 23;
export const WINDOW_MIN_MS = 24;
export const WINDOW_MAX_MS = 25;
export const JITTER_SUM_MS = 26;
/** Delay over the whole stream: histogram origin, least and greatest. */
export const STREAM_ORIGIN_MS = 27;
export const STREAM_MIN_MS = 28;
export const STREAM_MAX_MS = 29;
export const INTERVAL_START_US = 30;
export const INTERVAL_END_US = 31;
/** The interval that is cut but whose losses are not final yet: when it must be finished; Infinity when none. */
export const PENDING_DUE_US = 32;
export const PENDING_START_US = 33;
export const PENDING_JITTER_MS = 34;
export const PENDING_PDV_MS = 35;
export const PENDING_DURATION_MS = 36;
/** First packet of a sequence jump not yet confirmed: its arrival and payload octets. */
export const JUMP_US = 37;
export const JUMP_OCTETS = 38;
/** Time spent in interruptions: dropouts of 3000 packets or more that kept pace with the clock. */
export const INTERRUPTED_MS = 39;

// Integers, by their index in the row.
export const INTEGERS_PER_STREAM = 336;
/** Highest extended sequence number of the current segment. */
export const HIGHEST = 0;
/** Lowest extended number whose verdict (received or lost) is still open. */
export const NEXT_FINAL = 1;
/** See literal-source.ts. */
export const RFC_TIED = 2;
export const PAYLOAD_TYPE = 3;
/** TOS, TTL and VLAN of the newest packet, packed: a change is looked at in full. */
export const NETWORK_MARK = 4;
export const INTERVAL_PACKETS = 5;
export const SILENCE_OCTETS_MAX = 7;
export const REFERENCE_TIMESTAMP = 8;
export const REFERENCE_SEQUENCE = 9;
/** Modal timestamp step of the last 16 consecutive pairs; 0 while unknown. */
export const FRAME_TICKS = 10;
export const RFC_TRANSIT = 11;
/** Values the literal estimator has taken. */
export const RFC_JITTER_COUNT = 12;
export const INTERVAL_JITTER_COUNT = 13;
export const KIND = 15;
/**
 * 1024 bits: which of the last 1024 extended numbers were seen. Only true below CLEAN_FROM: from there to HIGHEST all
 * were, and the bits are not written until somebody has to ask.
 */
export const SEEN = 80;
export const SEEN_WORDS = 32;
export const SEEN_BITS = 1024;
/** Timestamp steps behind FRAME_TICKS, a ring of 16; how many there are, how many agree, which is next. */
export const FRAME_RING = 112;
export const FRAME_RING_SIZE = 16;
export const FRAME_PAIRS = 128;
export const FRAME_MATCHES = 129;
export const FRAME_NEXT = 130;
/** Whether the literal estimator has a packet to compare with. */
export const RFC_HAS_TRANSIT = 131;
/** Audio packets since the last talkspurt start; the D2 aggregates begin with the 33rd. */
export const RUN_PACKETS = 132;
export const JITTER_COUNT = 133;
export const AFTER_SILENCE = 134;
export const DUPLICATES = 135;
export const REORDERED = 136;
/** Numbers that arrived after they had been given up: received all the same, too late for the loss runs. */
export const RESTORED = 137;
/** Received packets in a row before the verdict frontier. */
export const GOOD_RUN = 138;
/** Literal RFC 3550 A.1 and A.3; see literal-source.ts for what "tied" means to RFC_MAX and RFC_RECEIVED. */
export const RFC_MAX = 139;
export const RFC_BASE = 140;
export const RFC_RECEIVED = 141;
export const RFC_PROBATION = 142;
export const RFC_BAD = 143;
export const CLOCK_RATE = 144;
/** Loss bookkeeping in sequence order (RFC 3611 4.7.2). */
export const CLUSTER_EVENTS = 145;
export const CLUSTER_START = 146;
export const LAST_EVENT = 147;
export const RUN_LENGTH = 148;
export const RUNS = 149;
export const LONGEST_RUN = 150;
export const EVENTS = 151;
export const BURSTS = 152;
export const BURST_PACKETS = 153;
export const BURST_EVENTS = 154;
export const INTERVAL_EXPECTED = 155;
export const INTERVAL_LOST = 156;
export const INTERVAL_RUNS = 157;
/** First extended number after the interval cut last, which may still be pending. */
export const PENDING_BOUNDARY = 158;
export const PENDING_PACKETS = 159;
/** Sequence number that would confirm a jump, or -1; timestamp and marker of the packet that waits for it. */
export const JUMP_SEQUENCE = 160;
export const JUMP_TIMESTAMP = 161;
export const JUMP_MARKER = 162;
/** Lowest extended sequence number of the current segment. */
export const FIRST = 163;
/** From this number to HIGHEST every one was received; HIGHEST + 1 when there is none. */
export const CLEAN_FROM = 164;
/** What the listener misses, in sequence order: lost, or discarded by the playout model of the score. */
export const DISCARDED = 165;
export const EVENT_RUNS = 166;
export const LAST_MISSED = 167;
export const INTERVAL_DISCARDED = 168;
export const INTERVAL_EVENT_RUNS = 169;
/** Highest number whose packet that model discarded. */
export const LAST_DROPPED = 170;
/** Copies of old numbers in a row (loops.ts): the number that would follow, how many there were, and the highest number meanwhile. */
export const COPY_NEXT = 171;
export const COPY_RUN = 172;
export const COPY_HIGHEST = 173;

/** Below every extended number. */
export const NO_NUMBER = -0x80000000;

/** Doubles again: arrivals of packets that steady.ts keeps until there are enough to measure them together. */
export const ARRIVALS = 88;
export const ARRIVALS_SIZE = 64;

/** Arrival of the fastest packet of the window. */
export const WINDOW_MIN_US = 152;
/** Of the pending interval: percentiles of delay variation, and of its differences. */
export const PENDING_PDV50_MS = 153;
export const PENDING_PDV99_MS = 154;
export const PENDING_IPDV_MS = 155;
/** Its least delay; NaN without one that goes on from the interval before. */
export const PENDING_LEAST_MS = 156;
/** When the first of the copies in a row came. */
export const COPY_SINCE_US = 157;

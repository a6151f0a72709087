/** Reports of one source, remembered long enough for their echo: key and capture time. */
const REMEMBERED = 8;

/** When the tap saw the sender reports, or the receiver reference times, of one source (standards 7.1). */
export class ReferenceTimes {
  /** NaN where there is none yet. */
  private readonly keys = new Float64Array(REMEMBERED).fill(Number.NaN);
  private readonly times = new Float64Array(REMEMBERED);
  private next = 0;

  /** One passed. `key` is the middle 32 bits of its NTP time, which is echoed; 0 names none. */
  sent(key: number, timeUs: number): void {
    if (key === 0) return;
    for (let i = 0; i < REMEMBERED; i++) {
      if (this.keys[i] === key) {
        // A repeated report: the echo answers the newest one.
        this.times[i] = timeUs;
        return;
      }
    }
    this.keys[this.next] = key;
    this.times[this.next] = timeUs;
    this.next = (this.next + 1) % REMEMBERED;
  }

  /** Capture time of the one with this key, or null. */
  timeOf(key: number): number | null {
    for (let i = 0; i < REMEMBERED; i++) {
      if (this.keys[i] === key) return this.times[i]!;
    }
    return null;
  }
}

/**
 * Why an echo gave no round trip. `unknown_report`: the report it names never passed here, or long ago.
 * `byte_order`: the report is one that did pass, with its octets the wrong way round. `no_delay`: the delay is 0; the
 * endpoint does not measure it, or answered within one tick of a coarse clock, and the two look alike.
 * `long_delay`: held for longer than the report has been out, by more than 5 s. `negative`, `too_long`: outside
 * -5 ms .. 10 s. `delay_in_ms`: see `RoundTrips`.
 */
export type RoundTripFault =
  | 'unknown_report'
  | 'byte_order'
  | 'no_delay'
  | 'long_delay'
  | 'negative'
  | 'too_long'
  | 'delay_in_ms';

const LEAST_MS = -5;
const MOST_MS = 10_000;
const DELAY_SLACK_MS = 5000;

/** An echo of a report: how long ago the report passed, and how long the endpoint says it held it. */
export interface EchoTiming {
  elapsedMs: number;
  /** In 1/65536 s. */
  delay: number;
}

/** How long the report an echo names has been out; a fault when it cannot be told. */
export function echoTiming(
  references: ReferenceTimes,
  key: number,
  delay: number,
  timeUs: number,
): EchoTiming | RoundTripFault {
  const sentUs = references.timeOf(key);
  if (sentUs === null) return references.timeOf(swapped(key)) === null ? 'unknown_report' : 'byte_order';
  return { elapsedMs: (timeUs - sentUs) / 1000, delay };
}

function swapped(key: number): number {
  return (((key & 0xff) << 24) | ((key & 0xff00) << 8) | ((key >>> 8) & 0xff00) | (key >>> 24)) >>> 0;
}

/**
 * Round trip between the tap and the endpoint that sent an echo, by the capture clock alone: the time between a
 * report passing and its echo coming back, less the time the endpoint held it (RFC 3550 6.4.1, RFC 3611 4.5).
 *
 * @returns ms, small negatives (granularity of the delay) as 0; or what is wrong with it
 */
export function roundTripMs({ elapsedMs, delay }: EchoTiming): number | RoundTripFault {
  if (delay === 0) return 'no_delay';
  const heldMs = (delay * 1000) / 65536;
  if (heldMs > elapsedMs + DELAY_SLACK_MS) return 'long_delay';
  const ms = elapsedMs - heldMs;
  if (ms < LEAST_MS) return 'negative';
  if (ms > MOST_MS) return 'too_long';
  return Math.max(0, ms);
}

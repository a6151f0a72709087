/** Sender reports of one source, remembered long enough for their echo: key and capture time. */
const REMEMBERED = 8;

/** When the tap saw the sender reports of one source (standards 7.1). */
export class SenderClock {
  /** NaN where there is none yet. */
  private readonly keys = new Float64Array(REMEMBERED).fill(Number.NaN);
  private readonly times = new Float64Array(REMEMBERED);
  private next = 0;

  /** A sender report passed. `key` is the middle 32 bits of its NTP time, which receivers echo as LSR. */
  sent(key: number, timeUs: number): void {
    for (let i = 0; i < REMEMBERED; i++) {
      if (this.keys[i] === key) {
        // A repeated report: the receiver echoes the newest one.
        this.times[i] = timeUs;
        return;
      }
    }
    this.keys[this.next] = key;
    this.times[this.next] = timeUs;
    this.next = (this.next + 1) % REMEMBERED;
  }

  /** Capture time of the report with this key, or null. */
  timeOf(key: number): number | null {
    for (let i = 0; i < REMEMBERED; i++) {
      if (this.keys[i] === key) return this.times[i]!;
    }
    return null;
  }
}

const LEAST_MS = -5;
const MOST_MS = 10_000;

/**
 * Round trip between the tap and the receiver that sent a report block, by the capture clock alone: the time
 * between a sender report passing and its echo coming back, less the time the receiver held it (RFC 3550 6.4.1).
 *
 * @param lsr 0 means the receiver has had no sender report
 * @param dlsr in 1/65536 s
 * @returns ms, small negatives (DLSR granularity) as 0; null without a match or outside -5 ms .. 10 s
 */
export function roundTripMs(clock: SenderClock, lsr: number, dlsr: number, timeUs: number): number | null {
  if (lsr === 0) return null;
  const sentUs = clock.timeOf(lsr);
  if (sentUs === null) return null;
  const ms = (timeUs - sentUs) / 1000 - (dlsr * 1000) / 65536;
  if (ms < LEAST_MS || ms > MOST_MS) return null;
  return Math.max(0, ms);
}

import type { StreamNotes } from './stream-table.ts';

/** One telephone event (RFC 4733) as heard on the wire. */
export interface RecordedEvent {
  /** Event code: 0-9 digits, 10 *, 11 #, 12-15 A-D, others flash and tones. */
  code: number;
  timestamp: number;
  startUs: number;
  /** Longest duration any of its packets gave, in ticks of `clockRate`. */
  durationTicks: number;
  clockRate: number;
}

/** More than this in one stream is counted, not kept. */
const EVENTS_MAX = 512;

/**
 * Books one telephone-event packet. An event is told by its timestamp, which is its start: updates and the three
 * end packets repeat it with growing duration (RFC 4733 2.5.1).
 *
 * @param octets the first four payload octets as one signed 32-bit word
 * @param audioRate clock rate of the audio around it: an event counts by its own, where signalling names one, which
 * many endpoints leave at 8000 beside wider audio
 */
export function recordEvent(
  notes: StreamNotes,
  timestamp: number,
  timeUs: number,
  octets: number,
  audioRate: number,
): void {
  const code = octets >>> 24;
  const durationTicks = octets & 0xffff;
  const events = notes.events;
  for (let i = events.length - 1; i >= 0 && i >= events.length - 4; i--) {
    const event = events[i]!;
    if (event.timestamp === timestamp && event.code === code) {
      if (durationTicks > event.durationTicks) event.durationTicks = durationTicks;
      return;
    }
  }
  if (events.length >= EVENTS_MAX) {
    notes.eventsDropped++;
    return;
  }
  const format = notes.signalFormat;
  const clockRate = format?.source === 'sdp' ? format.clockRate : audioRate;
  events.push({ code, timestamp, startUs: timeUs, durationTicks, clockRate });
}

/** Is the event a key that a caller pressed, part of a PIN as likely as not? */
export function isKey(code: number): boolean {
  return code <= 15;
}

/** What stands for a key that is not to be shown. */
export const MASKED_KEY = 'x';

/** The key or name of an event code: `0`-`9`, `*`, `#`, `A`-`D`, `flash`, else the number (RFC 4733 3.2). */
export function eventName(code: number): string {
  if (code <= 9) return String(code);
  if (code <= 15) return '*#ABCD'.charAt(code - 10);
  return code === 16 ? 'flash' : String(code);
}

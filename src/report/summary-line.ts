import { counted, fixed, grouped, percent, scoreText } from './amounts.ts';
import type { Report } from './report.ts';
import { type Totals, totalsOf } from './totals.ts';

/**
 * A report in one sentence. Of a part that was asked for it says of how many: that nothing is like it must not read as
 * if nothing had been captured. A report that leaves things out for somebody's eyes does not count them, either.
 */
export function reportLine(
  { records, selection, privacy }: Report,
  totals: Totals = totalsOf(records, selection),
): string {
  if (selection === undefined || (privacy?.leftOut.length ?? 0) > 0) return summaryLine(totals);
  const { calls, streams } = totalsOf(records);
  if (calls + streams === 0 || (calls === totals.calls && streams === totals.streams))
    return summaryLine(totals);
  const all = `${counted(calls, 'call')} and ${counted(streams, 'stream')}`;
  if (totals.calls + totals.streams === 0) return `nothing like that among ${all}`;
  return `of ${all}, ${summaryLine(totals)}`;
}

/** Sums in one sentence: `8 calls: 5 healthy, 2 bad media, 1 failed; 13 streams, worst R 52.1 (MOS 2.7)`. */
export function summaryLine(totals: Totals): string {
  return `${callWords(totals)}; ${streamWords(totals)}`;
}

function callWords(totals: Totals): string {
  if (totals.calls === 0) return 'no calls';
  const { healthy = 0, media = 0, signalling = 0, both = 0, unknown = 0 } = totals.byVerdict;
  const parts = listed([
    [healthy, 'healthy'],
    [media, 'bad media'],
    [both, 'bad media and signalling'],
    [totals.failedSetups, 'failed'],
    [signalling - totals.failedSetups, 'bad signalling'],
    [unknown, 'not judged'],
  ]);
  return `${counted(totals.calls, 'call')}: ${parts}`;
}

function streamWords(totals: Totals): string {
  if (totals.streams === 0) return 'no RTP streams';
  const loose = totals.looseStreams > 0 ? ` (${grouped(totals.looseStreams)} of no call)` : '';
  return `${counted(totals.streams, 'stream')}${loose}, ${qualityWords(totals)}${lossWords(totals)}`;
}

function qualityWords({ worst, scored }: Totals): string {
  if (worst !== null) return `worst R ${scoreText(worst)} (MOS ${fixed(worst.mos, 1)})`;
  return scored === 0 ? 'none can be scored' : 'none is long enough to judge by';
}

function lossWords({ lost, expected }: Totals): string {
  if (expected === 0) return '';
  return lost === 0 ? ', no loss' : `, ${grouped(lost)} packets lost (${percent(lost / expected)} %)`;
}

function listed(parts: readonly (readonly [number, string])[]): string {
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${grouped(count)} ${word}`)
    .join(', ');
}

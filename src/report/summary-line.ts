import { counted, fixed, grouped, percent, scoreText } from './amounts.ts';
import type { Totals } from './totals.ts';

/** The report in one sentence: `8 calls: 5 healthy, 2 bad media, 1 failed; 13 streams, worst R 52.1 (MOS 2.7)`. */
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
  const { worst } = totals;
  const quality =
    worst === null ? 'none can be scored' : `worst R ${scoreText(worst)} (MOS ${fixed(worst.mos, 1)})`;
  return `${counted(totals.streams, 'stream')}${loose}, ${quality}${lossWords(totals)}`;
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

import { counted, fixed, grouped, percent } from '../amounts.ts';
import type { ReportStream } from '../contract.ts';
import { escaped, Html, html } from './template.ts';

const WIDTH = 320;
const HEIGHT = 110;
const FLOOR = HEIGHT - 18;

/**
 * How many runs of each length packets were lost in, beside what losses of the same number would look like if they
 * came at random: what stands right of the random ones are bursts. Null without loss.
 */
export function lossPicture({ burst, lost, expected }: ReportStream): Html | null {
  if (lost === 0 || expected === 0) return null;
  const { runLengths } = burst;
  const random = randomRuns(lost, expected, runLengths.length);
  const top = Math.max(1, ...runLengths, ...random);
  const step = WIDTH / runLengths.length;
  // Square roots: one long run is not lost beside a thousand short ones.
  const y = (count: number): number => FLOOR - Math.sqrt(count / top) * (FLOOR - 14);
  let content = `<path class="grid" d="M0 ${FLOOR}H${WIDTH}"/>`;
  for (const [i, count] of runLengths.entries()) {
    const x = i * step + step * 0.15;
    const name = i === runLengths.length - 1 ? `${i + 1}+` : String(i + 1);
    if (count > 0) {
      content += `<rect class="runs" x="${round(x)}" width="${round(step * 0.7)}" y="${round(y(count))}" height="${round(FLOOR - y(count))}"/>`;
      content += `<text x="${round(x + step * 0.35)}" y="${round(y(count) - 3)}" text-anchor="middle">${count}</text>`;
    }
    if (random[i]! >= 0.05) {
      const level = round(y(random[i]!));
      content += `<path class="chance" d="M${round(i * step + 2)} ${level}h${round(step - 4)}"/>`;
    }
    content += `<text x="${round(x + step * 0.35)}" y="${HEIGHT - 5}" text-anchor="middle">${escaped(name)}</text>`;
  }
  const told = runLengths
    .map((count, i) =>
      count === 0 ? '' : `${count} of ${i + 1}${i === runLengths.length - 1 ? ' or more' : ''}`,
    )
    .filter((text) => text !== '');
  const label = `Runs of lost packets by length: ${told.join(', ')}`;
  return html`<figure class="picture"><figcaption>Loss runs by length (bars), and what random loss would make (dashes)</figcaption>
${new Html(`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label)}">${content}</svg>`)}
<p>${grouped(lost)} lost in ${counted(burst.lossRuns ?? 0, 'run')}, the longest of ${burst.longestLossRun ?? 0}; ${burstText(burst)}</p></figure>`;
}

function burstText(burst: ReportStream['burst']): string {
  const bursts = burst.bursts ?? 0;
  const ratio = `burst ratio ${fixed(burst.burstR, 2)} (1 is random)`;
  if (bursts === 0) return `no burst, ${ratio}`;
  return `${counted(bursts, 'burst')} of ${fixed(burst.burstDurationMs, 0)} ms with ${percent(burst.burstDensity)} % lost in them, ${percent(burst.gapDensity)} % between; ${ratio}`;
}

/** Runs of each length that independent losses of this probability make on average; the last is that and longer. */
function randomRuns(lost: number, expected: number, lengths: number): number[] {
  const p = lost / expected;
  return Array.from({ length: lengths }, (_, i) => {
    const runs = expected * (1 - p) * p ** (i + 1);
    return i === lengths - 1 ? runs : runs * (1 - p);
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

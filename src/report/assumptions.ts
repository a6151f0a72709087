import { fixed } from './amounts.ts';
import type { ReportQuality } from './contract.ts';

/**
 * What the scores rest on, in words: model, concealment, delay, playout. A score without these cannot be compared with
 * another tool's. Null when nothing is scored.
 */
export function assumptionsText(qualities: readonly ReportQuality[]): string | null {
  if (qualities.length === 0) return null;
  const parts = [
    `model ${distinct(qualities.map((quality) => `${quality.model} (${quality.scale})`))}`,
    `concealment (PLC) ${distinct(qualities.map((quality) => (quality.assumptions.plc ? 'on' : 'off')))}`,
    `delay ${delayWords(qualities)}`,
    `playout ${distinct(qualities.map((quality) => quality.assumptions.playout))}`,
  ];
  const estimated = qualities.filter((quality) => !quality.grounded).length;
  if (estimated > 0) {
    const codecs = distinct(
      qualities.filter((quality) => !quality.grounded).map((quality) => quality.codecRow),
    );
    parts.push(`codec factors of ${codecs} are estimates`);
  }
  return `scores assume: ${parts.join('; ')}`;
}

/** Each stream's own delay stands in the details of its call; here is the range of those that rest on an assumption. */
function delayWords(qualities: readonly ReportQuality[]): string {
  const all = qualities.map(({ assumptions }) => assumptions);
  const assumed = all.flatMap(({ delayMs, delaySource }) =>
    delayMs === null || delaySource === 'measured' ? [] : [delayMs],
  );
  const [least, most] = [fixed(Math.min(...assumed), 0), fixed(Math.max(...assumed), 0)];
  return [
    ...(all.some(({ delayMs, delaySource }) => delayMs !== null && delaySource === 'measured')
      ? ['measured']
      : []),
    ...(assumed.length === 0 ? [] : [`${least === most ? least : `${least} to ${most}`} ms assumed`]),
    ...(all.some(({ delayMs }) => delayMs === null) ? ['unknown, left out'] : []),
  ].join(', else ');
}

function distinct(words: readonly string[]): string {
  return [...new Set(words)].sort().join(' or ');
}

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
  const words: string[] = [];
  const assumed: number[] = [];
  for (const { assumptions } of qualities) {
    if (assumptions.delayMs === null) words.push('unknown, left out');
    else if (assumptions.delaySource === 'measured') words.push('measured');
    else assumed.push(assumptions.delayMs);
  }
  if (assumed.length > 0) {
    const [least, most] = [fixed(Math.min(...assumed), 0), fixed(Math.max(...assumed), 0)];
    words.push(`${least === most ? least : `${least} to ${most}`} ms assumed`);
  }
  return distinct(words);
}

function distinct(words: readonly string[]): string {
  return [...new Set(words)].sort().join(' or ');
}

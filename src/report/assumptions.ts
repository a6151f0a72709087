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
    `delay ${distinct(qualities.map(delayWords))}`,
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

function delayWords({ assumptions: { delayMs, delaySource } }: ReportQuality): string {
  if (delayMs === null) return 'unknown, left out';
  // Measured delays differ from stream to stream; each stands in the details of its call.
  return delaySource === 'measured' ? 'measured' : `${fixed(delayMs, 0)} ms assumed`;
}

function distinct(words: readonly string[]): string {
  return [...new Set(words)].sort().join(' or ');
}

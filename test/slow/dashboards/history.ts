import type { LiveRecord } from '../../../src/live/live-records.ts';
import { Metrics } from '../../../src/metrics/metrics.ts';
import { statusTold, textOf } from '../../metrics/records.ts';
import { groups } from './traffic.ts';

/** Seconds between two scrapes of the past. */
export const STEP_S = 30;
/** Scrapes of each day of the past. */
export const SCRAPES = 40;
/** Part of the records that came before the first scrape: what is counted for the first time has no rate. */
const BEFORE = 0.4;

/** What a probe said when it was scraped. */
export interface Scrape {
  /** Records that were told since the scrape before. */
  told: readonly LiveRecord[];
  /** Samples: name with labels, and value. */
  samples: readonly string[];
}

/** A probe that is told these records bit by bit, as it is scraped. */
export async function scrapes(records: readonly LiveRecord[]): Promise<Scrape[]> {
  let nowMs = 0;
  const pacing = { nowMs: () => nowMs, pause: () => Promise.resolve() };
  const metrics = new Metrics({ version: '1', probe: 'core', groups: groups(), pacing });
  const found: Scrape[] = [];
  const before = Math.floor(records.length * BEFORE);
  let from = 0;
  for (let i = 0; i < SCRAPES; i++) {
    const to = before + Math.floor(((records.length - before) * i) / (SCRAPES - 1));
    const part = records.slice(from, to);
    metrics.records([...part, statusTold(1000 * i)]);
    from = to;
    nowMs += STEP_S * 1000;
    const text = textOf(await metrics.render('text'));
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    found.push({ told: part, samples });
  }
  return found;
}

/**
 * The scrapes as they would be in a store, the first of them at a time: OpenMetrics with times, for promtool. `wanted`
 * says of which metrics.
 */
export function openMetrics(
  found: readonly Scrape[],
  labels: Readonly<Record<string, string>>,
  firstS: number,
  wanted: (sample: string) => boolean = () => true,
): string {
  const added = Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
  const lines: string[] = [];
  for (const [i, { samples }] of found.entries()) {
    for (const sample of samples) {
      if (!wanted(sample)) continue;
      const { head, value } = /^(?<head>.*) (?<value>\S+)$/.exec(sample)!.groups!;
      const series = head!.endsWith('}') ? `${head!.slice(0, -1)},${added}}` : `${head}{${added}}`;
      lines.push(`${series} ${value} ${firstS + i * STEP_S}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

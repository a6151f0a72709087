import { describe, expect, test } from 'vitest';
import { FINDING_CODES, findingEntry } from '../../../src/records/finding-codes.ts';
import { buildScenario } from '../../../src/synth/build.ts';
import { replayed } from '../../engine/replayed.ts';
import { type Case, NEGATIVE, POSITIVE } from './scenarios.ts';

/** What was found about signalling, each code once. */
function codesOf({ scenario }: Case): string[] {
  const { findings } = replayed(buildScenario(scenario).pcap);
  for (const { code, text, evidence } of findings) {
    expect(findingEntry(code), code).not.toBeNull();
    expect(text, code).not.toMatch(/NaN|Infinity|undefined|null/);
    for (const value of Object.values(evidence)) {
      if (typeof value === 'number') expect(Number.isFinite(value), code).toBe(true);
    }
  }
  const about = findings.filter(({ code }) => findingEntry(code)?.about === 'signalling');
  return [...new Set(about.map(({ code }) => code))].sort();
}

describe('what is wrong is found', () => {
  test.each(POSITIVE)('$name', (each) => {
    expect(codesOf(each)).toEqual(each.codes);
  });

  test('every code of calls has three cases and more', () => {
    const seen = new Map<string, number>();
    for (const { codes } of POSITIVE) for (const code of codes) seen.set(code, (seen.get(code) ?? 0) + 1);
    const calls = Object.entries(FINDING_CODES)
      .filter(([code, { about }]) => about === 'signalling' && !code.startsWith('regist'))
      .map(([code]) => code);
    for (const code of calls) expect(seen.get(code) ?? 0, code).toBeGreaterThanOrEqual(3);
  });
});

describe('normal life is left alone', () => {
  test.each(NEGATIVE)('$name', (each) => {
    expect(codesOf(each)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { captureFindings, trustOf } from '../../src/engine/trust.ts';
import type { FindingRecord } from '../../src/records/types.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { replayed } from '../engine/replayed.ts';
import { ACROSS_NEGATIVE, ACROSS_POSITIVE, type AcrossCase } from './across-cases.ts';

/** All findings of a capture, those about the capture itself included. */
function findingsOf({ scenario }: AcrossCase): FindingRecord[] {
  const { findings, account } = replayed(buildScenario(scenario).pcap);
  const trust = trustOf(account, { dropped: null, problems: [] });
  return [...findings, ...captureFindings({ ...account, files: [], trust })];
}

/** Codes above information, and those of the capture. */
function codesOf(each: AcrossCase): string[] {
  const told = findingsOf(each).filter(
    ({ code, severity }) => severity !== 'info' || code.startsWith('capture_'),
  );
  return [...new Set(told.map(({ code }) => code))].sort();
}

describe('what only shows side by side is found', () => {
  test.each(ACROSS_POSITIVE)('$name', (each) => {
    expect(codesOf(each)).toEqual(each.codes);
  });
});

describe('nothing is made of what is not shared', () => {
  test.each(ACROSS_NEGATIVE)('$name', (each) => {
    expect(codesOf(each)).toEqual(each.codes);
  });
});

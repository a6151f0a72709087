import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Evaluator } from '../../src/alerts/evaluator.ts';
import { readRules } from '../../src/alerts/read-rules.ts';
import { liveOngoing } from '../../src/live/live-records.ts';
import type { OngoingRecord } from '../../src/records/ongoing-record.ts';
import { signalling } from '../report/records.ts';

const SECOND_US = 1e6;
const START_US = 1_772_442_000 * SECOND_US;

function unheard(atS: number, changes: Partial<OngoingRecord>) {
  const record: OngoingRecord = {
    code: 'one_way_media',
    severity: 'critical',
    callId: 'abc@pbx',
    direction: 'calleeToCaller',
    from: 'sip:alice@example.com',
    to: 'sip:112@example.com',
    startUs: START_US,
    timeUs: START_US + atS * SECOND_US,
    text: 'the call is up',
    emergency: true,
    signalling: signalling(),
    ...changes,
  };
  return { type: 'ongoing' as const, ...liveOngoing(record) };
}

/** Rules of the default set that fire within a minute of this. */
function fired(changes: Partial<OngoingRecord>): string[] {
  const rules = readRules(readFileSync('rules/default.yaml', 'utf8'), {});
  if (!rules.ok) throw new Error('the default rules are not valid');
  const evaluator = new Evaluator(rules.set);
  evaluator.advance(START_US);
  evaluator.observe(unheard(12, changes));
  const changed = evaluator.advance(START_US + 60 * SECOND_US);
  return changed.filter(({ change }) => change === 'raised').map(({ alert }) => alert.rule);
}

test('an emergency call in which somebody is not heard raises an alert while it is up', () => {
  expect(fired({})).toEqual(['EmergencyCallUnheard']);
});

test('any other call does not', () => {
  expect(fired({ emergency: false })).toEqual([]);
});

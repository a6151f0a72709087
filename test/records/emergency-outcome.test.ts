import { expect, test } from 'vitest';
import { emergencyFailed } from '../../src/records/emergency-outcome.ts';

const emergency = { service: '112', location: false };

test.each([
  ['answered and heard both ways', 'answered', ['private_sdp_address', 'slow_setup'], false],
  ['answered, one side unheard', 'answered', ['one_way_media'], true],
  ['answered, nobody heard', 'answered', ['no_media'], true],
  ['answered, one side unheard after a while', 'answered', ['media_stopped'], true],
  ['answered without a codec that both have', 'answered', ['codec_negotiation_failed'], true],
  ['cut off', 'answered', ['call_dropped'], true],
  ['refused', 'failed', ['setup_failed'], true],
  ['given up', 'canceled', [], true],
  ['answered, its end unseen', 'open', [], null],
  ['one side unheard, its end unseen', 'open', ['one_way_media'], true],
  ['still ringing', 'ringing', [], null],
] as const)('an emergency call that is %s', (_, state, findings, failed) => {
  expect(emergencyFailed({ state, findings, signalling: { emergency } })).toBe(failed);
});

test('a scan that tries the number is no call for help', () => {
  const signalling = { emergency, ofScan: true };
  expect(emergencyFailed({ state: 'failed', findings: [], signalling })).toBeNull();
});

test.each([
  ['critical', true],
  ['warning', false],
  [null, false],
] as const)('an emergency call whose gravest finding is %s', (severity, failed) => {
  const findings = severity === null ? [] : ['random_loss'];
  expect(emergencyFailed({ state: 'answered', findings, severity, signalling: { emergency } })).toBe(failed);
});

test('other calls are not asked', () => {
  expect(
    emergencyFailed({ state: 'failed', findings: ['setup_failed'], signalling: { emergency: null } }),
  ).toBeNull();
});

import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../../src/records/types.ts';
import { buildCapture } from '../../../src/synth/build.ts';
import type { StreamSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

/** What is found about the stream to the callee. */
function findingsOf(callerToCallee: StreamSpec, code: RegExp): FindingRecord[] {
  const calls = [{ durationMs: 60_000, codec: 'PCMA', callerToCallee }];
  const { findings } = replayed(buildCapture({ seed: 6, calls }));
  return findings.filter((each) => code.test(each.code) && each.direction === 'callerToCallee');
}

describe('delay beside loss', () => {
  test('losses while a queue is full: from 20 to 40 s', () => {
    const delaysMs = Array.from({ length: 3000 }, (_, i) => (i >= 1000 && i < 2000 ? (i * 7) % 120 : 0));
    const [found] = findingsOf(
      {
        jitter: { kind: 'exact', delaysMs },
        loss: { kind: 'gilbert', p: 0.03, q: 0.3, fromMs: 20_000, untilMs: 40_000 },
      },
      /_loss$/,
    );
    expect(found!.evidence).toMatchObject({ queueAtLoss: true, delayElsewhereMs: 0 });
    expect(found!.evidence.delayAtLossMs).toBeGreaterThan(60);
    expect(found!.text).toContain('a queue was full');
  });

  test('losses without delay: a policer, or a radio link', () => {
    const [found] = findingsOf({ loss: { kind: 'random', ratio: 0.04 } }, /_loss$/);
    expect(found!.evidence).toMatchObject({ queueAtLoss: false, delayAtLossMs: 0 });
    expect(found!.text).toContain('so no queue was full');
  });

  test('jitter all along tells nothing about losses', () => {
    const [found] = findingsOf(
      { loss: { kind: 'random', ratio: 0.04 }, jitter: { kind: 'uniform', maxMs: 40 } },
      /_loss$/,
    );
    expect(found!.evidence.queueAtLoss).toBeNull();
    expect(found!.text).not.toContain('queue');
  });
});

test.each([
  [80, false],
  [300, true],
])('a queue of %i ms: bufferbloat %j', (riseMs, bufferbloat) => {
  const [found] = findingsOf({ jitter: { kind: 'ramp', everyMs: 8000, riseMs } }, /^queueing$/);
  expect(found!.evidence).toMatchObject({ bufferbloat });
  expect(found!.text.includes('bufferbloat')).toBe(bufferbloat);
});

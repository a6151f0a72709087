import { describe, expect, test } from 'vitest';
import type { PlayoutModelName } from '../../../src/rtp/playout/state.ts';
import { buildCapture } from '../../../src/synth/build.ts';
import { replayed } from '../../engine/replayed.ts';

const PACKETS = 2998;

/** One call of a minute, whose callee gets the caller's packets so late, and what is found with one buffer. */
function discards(playout: PlayoutModelName, delayMs: (packet: number) => number) {
  const delaysMs = Array.from({ length: PACKETS }, (_, i) => delayMs(i));
  const callerToCallee = { jitter: { kind: 'exact' as const, delaysMs } };
  const { streams, findings } = replayed(
    buildCapture({ calls: [{ durationMs: 60_000, callerToCallee }] }),
    1000,
    {
      scoring: { playout },
    },
  );
  const stream = streams.find(({ direction }) => direction === 'callerToCallee')!;
  return { stream, found: findings.find(({ code }) => code === 'late_discard') };
}

/** Everything waits for `ms` from the packet on, and comes at once. */
const stall = (ms: number, from: number) => (i: number) =>
  i < from ? 0 : Math.max(0, ms - (i - from) * 19.8);

describe('late_discard', () => {
  test.each(['fixed50', 'fixed200'] as const)('%s: one stall does not spoil a good stream', (playout) => {
    const { stream, found } = discards(playout, stall(300, 750));
    expect(found).toBeUndefined();
    expect(stream.playout[playout]!.discardRatio).toBeLessThan(0.005);
    expect(stream.quality!.rFactorLq).toBeGreaterThan(90);
  });

  test('too late is said of packets that came too late', () => {
    const { found } = discards('fixed50', (i) => (i % 20 === 3 ? 60 : i % 20 === 4 ? 41 : 0));
    expect(found!.text).toContain(
      "5.0 % of packets came too late for the receiver's buffer (fixed50, 50 ms)",
    );
    expect(found!.evidence).toMatchObject({ earlyRatio: 0, droppedRatio: 0 });
  });

  test('not of packets that it had no room for', () => {
    // Six times the path is 400 ms longer for a second, and what is on its way then comes at once.
    const { found } = discards('fixed50', (i) => {
      const at = i % 500;
      return at < 200 ? 0 : at < 250 ? 400 : Math.max(0, 400 - (at - 249) * 19.8);
    });
    expect(found!.text).toContain(
      "1.2 % of packets were thrown away by the receiver's buffer (fixed50, 50 ms), most of them for want of room",
    );
    expect(found!.evidence).toMatchObject({ lateRatio: 12 / PACKETS, earlyRatio: 24 / PACKETS });
  });

  test('names the depth that would have kept them', () => {
    const { found } = discards('fixed50', (i) =>
      i % 20 === 3 ? 90 : Math.max(0, 90 - ((i + 16) % 20) * 19.8),
    );
    expect(found!.text).toContain('; a buffer of 100 ms would do best');
    expect(found!.evidence.bestDepthMs).toBe(100);
  });

  test('names none where none would have helped much', () => {
    // A telephone that roams: three stalls of 400 ms, which no depth in use covers. The least depth scores best for its delay alone.
    const { stream, found } = discards(
      'adaptive',
      (i) => stall(400, 500)(i) + stall(400, 1300)(i) * Number(i > 1299),
    );
    expect(stream.whatIf!.gain).toBeGreaterThan(0);
    expect(found!.text).toContain('; no buffer up to 300 ms would have helped much');
    expect(found!.evidence.bestDepthMs).toBeNull();
  });
});

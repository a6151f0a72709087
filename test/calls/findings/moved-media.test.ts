import { describe, expect, test } from 'vitest';
import { buildCapture } from '../../../src/synth/build.ts';
import type { CallSpec, StreamSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

const OLD = { ip: '192.0.2.10', port: 16384 };
const NEW = { ip: '198.51.100.77', port: 4444 };

/** The caller sends for 20 s from where it was, and from `gapMs` later on from elsewhere. */
function moved(gapMs: number, changes: CallSpec = {}, later: StreamSpec = {}): CallSpec {
  const way = 'callerToCallee' as const;
  const offsetMs = 20_040 + gapMs;
  return {
    durationMs: 60_000,
    callerToCallee: { durationMs: 20_000 },
    ...changes,
    extraStreams: [{ way, from: NEW, offsetMs, ...later }, ...(changes.extraStreams ?? [])],
  };
}

/** The callee follows so long after the caller's first packet from elsewhere. */
function following(gapMs: number, afterMs: number): CallSpec {
  const atMs = 20_040 + gapMs + afterMs;
  return moved(gapMs, {
    calleeToCaller: { durationMs: atMs - 40 },
    extraStreams: [{ way: 'calleeToCaller', to: NEW, offsetMs: atMs }],
  });
}

function found(call: CallSpec) {
  const { calls, findings } = replayed(buildCapture({ calls: [call] }));
  const codes = findings.map(({ code }) => code);
  return { call: calls[0]!, codes, finding: findings.find(({ code }) => code === 'media_moved') };
}

describe('media_moved', () => {
  test('the far side goes on to send to where nobody is: critical', () => {
    const { call, codes, finding } = found(moved(1500));
    expect(codes).toEqual(['media_moved']);
    expect(finding).toMatchObject({ severity: 'critical', direction: 'callerToCallee' });
    expect(finding!.text).toContain(
      'goes on from 198.51.100.77:4444 instead of 192.0.2.10:16384, 1.5 s after',
    );
    expect(finding!.text).toContain('media of the callee went on to 192.0.2.10:16384');
    expect(finding!.evidence).toMatchObject({
      fromAddress: `${OLD.ip}:${OLD.port}`,
      toAddress: `${NEW.ip}:${NEW.port}`,
      announced: false,
      returnFollowed: false,
      followedAfterMs: null,
    });
    expect(finding!.evidence.gapMs).toBeCloseTo(1520, -1);
    expect(finding!.evidence.strayMs).toBeGreaterThan(38_000);
    expect(finding!.endUs! - finding!.startUs).toBeGreaterThan(39e6);
    expect(call).toMatchObject({ verdict: 'media', clean: null });
  });

  test.each([
    ['at once, and is followed', 200, 100, 'info'],
    ['at once, and is followed after four seconds', 200, 4000, 'info'],
    ['after a second and a half, and is followed', 1500, 100, 'warning'],
    ['at once, and is followed after six seconds', 200, 6000, 'critical'],
  ] as const)('it goes on %s', (_, gapMs, afterMs, severity) => {
    const { call, codes, finding } = found(following(gapMs, afterMs));
    expect(codes).toEqual(['media_moved']);
    expect(finding!.severity).toBe(severity);
    expect(finding!.evidence.returnFollowed).toBe(true);
    expect(finding!.evidence.followedAfterMs).toBeCloseTo(afterMs, -2);
    // Whatever was heard of it: this call is no proof that all was well.
    expect(call.clean).toBeNull();
  });

  test('a new description in time explains it', () => {
    // Behind a NAT: the address it names is not the one it is seen with.
    const reinvites = [{ atMs: 20_500, by: 'caller' as const, rtpPort: 18_000 }];
    expect(found({ ...following(200, 1000), reinvites }).finding).toBeUndefined();
    const { finding } = found({ ...following(1500, 1000), reinvites });
    expect(finding).toMatchObject({ severity: 'info', evidence: { announced: true } });
    const late = found({ ...following(1500, 4000), reinvites: [{ ...reinvites[0]!, atMs: 30_000 }] }).finding;
    expect(late).toMatchObject({ severity: 'warning', evidence: { announced: false } });
  });

  test('silence suppression is no gap', () => {
    const dtx = { talkMs: 4000, silenceMs: 4000, comfortNoise: true };
    const { finding } = found({ ...following(1500, 100), callerToCallee: { durationMs: 20_000, dtx } });
    expect(finding!.severity).toBe('info');
  });

  test.each<[string, CallSpec]>([
    ['another codec: another party', moved(200, {}, { codec: 'PCMA' })],
    ['to another receiver: both ends are others', moved(200, {}, { to: { ip: '203.0.113.99', port: 7000 } })],
    ['a few stray packets', moved(200, {}, { durationMs: 600 })],
    ['beside the sender, who goes on', moved(200, { callerToCallee: {} })],
    ['no other direction shows who it is', moved(1500, { calleeToCaller: { durationMs: 10_000 } })],
    ['a place whose owner reports that it hears everything', moved(1500, { rtcp: { intervalMs: 2000 } })],
    ['on hold', moved(200, { hold: { atMs: 15_000, durationMs: 30_000, by: 'callee' } })],
  ])('is not said of %s', (_, call) => {
    expect(found(call).finding).toBeUndefined();
  });
});

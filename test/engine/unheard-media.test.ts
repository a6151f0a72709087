import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, RtcpSpec, StreamSpec } from '../../src/synth/scenario.ts';
import { replayed } from './replayed.ts';

const RTCP: RtcpSpec = { intervalMs: 3000, tapToCallerMs: 5, tapToCalleeMs: 12 };
/** From 15 s on nothing reaches the receiver. */
const DEAF: StreamSpec = {
  lossAfterTap: { kind: 'windows', windows: [{ atMs: 15_000, durationMs: 60_000 }] },
};

/** A call of 40 s: what is found, and the stream of the caller. */
function played(call: CallSpec) {
  const { pcap } = buildScenario({ calls: [{ durationMs: 40_000, rtcp: RTCP, ...call }] });
  const { findings, streams, calls } = replayed(pcap);
  const stream = streams.find(({ direction }) => direction === 'callerToCallee')!;
  return { stream, call: calls[0]!, found: findings.filter(({ severity }) => severity !== 'info') };
}

describe('media that passes the tap and reaches its receiver no more', () => {
  test.each([
    ['as blocks say whose highest number stands still', RTCP],
    ['as reports say that have no block any more', { ...RTCP, heardOnly: true }],
  ])('%s', (_, rtcp) => {
    const { stream, call, found } = played({ rtcp, callerToCallee: DEAF });
    expect(call.verdict).toBe('media');
    expect(found).toMatchObject([
      {
        code: 'media_stopped',
        severity: 'critical',
        direction: 'callerToCallee',
        evidence: { behindProbe: true },
      },
    ]);
    expect(found[0]!.text).toMatch(
      /^media from caller to callee stopped reaching the callee after 1\d s, behind the probe: /,
    );
    const { unheard } = stream.rtcp;
    expect((unheard!.startUs - stream.startUs) / 1e6).toBeCloseTo(15, 0);
    // Up to the last report, which comes within its interval of the end.
    expect(unheard!.durationMs).toBeGreaterThan(20_000);
    expect(unheard!.packets / (unheard!.durationMs / 20)).toBeCloseTo(1, 1);
  });

  test('has its own place beside what was lost before, and scores', () => {
    const windows = [
      { atMs: 8000, durationMs: 1000 },
      { atMs: 20_000, durationMs: 60_000 },
    ];
    const { stream, found } = played({ callerToCallee: { lossAfterTap: { kind: 'windows', windows } } });
    expect(found.map(({ code }) => code)).toEqual(['media_stopped', 'loss_after_probe']);
    expect(Math.abs(stream.rtcp.lossAfterProbe! - 50)).toBeLessThanOrEqual(1);
  });

  test('at one age in several calls is a state that was forgotten on the way', () => {
    const calls = [0, 7000, 15_000].map((startMs) => ({
      ...{ startMs, durationMs: 40_000, rtcp: RTCP, callerToCallee: DEAF },
    }));
    const { findings } = replayed(buildScenario({ calls }).pcap);
    const { ageMs } = findings.find(({ code }) => code === 'state_timeout')!.evidence;
    expect((ageMs as number) / 1000).toBeCloseTo(15, 0);
  });
});

describe('nothing is said', () => {
  test.each<[string, CallSpec]>([
    ['of a receiver that hears all', {}],
    ['of one that hears again', { callerToCallee: window(15_000, 300) }],
    [
      'of what it does not listen to on hold',
      { hold: { atMs: 14_800, durationMs: 25_000, by: 'callee' }, callerToCallee: DEAF },
    ],
    [
      'of a sender that is silent',
      { callerToCallee: { durationMs: 20_000 }, hold: { atMs: 20_000, durationMs: 19_000 } },
    ],
    ['after 4 s', { callerToCallee: window(36_000, 60_000) }],
  ])('%s', (_, call) => {
    const { found } = played(call);
    expect(found.filter(({ code }) => code === 'media_stopped')).toEqual([]);
  });

  test('of a receiver whose highest number never moves', () => {
    const { stream } = played({ callerToCallee: window(100, 60_000) });
    expect(stream.rtcp.unheard).toBeNull();
  });
});

function window(atMs: number, durationMs: number): StreamSpec {
  return { lossAfterTap: { kind: 'windows', windows: [{ atMs, durationMs }] } };
}

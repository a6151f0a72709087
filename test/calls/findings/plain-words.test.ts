import { expect, test } from 'vitest';
import { buildScenario } from '../../../src/synth/build.ts';
import type { CallSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

const played = (call: CallSpec) => replayed(buildScenario({ calls: [{ durationMs: 40_000, ...call }] }).pcap);
const textOf = (call: CallSpec, code: string): string | undefined =>
  played(call).findings.find((finding) => finding.code === code)?.text;

test('another way of the same length is no delay that fell by nothing', () => {
  const text = textOf({ callerToCallee: { pathChange: { atMs: 20_000, ttl: 55 } } }, 'path_change');
  expect(text).toBe(
    'the packets came another way: TTL 64 until then, 55 from then on, the least delay stayed as it was',
  );
});

test('losses that keep a distance are said with a number that reads', () => {
  const text = textOf({ callerToCallee: { loss: { kind: 'periodic', every: 33 } } }, 'critical_loss');
  expect(text).toBe('3.0 % of packets lost one by one: one of every 33, so regular that it is heard');
});

test('losses behind the probe say that scores know nothing of them', () => {
  const lossAfterTap = { kind: 'random', ratio: 0.05 } as const;
  const call = { rtcp: { intervalMs: 5000 }, callerToCallee: { lossAfterTap } };
  expect(textOf(call, 'loss_after_probe')).toContain('and scores here leave them out');
});

test('a call that is clean says so of its fax, too', () => {
  const { calls } = played({
    reinvites: [{ atMs: 8000, by: 'callee', image: 'accepted' }],
    t38: { callerToCallee: {}, calleeToCaller: { loss: { kind: 'exact', positions: [100, 300] } } },
  });
  const faxes = calls[0]!.clean!.checked.filter((line) => line.startsWith('fax'));
  expect(faxes).toEqual([
    expect.stringMatching(/^fax to the callee: T\.38, \d+ packets due, 0 lost, 0 of these made good$/),
    expect.stringMatching(/^fax to the caller: T\.38, \d+ packets due, 2 lost, 2 of these made good$/),
  ]);
});

test('a refusal names the cause that a gateway gave for it', () => {
  const refused = { outcome: 'not_found', finalCode: 503 } as const;
  const signalling = { answerHeaders: ['Reason: Q.850;cause=34'] };
  expect(textOf({ ...refused, signalling }, 'setup_failed')).toBe(
    'set-up failed with 503 Service Unavailable (Q.850 cause 34)',
  );
  expect(textOf(refused, 'setup_failed')).toBe('set-up failed with 503 Service Unavailable');
});

test('a wrong clock rate does not speak of figures that are not given', () => {
  const call: CallSpec = { codec: 'G722', callerToCallee: { clockRate: 16_000 } };
  const { streams } = played(call);
  expect(streams[0]!.pdvMs.p95).toBeNull();
  expect(textOf(call, 'clock_rate_mismatch')).toContain('cannot be measured by the agreed clock');
});

test('nobody waits for a registered telephone longer than an INVITE lasts', () => {
  const { pcap } = buildScenario({
    calls: [
      {
        startMs: 20_000,
        outcome: 'unreachable',
        caller: { user: '200', ip: '192.0.2.1' },
        callee: { user: '7001', ip: '192.0.2.77' },
      },
    ],
    registrations: [
      {
        ...{ user: '7001', ip: '192.0.2.77', registrarIp: '192.0.2.1', expiresS: 3600 },
        events: [{ atMs: 500, kind: 'register' }],
      },
      // Somebody else, so that time goes on.
      {
        ...{ user: '7002', ip: '192.0.2.78', registrarIp: '192.0.2.1', expiresS: 60 },
        events: Array.from({ length: 8 }, (_, i) => ({ atMs: 1000 + i * 90_000, kind: 'register' as const })),
      },
    ],
    untilMs: 900_000,
  });
  const found = replayed(pcap).findings.find(({ code }) => code === 'registered_unreachable')!;
  expect(found.evidence.waitedMs).toBeLessThanOrEqual(32_000);
  expect(found.text).toMatch(/no answer at all after 3[12] s without ringing/);
});

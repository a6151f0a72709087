import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { presetList, presetScenario } from '../../src/synth/presets.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { ScenarioError } from '../../src/synth/validate.ts';

test.each<[unknown, string]>([
  [{}, 'calls: is missing'],
  [{ calls: {} }, 'calls: must be a list'],
  [{ calls: [], sede: 1 }, 'sede: is not a known field'],
  [{ calls: [], seed: -1 }, `seed: must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got -1`],
  [
    { calls: [], startTime: '2026-03-02' },
    'startTime: must be an ISO 8601 time with zone, such as 2026-03-02T09:00:00Z, got "2026-03-02"',
  ],
  [{ calls: [], vlans: [5000] }, 'vlans[0]: must be a whole number from 0 to 4094, got 5000'],
  [
    { calls: [{ caller: { ip: '1.2.3' } }] },
    'calls[0].caller.ip: must be an IPv4 or IPv6 address, got "1.2.3"',
  ],
  [
    { calls: [{ ptimeMs: 15, codec: 'G729' }] },
    'calls[0].ptimeMs: must be a multiple of 10 ms for G729, got 15',
  ],
  [
    { calls: [{ callerToCallee: { loss: { kind: 'random' } } }] },
    'calls[0].callerToCallee.loss.ratio: is missing',
  ],
  [
    { calls: [{ callerToCallee: { loss: { kind: 'all' } } }] },
    'calls[0].callerToCallee.loss.kind: must be one of random, gilbert, exact, periodic, beat, windows, got "all"',
  ],
  [
    { calls: [{ callerToCallee: { restartAt: { index: 1, seqJump: 2500, tsJump: 400_000 } } }] },
    'calls[0].callerToCallee.restartAt.seqJump: must be up to 1000 (a gap) or from 3000 (a restart), got 2500',
  ],
  [
    { calls: [{ callerToCallee: { restartAt: { index: 1, seqJump: 50, tsJump: 0 } } }] },
    'calls[0].callerToCallee.restartAt.seqJump: must be up to 40 (a gap), 60 to 2900 or from 3000 (a restart) where ' +
      'timestamps do not go along, got 50',
  ],
  [
    { calls: [{ hold: { atMs: 9000, durationMs: 2000 } }] },
    'calls[0].hold.durationMs: reaches beyond the end of the call',
  ],
  [
    { calls: [{ dtmf: { atMs: 0, digits: '1x' } }] },
    'calls[0].dtmf.digits: must be digits 0-9 * # A-D, got "1x"',
  ],
  [
    { calls: [{ callee: { ip: '2001:db8::1' } }] },
    'calls[0].callee.ip: is not of the same IP version as the caller',
  ],
  [
    { calls: [{ codec: 'opus', callerToCallee: { dtx: { talkMs: 1, silenceMs: 1, comfortNoise: true } } }] },
    'calls[0].callerToCallee.dtx.comfortNoise: is not known for opus',
  ],
])('%j is refused', (scenario, message) => {
  expect(() => buildScenario(scenario as Scenario)).toThrow(new ScenarioError(message));
});

test.each(presetList())('preset $name can be built', ({ name }) => {
  const { truth, pcap } = buildScenario(presetScenario(name, 1)!);
  expect(truth.calls.length).toBeGreaterThan(0);
  expect(pcap.length).toBeLessThan(3_000_000);
});

test('the demo has good and bad calls for different reasons', () => {
  const { truth } = buildScenario(presetScenario('demo', 1)!);
  const streams = (callId: string) =>
    truth.streams.filter((stream) => stream.callId === `${callId}@example.com`);
  expect(truth.calls.map((call) => call.state).sort()).toEqual([
    'answered',
    'answered',
    'answered',
    'answered',
    'answered',
    'answered',
    'canceled',
    'failed',
  ]);
  expect(streams('healthy-g711').map((stream) => stream.lost)).toEqual([0, 0]);
  expect(Math.max(...streams('bursty-loss').map((stream) => stream.burst.burstR))).toBeGreaterThan(2);
  expect(Math.max(...streams('heavy-jitter').map((stream) => stream.jitterMs!.max))).toBeGreaterThan(20);
  expect(streams('one-way-audio').length).toBe(1);
  expect(streams('random-loss')[0]).toMatchObject({ duplicates: 5 });
  expect(
    streams('random-loss')
      .flatMap((s) => s.dtmf.map((event) => event.digit))
      .join(''),
  ).toBe('1234#');
  expect(presetScenario('toString', 1)).toBeUndefined();
});

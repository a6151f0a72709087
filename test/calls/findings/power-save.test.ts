import { describe, expect, test } from 'vitest';
import { powerSave } from '../../../src/calls/findings/power-save.ts';
import { buildCapture } from '../../../src/synth/build.ts';
import type { JitterSpec, StreamSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';
import { doze } from '../../findings/wifi.ts';

/** One call, to whose callee something happens. */
function play(callerToCallee: StreamSpec, durationMs = 60_000) {
  const { streams, findings } = replayed(buildCapture({ calls: [{ durationMs, callerToCallee }] }));
  const stream = streams.find(({ direction }) => direction === 'callerToCallee')!;
  return { stream, findings };
}

const exact = (delayOf: (i: number) => number): JitterSpec => ({
  kind: 'exact',
  delaysMs: Array.from({ length: 3000 }, (_, i) => delayOf(i)),
});

describe('Wi-Fi power save', () => {
  test.each([
    ['every beacon', { wakesEvery: 1 }],
    ['every second beacon', { wakesEvery: 2 }],
    ['every third, two seconds of eight', { wakesEvery: 3, dozeMs: 2000, everyMs: 8000 }],
    ['an access point whose clock is 100 ppm off', { wakesEvery: 1, beaconMs: 102.4 * 1.0001 }],
  ])('packets wait for %s', (_, spec) => {
    const { stream, findings } = play({ jitter: doze(3000, spec) });
    expect(powerSave(stream)?.releases).toBeGreaterThan(12);
    const told = findings.filter(({ evidence }) => evidence.signature === 'wifi_power_save');
    expect(told.map(({ code }) => code)).toContain('high_jitter');
    expect(told[0]!.text).toContain('Wi-Fi beacons');
  });

  test.each<[string, JitterSpec]>([
    ['a sender that sends five packets every 100 ms', exact((i) => 80 - (i % 5) * 20)],
    ['a spike every second', { kind: 'spikes', everyPackets: 50, delayMs: 100 }],
    ['jitter of 0 to 160 ms', { kind: 'uniform', maxMs: 160 }],
    ['normal jitter, sigma 40 ms', { kind: 'gauss', sigmaMs: 40 }],
    ['a queue that fills and drains', { kind: 'ramp', everyMs: 6000, riseMs: 90 }],
    ['a standstill of 200 ms every 5 s', { kind: 'beat', everyMs: 5000, forMs: 40, delayMs: 200 }],
  ])('is not %s', (_, jitter) => {
    const { stream, findings } = play({ jitter });
    expect(powerSave(stream)).toBeNull();
    expect(findings.filter(({ evidence }) => 'signature' in evidence)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../../src/synth/build.ts';
import type { CallSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

/** The callee's media stops for 20 s, and goes on where it was. */
function found(clockRunsOn: boolean, music: boolean): string[] {
  const call: CallSpec = {
    durationMs: 60_000,
    calleeToCaller: { pauses: [{ atMs: 20_000, durationMs: 20_000, clockRunsOn }] },
    // What a media server plays meanwhile, from the same port, with an SSRC of its own.
    extraStreams: music ? [{ way: 'calleeToCaller', offsetMs: 20_060, durationMs: 20_000 }] : [],
  };
  const { findings } = replayed(buildScenario({ calls: [call] }).pcap);
  return findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
}

describe('a pause that another stream of the same way fills', () => {
  test('is none, whether timestamps ran on or not', () => {
    expect(found(false, true)).toEqual([]);
    expect(found(true, true)).toEqual([]);
  });

  test('is one without it', () => {
    expect(found(false, false)).toEqual(['sender_paused']);
    expect(found(true, false)).toEqual(['media_interrupted']);
  });
});

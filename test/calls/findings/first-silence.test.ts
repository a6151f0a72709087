import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../../src/synth/build.ts';
import type { StreamSpec } from '../../../src/synth/scenario.ts';
import { replayed } from '../../engine/replayed.ts';

/** What is said of the caller's media in a call of so long. */
function found(callerToCallee: StreamSpec, durationMs: number, codec: string): string[] {
  const { findings } = replayed(buildScenario({ calls: [{ durationMs, codec, callerToCallee }] }).pcap);
  return findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
}

/** Speaks for 20 s, announces silence once and listens from then on. */
const LISTENER: StreamSpec = { dtx: { talkMs: 20_000, silenceMs: 100_000, comfortNoise: true } };

describe('a sender that announces its first silence, and says nothing more', () => {
  test.each(['PCMU', 'G729', 'AMR'])('listens until the end: %s', (codec) => {
    expect(found(LISTENER, 40_000, codec)).toEqual([]);
  });

  test('for half a minute at most', () => {
    expect(found(LISTENER, 55_000, 'PCMU')).toEqual(['media_stopped']);
  });
});

test('a sender that announces nothing has stopped', () => {
  const mute: StreamSpec = { dtx: { talkMs: 20_000, silenceMs: 100_000, comfortNoise: false } };
  expect(found(mute, 40_000, 'PCMU')).toEqual(['media_stopped']);
});

import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { narrowed } from '../engine/narrowed.ts';
import { replayed } from '../engine/replayed.ts';
import { type Collected, found, wantedCalls } from './found.ts';

const call = (changes: Partial<CallSpec> = {}): CallSpec => ({ durationMs: 4000, ...changes }) as CallSpec;

/** What is found of a scenario behind such a link, and how many frames the capture has. */
function behind(scenario: Scenario, size: number, isFirstOnly = false) {
  const pcap = narrowed(buildScenario(scenario).pcap, size, isFirstOnly);
  const { calls, streams } = replayed(pcap);
  const frames = batchesOf(pcap).reduce((sum, { count }) => sum + count, 0);
  return { frames, all: found(pcap, wantedCalls(calls, streams)), calls };
}

/** Numbers of all frames found, each once. */
function numbersOf({ messages, packets, images }: Collected): Set<number> {
  const signalling = messages.flatMap(({ sighting }) => sighting.frames.map(({ frame }) => frame));
  return new Set([...signalling, ...[...packets, ...images].map(({ frame }) => frame)]);
}

describe('datagrams in fragments', () => {
  const fax = call({
    durationMs: 12_000,
    callerToCallee: { durationMs: 4000 },
    calleeToCaller: { durationMs: 4000 },
    reinvites: [{ atMs: 4000, by: 'callee', image: 'accepted' }],
    t38: { callerToCallee: {}, calleeToCaller: {} },
  });

  test.each<[string, Scenario]>([
    ['of signalling, RTP and RTCP', { calls: [call({ rtcp: {} })] }],
    ['of T.38', { calls: [fax] }],
    ['of what a capture agent sent', { calls: [call({ rtcp: {} })], hep: true }],
  ])('%s are found, every one', (_, scenario) => {
    const { frames, all } = behind(scenario, 24);
    expect(frames).toBeGreaterThan(500);
    expect(numbersOf(all).size).toBe(frames);
  });

  test('a message whose other fragments are missing has the frame that is there, and its addresses', () => {
    const { all, calls } = behind({ calls: [call()] }, 480, true);
    expect(calls.length).toBe(1);
    const requests = all.messages.filter(({ sighting }) => sighting.message.kind === 'request');
    const invite = requests.find(({ sighting }) => sighting.message.method === 'INVITE')!.sighting;
    expect(invite.frames).toEqual([{ input: 0, frame: 1 }]);
    expect(invite.src).toMatchObject({ port: 5060 });
    expect(invite.dst?.ip).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });
});

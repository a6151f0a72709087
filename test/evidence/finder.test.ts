import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EvidenceFinder } from '../../src/evidence/finder.ts';
import { FrameList } from '../../src/evidence/frame-list.ts';
import { Wanted } from '../../src/evidence/wanted.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { replayed } from '../engine/replayed.ts';
import { found, wantedCalls } from './found.ts';

const demo = new Uint8Array(readFileSync(new URL('../pcaps/demo.pcap', import.meta.url)));

function pass(scenario: Scenario) {
  const { pcap } = buildScenario(scenario);
  const first = replayed(pcap);
  const wanted = wantedCalls(first.calls, first.streams);
  return { pcap, first, wanted, found: found(pcap, wanted) };
}

const call = (changes: Partial<CallSpec> = {}): CallSpec => ({ durationMs: 4000, ...changes }) as CallSpec;

describe('frames of calls', () => {
  const first = replayed(demo);
  const wanted = wantedCalls(first.calls, first.streams);
  const all = found(demo, wanted);

  test('every packet that the first pass counted is found, and no other', () => {
    const { streams } = new Wanted(wanted);
    for (const [i, { id }] of streams.entries()) {
      const record = first.streams.find((stream) => stream.id === id)!;
      const packets = all.packets.filter(({ kind, stream }) => kind === 'rtp' && stream === i);
      expect(packets.length, id).toBe(record.packets + record.duplicates);
      expect([packets[0]?.timeUs, packets.at(-1)?.timeUs], id).toEqual([record.startUs, record.endUs]);
    }
    expect(all.messages.length).toBe(first.account.decoded.sip);
    expect(new Set(all.packets.filter(({ kind }) => kind === 'rtcp').map(({ frame }) => frame)).size).toBe(
      first.account.decoded.rtcp,
    );
  });

  test('one call alone brings only its own frames', () => {
    const one = wanted.find(({ callId }) => callId === 'bursty-loss@example.com') ?? wanted[1]!;
    const only = found(demo, [one]);
    const at = wanted.indexOf(one);
    const whole = all.messages.filter(({ call }) => call === at);
    expect(only.messages.map(({ sighting }) => sighting.frames)).toEqual(
      whole.map(({ sighting }) => sighting.frames),
    );
    expect(only.messages.every(({ sighting }) => sighting.message.callId === one.callId)).toBe(true);
  });

  test('a list of frames is in order and without repetition', () => {
    const list = new FrameList();
    const finder = new EvidenceFinder(new Wanted(wanted), list);
    for (const batch of batchesOf(demo)) finder.ingest(batch);
    const frames = [...list.frames(0)];
    expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
    const { sip, rtp, rtcp } = first.account.decoded;
    expect(frames.length).toBe(sip + rtp + rtcp);
    expect(list.frames(1).length).toBe(0);
  });

  test('and may leave out what is not wanted', () => {
    const list = new FrameList({ rtp: false, rtcp: false });
    const finder = new EvidenceFinder(new Wanted(wanted), list);
    for (const batch of batchesOf(demo)) finder.ingest(batch);
    expect(list.frames(0).length).toBe(first.account.decoded.sip);
  });
});

describe('messages in several frames', () => {
  test.each(['tcp', 'ws'] as const)('over %s each message knows its segments', (transport) => {
    const { found: all, first } = pass({
      calls: [call({ transport, offer: ['opus', 'G722', 'PCMU', 'PCMA', 'G729'] })],
    });
    expect(all.messages.length).toBe(first.account.decoded.sip);
    for (const { sighting } of all.messages) {
      const frames = sighting.frames.map(({ frame }) => frame);
      expect(frames.length).toBeGreaterThan(0);
      expect(frames).toEqual([...frames].sort((a, b) => a - b));
      expect(sighting.src?.port).toBeGreaterThan(0);
    }
    expect(Math.max(...all.messages.map(({ sighting }) => sighting.frames.length))).toBeGreaterThan(1);
    expect(all.messages.map(({ sighting }) => sighting.message.method)).toContain('BYE');
  });

  test('what a capture agent sent is found by what is inside', () => {
    const { found: all, first } = pass({ calls: [call()], hep: true });
    expect(all.messages.length).toBe(first.account.decoded.sip);
    expect(all.packets.filter(({ kind }) => kind === 'rtp').length).toBe(first.account.decoded.rtp);
  });
});

test('T.38 is found between the ports that the records name', () => {
  const { found: all, first } = pass({
    calls: [
      call({
        durationMs: 12_000,
        callerToCallee: { durationMs: 4000 },
        calleeToCaller: { durationMs: 4000 },
        reinvites: [{ atMs: 4000, by: 'callee', image: 'accepted' }],
        t38: { callerToCallee: {}, calleeToCaller: {} },
      }),
    ],
  });
  expect(first.account.decoded.t38).toBeGreaterThan(20);
  expect(all.images.length).toBe(first.account.decoded.t38);
});

describe('what is not the call', () => {
  test('a Call-ID or SSRC of nobody finds nothing', () => {
    const stream = {
      ...{ id: 's1', src: { ip: '192.0.2.11', port: 16384 }, dst: { ip: '203.0.113.20', port: 30164 } },
      ...{ ssrc: 0x1234, startUs: 0, endUs: 1e18 },
    };
    const nobody = found(demo, [{ callId: 'nobody', startUs: 0, streams: [stream], images: [] }]);
    expect([nobody.messages.length, nobody.packets.length]).toEqual([0, 0]);
  });

  test('packets outside of the time of a stream are not its own', () => {
    const first = replayed(demo);
    const one = wantedCalls(first.calls, first.streams).find(({ streams }) => streams.length > 0);
    const stream = one!.streams[0];
    const half = { ...stream!, endUs: (stream!.startUs + stream!.endUs) / 2 };
    const all = found(demo, [{ ...one!, streams: [half] }]);
    const rtp = all.packets.filter(({ kind }) => kind === 'rtp');
    expect(rtp.length).toBeGreaterThan(400);
    expect(rtp.length).toBeLessThan(600);
  });

  test('two calls that use one Call-ID are told apart by time', () => {
    const later = { callId: 'x', streams: [], images: [] };
    const wanted = new Wanted([
      { ...later, startUs: 5e6 },
      { ...later, startUs: 1e6 },
    ]);
    expect(wanted.callAt('x', 2e6)).toBe(1);
    expect(wanted.callAt('x', 5e6)).toBe(0);
    expect(wanted.callAt('y', 5e6)).toBe(-1);
  });

  test('any octets may come: nothing is thrown', () => {
    const noise = demo.slice();
    for (let at = 24 + 16; at < noise.length; at += 37) noise[at] = (noise[at]! * 31 + at) & 255;
    // Only contents are damaged: lengths of records are taken from the original.
    const view = new DataView(demo.buffer);
    for (let at = 24; at < demo.length; at += 16 + view.getUint32(at + 8, true))
      noise.set(demo.subarray(at, at + 16), at);
    const first = replayed(demo);
    expect(() => found(noise, wantedCalls(first.calls, first.streams))).not.toThrow();
  });
});

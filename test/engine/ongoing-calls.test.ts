import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import type { OngoingRecord } from '../../src/records/ongoing-record.ts';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { batchesOf } from '../batches.ts';
import { Dialog, type Peer } from '../calls/dialog.ts';
import { Tape } from '../calls/tape.ts';

/** What is told of calls while they are up, and when after the first packet, s. */
function told(calls: readonly CallSpec[], more: Partial<Scenario> = {}) {
  return toldOf(buildScenario({ calls: [...calls], ...more }).pcap);
}

function toldOf(pcap: Uint8Array) {
  const ongoing: (OngoingRecord & { afterS: number })[] = [];
  let startUs = Number.NaN;
  const ignored = (): void => {};
  const engine = new Engine({
    ...{ stream: ignored, call: ignored, finding: ignored },
    ongoing: (record) => ongoing.push({ ...record, afterS: (record.timeUs - startUs) / 1e6 }),
  });
  for (const batch of batchesOf(pcap, 50)) {
    if (Number.isNaN(startUs)) startUs = batch.timeUs[0]!;
    engine.ingest(batch);
  }
  engine.finish();
  return ongoing;
}

/** Without the datagrams from a port after so many seconds. */
function withoutFrom(pcap: Uint8Array, port: number, afterS: number): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength);
  const kept = [pcap.subarray(0, 24)];
  const firstS = view.getUint32(24, true);
  for (let at = 24; at < pcap.length; ) {
    const end = at + 16 + view.getUint32(at + 8, true);
    const isLate = view.getUint32(at, true) - firstS >= afterS;
    // After the record's header, Ethernet and IPv4.
    if (!isLate || view.getUint16(at + 16 + 34) !== port) kept.push(pcap.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/** Shows that the tap sees media. */
const WELL: CallSpec = { durationMs: 60_000 };
const UP: CallSpec = { startMs: 2000, durationMs: 60_000 };

describe('a call that is up', () => {
  test('with audio one way only is told in time', () => {
    const found = told([WELL, { ...UP, callId: 'half', calleeToCaller: null }]);
    expect(found).toMatchObject([
      { code: 'one_way_media', callId: 'half', direction: 'calleeToCaller', emergency: false },
    ]);
    expect(found[0]!.text).toMatch(
      /^the call is up, and no audio came from callee to caller in 1\d s, while/,
    );
    // Answered 1.7 s after the INVITE; twelve seconds, and what it takes until somebody looks.
    expect(found[0]!.afterS).toBeGreaterThan(15);
    expect(found[0]!.afterS).toBeLessThan(22);
  });

  test('without any audio', () => {
    const found = told([WELL, { ...UP, callId: 'none', calleeToCaller: null, callerToCallee: null }]);
    expect(found).toMatchObject([{ code: 'no_media', callId: 'none', direction: null }]);
  });

  test('to an emergency number says so', () => {
    const call: CallSpec = { ...UP, callee: { user: '112' }, callerToCallee: null };
    const found = told([WELL, call]);
    expect(found).toMatchObject([{ emergency: true, direction: 'callerToCallee' }]);
    expect(found[0]!.to).toContain('112');
  });

  test.each<[string, CallSpec]>([
    ['is heard both ways', {}],
    ['is held from the start', { sdp: { callee: { flow: 'recvonly' } }, calleeToCaller: null }],
    ['is silent for a while', { calleeToCaller: { dtx: { talkMs: 4000, silenceMs: 20_000 } } }],
    ['is held', { hold: { atMs: 10_000, durationMs: 30_000 } }],
    ['is over soon after one side stopped', { durationMs: 20_000, calleeToCaller: { durationMs: 12_000 } }],
    ['stopped both ways', { calleeToCaller: { durationMs: 15_000 }, callerToCallee: { durationMs: 15_000 } }],
    ['is over before it is known', { durationMs: 9000, calleeToCaller: null }],
    ['is a fax', { reinvites: [{ atMs: 1000, by: 'callee', image: 'accepted' }], calleeToCaller: null }],
  ])('that %s is not', (_, call) => {
    expect(told([WELL, { ...UP, ...call }])).toEqual([]);
  });

  test('of which one direction stopped, by whoever sends all the time', () => {
    const found = told([WELL, { ...UP, callId: 'half', calleeToCaller: { durationMs: 36_000 } }]);
    expect(found).toMatchObject([{ code: 'media_stopped', callId: 'half', direction: 'calleeToCaller' }]);
    expect(found[0]!.text).toMatch(
      /^the call is up, and audio from callee to caller stopped 1[0-5] s ago, while it goes the other way$/,
    );
    // Answered 3.7 s after the first packet; ten seconds after the last of them, and what it takes until somebody looks.
    expect(found[0]!.afterS).toBeGreaterThan(49);
    expect(found[0]!.afterS).toBeLessThan(56);
    expect((found[0]!.timeUs - found[0]!.startUs) / 1e6).toBeCloseTo(found[0]!.afterS - 39.7, 0);
  });

  test('and one that leaves out silence, later', () => {
    const half: CallSpec = {
      ...UP,
      durationMs: 100_000,
      calleeToCaller: { durationMs: 26_000, dtx: { talkMs: 2000, silenceMs: 4000 } },
    };
    const found = told([{ durationMs: 110_000 }, half]);
    expect(found).toMatchObject([{ code: 'media_stopped', direction: 'calleeToCaller' }]);
    expect((found[0]!.timeUs - found[0]!.startUs) / 1e6).toBeGreaterThan(35);
    expect((found[0]!.timeUs - found[0]!.startUs) / 1e6).toBeLessThan(42);
  });

  test('and one that has not talked for long enough to show that it sends in silence, later', () => {
    const half: CallSpec = { ...UP, durationMs: 100_000, calleeToCaller: { durationMs: 12_000 } };
    const found = told([{ durationMs: 110_000 }, half]);
    expect(found).toMatchObject([{ code: 'media_stopped', direction: 'calleeToCaller' }]);
    expect((found[0]!.timeUs - found[0]!.startUs) / 1e6).toBeGreaterThan(35);
  });

  test('that goes on where the tap does not see, as its receiver reports, is not', () => {
    const calls: CallSpec[] = [{ ...UP, callee: { rtpPort: 41_000 }, rtcp: { intervalMs: 3000 } }];
    const { pcap } = buildScenario({ calls });
    expect(toldOf(pcap)).toEqual([]);
    expect(toldOf(withoutFrom(pcap, 41_000, 38))).toEqual([]);
    const silent: CallSpec[] = [{ ...UP, callee: { rtpPort: 41_000 }, rtcp: false }];
    expect(toldOf(withoutFrom(buildScenario({ calls: silent }).pcap, 41_000, 38))).toMatchObject([
      { code: 'media_stopped' },
    ]);
  });

  test('whose late audio came before that is not', () => {
    const late: CallSpec = { ...UP, calleeToCaller: { offsetMs: 8000 } };
    expect(told([WELL, late])).toEqual([]);
  });

  test('whose receiver reports packets that the tap does not see is not', () => {
    const calls: CallSpec[] = [{ ...UP, rtcp: { intervalMs: 3000 } }];
    expect(told(calls, { capture: { hideWay: 'calleeToCaller' } })).toEqual([]);
  });

  test('in a capture without media is not', () => {
    expect(told([{ ...UP, calleeToCaller: null, callerToCallee: null }])).toEqual([]);
  });
});

/** So many calls between clients behind a NAT, of which nobody is told, and a server with one port for all. */
function meeting(calls: number): Uint8Array {
  const server: Peer = { user: 'server', ip: '203.0.113.80', sipPort: 5060, rtpPort: 3478 };
  const tape = new Tape();
  for (let i = 0; i < calls; i++) {
    const client: Peer = { user: `c${i}`, ip: `192.0.2.${10 + i}`, sipPort: 5060, rtpPort: 20_000 + 2 * i };
    const dialog = new Dialog(tape, `call-${i}`, client, server, `tag-${i}`);
    dialog.answered(i * 80);
    const here = { ip: '198.51.100.7', port: 50_000 + i };
    const atMs = calls * 80 + 1050;
    tape.rtp({ from: here, to: { ip: server.ip, port: 3478 }, ssrc: 100 + i, atMs, count: 1500 });
    tape.rtp({ from: { ip: server.ip, port: 3478 }, to: here, ssrc: 200 + i, atMs, count: 1500 });
    dialog.released(atMs + 30_000);
  }
  return tape.file();
}

test('of many calls with one port of a media server nobody knows whose streams are whose: nothing is told', () => {
  expect(toldOf(meeting(20))).toEqual([]);
});

test('nobody looks where nobody wants to know', () => {
  const sink = { stream: () => {}, call: () => {}, finding: () => {} };
  const engine = new Engine(sink) as unknown as { ongoing: object | null };
  expect(engine.ongoing).toBeNull();
});

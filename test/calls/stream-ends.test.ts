import { describe, expect, test } from 'vitest';
import { StreamEnds } from '../../src/calls/stream-ends.ts';
import { Dialog } from './dialog.ts';
import { Tape } from './tape.ts';

const KEY = {
  src: Int32Array.of(0, 0, 0xffff, 1),
  dst: Int32Array.of(0, 0, 0xffff, 2),
  srcPort: 4000,
  dstPort: 4002,
  ssrc: 0,
};

describe('many streams at one endpoint', () => {
  test('the newest are told of, and all can be taken out', () => {
    const ends = new StreamEnds();
    for (let slot = 0; slot < 1000; slot++) ends.add(slot, { ...KEY, ssrc: slot });
    const end = '0.0.65535.2:4002';
    expect(ends.at(end)).toEqual(Array.from({ length: 256 }, (_, i) => 744 + i));
    for (let slot = 0; slot < 990; slot++) ends.remove(slot, KEY);
    expect(ends.at(end)).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
  });

  test('a call claims 256; the others are measured as streams of no call, and counted', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    const from = { ip: '203.0.113.9', port: 4000 };
    const to = { ip: dialog.callee.ip, port: dialog.callee.rtpPort };
    for (let ssrc = 1; ssrc <= 300; ssrc++) tape.rtp({ from, to, ssrc, atMs: 2000 + ssrc * 10, count: 8 });
    dialog.released(9000);
    const { calls, streams, account } = tape.play();
    expect(calls[0]!.streams).toHaveLength(256);
    expect(streams).toHaveLength(300);
    expect(streams.filter(({ callId }) => callId === null)).toHaveLength(44);
    expect(account.discarded.call_streams_full).toBe(44);
  });
});

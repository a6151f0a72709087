import { expect, test } from 'vitest';
import { type Fed, feed } from './feed.ts';

const PCMU = 0;
const G722 = 9;
const DVI4_16000 = 6;

/** Packets of 20 ms, so many of each payload type in turn, at the clock of each. */
function turns(...of: [payloadType: number, packets: number][]): Fed[] {
  const packets: Fed[] = [];
  let timestamp = 1000;
  for (const [payloadType, count] of of) {
    for (let i = 0; i < count; i++) {
      packets.push({ atMs: packets.length * 20, sequence: packets.length, timestamp, payloadType });
      timestamp += payloadType === DVI4_16000 ? 320 : 160;
    }
  }
  return packets;
}

test('one packet of another codec at the end does not rename the stream', () => {
  const { format, payloadType, payloadTypes, ptimeMs, clockRate } = feed(turns([DVI4_16000, 500], [PCMU, 1]));
  expect([format?.name, payloadType, clockRate, ptimeMs]).toEqual(['DVI4', DVI4_16000, 16_000, 20]);
  expect(payloadTypes).toEqual([DVI4_16000, PCMU]);
});

test('a stream is named by the codec that was in force longest, wherever that was', () => {
  const named = (...of: [number, number][]) => feed(turns(...of)).format?.name;
  expect(named([PCMU, 100], [G722, 300], [PCMU, 50])).toBe('G722');
  expect(named([PCMU, 300], [G722, 100])).toBe('PCMU');
  expect(named([PCMU, 100], [G722, 300])).toBe('G722');
});

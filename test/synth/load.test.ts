import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeLoad } from '../../src/synth/load.ts';
import { readCapture, readRtp, readSip } from './read-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a load is in order of time, complete and as its totals say', () => {
  const path = join(folder, 'load.pcap');
  const truth = writeLoad(
    { calls: 30, durationS: 4, spreadS: 0.5, lossRatio: 0.02, jitterMs: 19, codec: 'G729' },
    path,
  );
  const file = readFileSync(path);
  const packets = readCapture(file);
  expect(file.length).toBe(truth.fileBytes);
  expect(packets.length).toBe(truth.packets);
  packets.slice(1).forEach((packet, i) => {
    expect(packet.timeNs >= packets[i]!.timeNs).toBe(true);
  });
  const rtp = readRtp(packets);
  expect(rtp.length).toBe(truth.rtp);
  expect(truth).toMatchObject({
    calls: 30,
    streams: 60,
    sip: 210,
    expected: 60 * 200,
    octets: rtp.length * 20,
  });
  expect(readSip(packets).length).toBe(210);
  const streams = groupByKey(rtp);
  expect(streams.size).toBe(60);
  let lost = 0;
  for (const stream of streams.values()) {
    stream.slice(1).forEach((packet, i) => {
      const step = (packet.seq - stream[i]!.seq + 65536) % 65536;
      expect(step).toBeGreaterThan(0);
      expect((packet.timestamp - stream[i]!.timestamp) >>> 0).toBe(step * 160);
      lost += step - 1;
    });
    expect(stream.filter((packet) => packet.marker).length).toBe(1);
    expect(stream[0]!.marker).toBe(true);
  }
  expect(lost).toBe(truth.lost);
  expect(lost).toBeGreaterThan(100);
});

function groupByKey<T extends { key: string }>(items: T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.key);
    if (group === undefined) groups.set(item.key, [item]);
    else group.push(item);
  }
  return groups;
}

test('same seed, same file', () => {
  const [a, b] = [join(folder, 'a.pcap'), join(folder, 'b.pcap')];
  writeLoad({ calls: 5, durationS: 1, seed: 3 }, a);
  writeLoad({ calls: 5, durationS: 1, seed: 3 }, b);
  expect(Buffer.compare(readFileSync(a), readFileSync(b))).toBe(0);
});

test('wrong loads are refused', () => {
  const path = join(folder, 'never.pcap');
  expect(() => writeLoad({ calls: 0, durationS: 1 }, path)).toThrow(
    'load.calls: must be a whole number from 1 to 500000, got 0',
  );
  expect(() => writeLoad({ calls: 1, durationS: 1, jitterMs: 20 }, path)).toThrow(
    'load.jitterMs: must be below the packet time',
  );
  expect(() => writeLoad({ calls: 1, durationS: 1, codec: 'MP3' }, path)).toThrow(
    'load.codec: must be one of',
  );
});

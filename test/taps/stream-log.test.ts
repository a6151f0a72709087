import { describe, expect, test } from 'vitest';
import { PacketView } from '../../src/packet/view.ts';
import { RtpHeader } from '../../src/rtp/header.ts';
import { StreamLog } from '../../src/taps/stream-log.ts';

const data = new DataView(new ArrayBuffer(64));

function send(log: StreamLog, ssrc: number, sequence: number, changes: Partial<PacketView> = {}): void {
  const view = Object.assign(
    new PacketView(),
    { src2: 0xffff, dst2: 0xffff, srcPort: 1, dstPort: 2, ttl: 64, timeUs: sequence },
    changes,
  );
  const header = Object.assign(new RtpHeader(), { ssrc, sequence, timestamp: sequence * 160 });
  log.take(view, header, data, 0);
}

const stream = (log: StreamLog, ssrc: number, count: number, changes: Partial<PacketView> = {}): void => {
  for (let sequence = 0; sequence < count; sequence++) send(log, ssrc, sequence, changes);
};

describe('streams that are written down', () => {
  test('four packets in sequence prove a stream; noise gives way to what comes', () => {
    const log = new StreamLog(0, { severalPoints: false, streamsMax: 4 });
    stream(log, 1, 10);
    for (let noise = 100; noise < 200; noise++) send(log, noise, noise);
    stream(log, 2, 4);
    stream(log, 3, 3);
    expect(log.proved().map(({ ssrc }) => ssrc)).toEqual([1, 2]);
    expect(log.counters.streamsRefused).toBe(0);
  });

  test('a table full of streams refuses a further one, and counts', () => {
    const log = new StreamLog(0, { severalPoints: false, streamsMax: 2 });
    for (const ssrc of [1, 2, 3]) stream(log, ssrc, 5);
    expect(log.proved().map(({ ssrc }) => ssrc)).toEqual([1, 2]);
    expect(log.counters.streamsRefused).toBe(5);
  });

  test('packets beyond the bound are left out, from one moment on', () => {
    const log = new StreamLog(0, { severalPoints: false, packetsMax: 8 });
    stream(log, 1, 12);
    expect(log.proved()[0]!.packets.count).toBe(8);
    expect([log.fullSinceUs, log.counters.packetsLeftOut]).toEqual([8, 4]);
  });

  test('where one capture holds several points, TTL and path tell sights apart, a few of them', () => {
    const log = new StreamLog(0, { severalPoints: true });
    for (const ttl of [64, 63]) stream(log, 1, 5, { ttl });
    stream(log, 1, 5, { path: 7 });
    expect(log.proved().map(({ ttl, path }) => [ttl, path])).toEqual([
      [64, 0],
      [63, 0],
      [64, 7],
    ]);
    for (let ttl = 10; ttl < 30; ttl++) stream(log, 1, 5, { ttl });
    expect(log.proved()).toHaveLength(8);
    expect(log.counters.streamsRefused).toBe(75);
    const plain = new StreamLog(0, { severalPoints: false });
    for (const ttl of [64, 63]) stream(plain, 1, 5, { ttl });
    expect(plain.proved()).toHaveLength(1);
  });
});

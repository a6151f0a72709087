import { describe, expect, test } from 'vitest';
import { PacketView } from '../../src/packet/view.ts';
import { RtpHeader } from '../../src/rtp/header.ts';
import { DEFAULT_RTP_OPTIONS, RtpPlane, type StreamKey } from '../../src/rtp/plane.ts';
import { SHED_MAX, ShedStreams } from '../../src/rtp/shed-streams.ts';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';

const NONE = Int32Array.of(0, 0, 0, 0);

describe('streams that are left out', () => {
  test('are known by all their packets, until they were silent for long', () => {
    const shed = new ShedStreams(10e6);
    expect(shed.holds(77, 1e6)).toBe(false);
    shed.add(77, 1e6);
    expect(shed.holds(77, 9e6)).toBe(true);
    expect(shed.holds(78, 9e6)).toBe(false);
    expect(shed.holds(77, 18e6)).toBe(true);
    expect(shed.holds(77, 29e6)).toBe(false);
    expect({ streams: shed.streams, packets: shed.packets }).toEqual({ streams: 1, packets: 3 });
  });

  test('of nine that share a place the one that was silent for longest is forgotten', () => {
    const shed = new ShedStreams(100e6);
    const hashes = Array.from({ length: 9 }, (_, i) => 5 + i * SHED_MAX);
    for (const [i, hash] of hashes.slice(0, 8).entries()) shed.add(hash, 1e6 + i);
    expect(shed.holds(hashes[0]!, 2e6)).toBe(true);
    shed.add(hashes[8]!, 3e6);
    expect(hashes.map((hash) => shed.holds(hash, 4e6))).toEqual([
      ...[true, false, true, true, true, true, true, true, true],
    ]);
  });
});

/** Streams by SSRC to port 4000, which is announced, and to port 5000, which is not. */
function plane() {
  const measured = new Map<number, StreamMeasurement>();
  const told: StreamKey[] = [];
  const rtp = new RtpPlane(
    {
      streamStarted: () => {},
      streamEnded: (_slot, key, _number, measurement) => measured.set(key.ssrc, measurement),
      streamShed: (key) => told.push(key),
    },
    () => false,
    { ...DEFAULT_RTP_OPTIONS, streamsMax: 16 },
  );
  rtp.endpoints.add(NONE, 4000);
  const header = new RtpHeader();
  const view = new PacketView();
  const data = new DataView(new ArrayBuffer(16));
  const send = (ssrc: number, count: number, from: number, port = 4000): number => {
    let taken = 0;
    for (let i = from; i < from + count; i++) {
      Object.assign(header, { sequence: i, timestamp: i * 160, ssrc, payloadType: 0, payloadLength: 160 });
      view.dstPort = port;
      view.timeUs = 1e9 + i * 20_000;
      taken += rtp.receive(header, view, data);
    }
    return taken;
  };
  return { rtp, send, measured, told };
}

describe('while measuring does not keep up', () => {
  test('a new stream is left out whole, and a stream being measured loses nothing', () => {
    const { rtp, send, measured, told } = plane();
    send(1, 10, 0);
    rtp.isPressed = true;
    // They are media, though nobody measures them.
    expect(send(2, 50, 10)).toBe(50);
    send(1, 50, 10);
    rtp.isPressed = false;
    send(2, 50, 60);
    send(1, 50, 60);
    send(3, 50, 60);
    rtp.retireAll();
    expect([...measured].map(([ssrc, { packets, lost }]) => [ssrc, packets, lost])).toEqual([
      [1, 110, 0],
      [3, 50, 0],
    ]);
    expect({ streams: rtp.shed.streams, packets: rtp.shed.packets }).toEqual({ streams: 1, packets: 100 });
    expect(told).toEqual([{ src: NONE, srcPort: 0, dst: NONE, dstPort: 4000, ssrc: 2 }]);
  });

  test('what nobody announced proves itself afterwards', () => {
    const { rtp, send, measured, told } = plane();
    rtp.isPressed = true;
    expect(send(9, 50, 0, 5000)).toBe(0);
    rtp.isPressed = false;
    send(9, 50, 50, 5000);
    rtp.retireAll();
    expect(measured.get(9)?.packets).toBe(50);
    expect(told).toEqual([]);
    expect(rtp.shed.streams).toBe(0);
  });
});

import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { captureOf, comparedTaps, type Packet, packetsOf, readdressed, sourceOf } from './two-points.ts';

const CALLER = '192.0.2.10';
const CALLEE = '198.51.100.77';
const octets = (address: string): number[] => address.split('.').map(Number);

test('clocks that drift apart do not turn the way of streams round that begin minutes apart', () => {
  const call = {
    callId: 'one@example.com',
    caller: { ip: CALLER },
    callee: { ip: CALLEE },
    durationMs: 150_000,
  };
  const all = packetsOf(buildScenario({ seed: 3, calls: [call] }).pcap).filter(({ isRtp }) => isRtp);
  const fromUs = all[0]!.timeUs;
  const isFromCaller = (packet: Packet): boolean => sourceOf(packet) === CALLER;
  /** Sent on by a box 0.2 ms away, and stamped by another clock. */
  const behind = (packet: Packet, ppm: number): Packet => {
    const [src, dst, laterUs] = isFromCaller(packet) ? [CALLER, CALLEE, 200] : [CALLEE, CALLER, -200];
    const timeUs = packet.timeUs + laterUs;
    const own = readdressed(packet, octets(src), octets(dst));
    return { ...own, timeUs: timeUs + ((timeUs - fromUs) * ppm) / 1e6 };
  };
  for (const [lateOne, ppm] of [
    [CALLER, -50],
    [CALLEE, 50],
  ] as const) {
    const inside = all.filter((packet) => sourceOf(packet) !== lateOne || packet.timeUs > fromUs + 60e6);
    const outside = inside.map((packet) => behind(packet, ppm));
    const { streams, clocks } = comparedTaps([captureOf(inside), captureOf(outside)]);
    const ways = streams.map(({ first, orderBy }) => [first.src.split(':')[0], first.tap, orderBy]).sort();
    expect(ways).toEqual([
      [CALLER, 1, 'clock'],
      [CALLEE, 2, 'clock'],
    ]);
    expect(clocks.driftPpm).toBe(ppm);
    expect(Math.abs(clocks.offsetMs!)).toBeLessThanOrEqual(clocks.uncertaintyMs!);
    expect(clocks.uncertaintyMs).toBeLessThan(0.3);
  }
});

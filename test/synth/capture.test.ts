import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { readCapture, readRtp } from './read-capture.ts';

const BUSY: Scenario = {
  seed: 7,
  background: { dns: 20, quic: 20, randomUdp: 20 },
  calls: [
    {
      durationMs: 3000,
      rtcp: { intervalMs: 1000 },
      callerToCallee: { jitter: { kind: 'gauss', sigmaMs: 3 } },
    },
    { durationMs: 3000, transport: 'tcp', codec: 'opus' },
    { outcome: 'busy' },
  ],
};

test('same scenario, same bytes and truth', () => {
  const [a, b] = [buildScenario(BUSY), buildScenario(structuredClone(BUSY))];
  expect(Buffer.compare(a.pcap, b.pcap)).toBe(0);
  expect(a.truth).toEqual(b.truth);
});

test('another seed, other bytes', () => {
  expect(Buffer.compare(buildScenario(BUSY).pcap, buildScenario({ ...BUSY, seed: 8 }).pcap)).not.toBe(0);
});

test('a change in one stream leaves the numbers of the others alone', () => {
  const changed = structuredClone(BUSY);
  changed.calls[0]!.callerToCallee = { loss: { kind: 'random', ratio: 0.5 } };
  const [before, after] = [buildScenario(BUSY).truth, buildScenario(changed).truth];
  const back = (truth: typeof before) =>
    truth.streams.filter((stream) => stream.direction === 'calleeToCaller');
  expect(back(after)).toEqual(back(before).map((s, i) => ({ ...s, rtcp: back(after)[i]!.rtcp })));
});

test('every length and checksum is right and time never runs back', () => {
  const { pcap, truth } = buildScenario(BUSY);
  const packets = readCapture(pcap);
  expect(packets.length).toBe(truth.capture.packets);
  expect(packets.every((packet) => packet.checksummed)).toBe(true);
  packets.slice(1).forEach((packet, i) => {
    expect(packet.timeNs >= packets[i]!.timeNs).toBe(true);
  });
  const { sip, rtp, rtcp, other } = truth.capture;
  expect(sip + rtp + rtcp + other).toBe(truth.capture.packets);
  expect(readRtp(packets).length).toBeGreaterThanOrEqual(rtp);
});

test.each([
  [[], []],
  [[100], [[0x8100, 100]]],
  [
    [100, 200],
    [
      [0x88a8, 100],
      [0x8100, 200],
    ],
  ],
])('VLAN tags %j', (vlans, tags) => {
  const packets = readCapture(buildScenario({ vlans, calls: [{ durationMs: 100, transport: 'tcp' }] }).pcap);
  for (const packet of packets) expect(packet.vlans).toEqual(tags);
});

test('IPv6: addresses, marks and checksums', () => {
  const { pcap, truth } = buildScenario({
    ipv6: true,
    calls: [{ durationMs: 200, callerToCallee: { dscp: 34, ttl: 9 } }],
  });
  const rtp = readRtp(readCapture(pcap)).filter((packet) => packet.packet.src.endsWith('c000020a'));
  expect(rtp.length).toBeGreaterThan(5);
  for (const { packet } of rtp)
    expect(packet).toMatchObject({ ipVersion: 6, dscp: 34, ttl: 9, checksummed: true });
  const stream = truth.streams.find((s) => s.direction === 'callerToCallee')!;
  expect(stream.src).toEqual({ ip: '2001:db8::c000:20a', port: 16384 });
});

test('nanosecond files keep nanoseconds, and the truth uses them', () => {
  const spec = {
    outcome: 'none' as const,
    durationMs: 100,
    calleeToCaller: null,
    callerToCallee: { jitter: { kind: 'exact' as const, delaysMs: [0, 0.000123] } },
  };
  const fine = buildScenario({ nanoseconds: true, calls: [spec] }, { delays: true });
  expect(readCapture(fine.pcap)[1]!.timeNs % 1000n).toBe(123n);
  expect(fine.truth.streams[0]!.delaysMs![1]).toBeCloseTo(0.000123, 9);
  const coarse = buildScenario({ calls: [spec] }, { delays: true });
  expect(coarse.truth.streams[0]!.delaysMs![1]).toBe(0);
});

test('addresses, ports and marks of media', () => {
  const { pcap, truth } = buildScenario({
    calls: [
      { durationMs: 200, natCaller: { ip: '198.51.100.9', port: 41000 }, caller: { ip: '192.168.1.5' } },
    ],
  });
  const rtp = readRtp(readCapture(pcap));
  expect(rtp.map(({ packet }) => packet.dscp)).toEqual(rtp.map(() => 46));
  expect(truth.streams.map((s) => [s.src.ip, s.src.port, s.dst.ip]).sort()).toEqual([
    ['198.51.100.9', 41000, '203.0.113.10'],
    ['203.0.113.10', 32768, '198.51.100.9'],
  ]);
});

test('speech of G.711 is no dead air', () => {
  for (const codec of ['PCMU', 'PCMA']) {
    const { pcap } = buildScenario({ calls: [{ outcome: 'none', durationMs: 2000, codec }] });
    const octets = readRtp(readCapture(pcap)).flatMap((packet) => [...packet.payload]);
    const quiet = codec === 'PCMU' ? [0xff, 0x7f, 0xfe, 0x7e] : [0xd5, 0x55, 0xd4, 0x54];
    expect(octets.filter((octet) => quiet.includes(octet)).length / octets.length).toBeLessThan(0.2);
    expect(new Set(octets).size).toBeGreaterThan(60);
  }
});

test('codecs have the payload size and clock of their specification', () => {
  const sizes: [codec: string, ptimeMs: number, octets: number, ticks: number][] = [
    ['PCMU', 20, 160, 160],
    ['G722', 20, 160, 160],
    ['G729', 20, 20, 160],
    ['G729', 30, 30, 240],
    ['GSM', 20, 33, 160],
    ['G723', 30, 24, 240],
    ['iLBC', 20, 38, 160],
    ['AMR', 20, 33, 160],
    ['AMR-WB', 20, 34, 320],
    ['EVS', 20, 33, 320],
    ['opus', 20, 60, 960],
    ['G726-32', 20, 80, 160],
    ['L16', 20, 640, 320],
  ];
  for (const [codec, ptimeMs, octets, ticks] of sizes) {
    const { pcap } = buildScenario({
      calls: [{ outcome: 'none', durationMs: 200, codec, ptimeMs, calleeToCaller: null }],
    });
    const rtp = readRtp(readCapture(pcap));
    expect([codec, rtp[0]!.payload.length, (rtp[1]!.timestamp - rtp[0]!.timestamp) >>> 0]).toEqual([
      codec,
      octets,
      ticks,
    ]);
  }
});

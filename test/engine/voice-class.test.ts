import { describe, expect, test } from 'vitest';
import type { EngineOptions } from '../../src/engine/engine.ts';
import { markingPolicy } from '../../src/engine/marking.ts';
import { VOICE_CLASS_SOURCES_MAX } from '../../src/engine/voice-class.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { type Route, tcpFrame, udpFrame } from '../../src/synth/frame.ts';
import { pcapFile } from '../../src/synth/pcap.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import { replayed } from './replayed.ts';

const EF = 46;
const EPOCH_MS = Date.UTC(2026, 0, 2);
/** Begins like no protocol that is followed. */
const PAYLOAD = new Uint8Array(1000).fill(0x2a);

const ipv4 = (text: string): Uint8Array => Uint8Array.from(text.split('.').map(Number));

function route(src: string, dscp = EF): Route {
  return { src: ipv4(src), dst: ipv4('198.51.100.9'), dscp, ttl: 60, vlans: [] };
}

const FLOW = { srcPort: 40_000, dstPort: 443, seq: 1, ack: 1, flags: 24 };

/** Segments of 1000 octets: 1040 at IP. */
function segments(count: number, src: string, dscp = EF, ports = FLOW): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    tcpFrame(route(src, dscp), { ...ports, seq: 1 + i * 1000 }, PAYLOAD, 1 + i),
  );
}

/** Datagrams of 1000 octets: 1028 at IP. */
function datagrams(count: number, src: string, dscp = EF, dstPort = 9999): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => udpFrame(route(src, dscp), 40_000, dstPort, PAYLOAD, 1 + i));
}

/** RTP that nobody announced, of a payload type with a fixed meaning. */
function media(
  count: number,
  payloadType: number,
  size: number,
  { first = 0, dscp = EF }: { first?: number; dscp?: number } = {},
): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const packet = new Uint8Array(12 + size);
    const view = new DataView(packet.buffer);
    view.setUint16(0, 0x8000 | payloadType);
    view.setUint16(2, first + i);
    view.setUint32(4, (first + i) * 80);
    view.setUint32(8, 7000 + payloadType);
    return udpFrame(route('10.0.0.7', dscp), 20_000 + payloadType, 30_000, packet, 1 + first + i);
  });
}

/** What is told of frames, each 10 ms after the one before. */
function carried(frames: readonly Uint8Array[], options: EngineOptions = {}) {
  const packets = frames.map((bytes, i) => ({ timeNs: i * 10_000_000, bytes }));
  return replayed(pcapFile(packets, EPOCH_MS, false), 1000, options).account.voiceClass!;
}

/** What is told of a call. */
function ofCall(call: Partial<CallSpec>, scenario: Partial<Scenario> = {}) {
  const spec: CallSpec = { codec: 'PCMA', durationMs: 6000, callerToCallee: {}, calleeToCaller: {}, ...call };
  const { pcap } = buildScenario({ seed: 4, calls: [spec], ...scenario });
  return replayed(pcap);
}

describe('what is marked as voice and is none', () => {
  test('is told by sender, TCP and UDP apart, in octets at IP', () => {
    const found = carried([
      ...segments(5, '10.0.0.1'),
      ...datagrams(20, '10.0.0.2'),
      ...segments(30, '10.0.0.3', 0),
      ...datagrams(30, '10.0.0.3', 34),
    ]);
    expect(found).toEqual({
      dscp: [46, 44],
      ...{ audioPackets: 0, audioOctets: 0 },
      ...{ otherPackets: 25, otherOctets: 5 * 1040 + 20 * 1028, otherRatio: 1 },
      sources: [
        { ip: '10.0.0.2', octets: 20_560, tcpPackets: 0, udpPackets: 20, videoPackets: 0 },
        { ip: '10.0.0.1', octets: 5200, tcpPackets: 5, udpPackets: 0, videoPackets: 0 },
      ],
      furtherSources: 0,
    });
  });

  test('goes by what the configuration calls voice', () => {
    const frames = [...segments(2, '10.0.0.1'), ...segments(3, '10.0.0.3', 40)];
    const by = (voice: string[]) => ({ signalling: { marking: markingPolicy({ voice }) } });
    expect(carried(frames, by(['CS5']))).toMatchObject({ dscp: [40], otherPackets: 3 });
    expect(carried(frames, by([]))).toBeNull();
  });

  test('is not SIP, whether it can be read or not', () => {
    expect(
      carried([
        ...segments(9, '10.0.0.1', EF, { ...FLOW, dstPort: 5061 }),
        ...datagrams(9, '10.0.0.1', EF, 5060),
      ]),
    ).toMatchObject({
      otherPackets: 0,
      sources: [],
    });
  });

  test('counts what the mirror shows twice once', () => {
    const twice = [...datagrams(10, '10.0.0.2'), ...segments(10, '10.0.0.1')].flatMap((frame) => [
      frame,
      frame,
    ]);
    const packets = twice.map((bytes, i) => ({ timeNs: i * 100_000, bytes }));
    const { voiceClass } = replayed(pcapFile(packets, EPOCH_MS, false)).account;
    expect(voiceClass).toMatchObject({ otherPackets: 20 });
  });

  test('tells five senders, and those of most whenever they came', () => {
    const octets = (i: number): string => `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
    const scan = Array.from({ length: 3 * VOICE_CLASS_SOURCES_MAX }, (_, i) => datagrams(1, octets(i))[0]!);
    const late = datagrams(40, '10.99.0.2');
    const packets = [...segments(50, '10.99.0.1'), ...scan, ...late].map((bytes, i) => ({
      timeNs: i * 100_000,
      bytes,
    }));
    const { account } = replayed(pcapFile(packets, EPOCH_MS, false));
    const { sources, furtherSources, otherPackets } = account.voiceClass!;
    expect(sources.map(({ ip }) => ip).slice(0, 2)).toEqual(['10.99.0.1', '10.99.0.2']);
    expect(sources).toHaveLength(5);
    expect(otherPackets).toBe(90 + scan.length);
    const unnamed = account.discarded.voice_class_sources_full!;
    // What is not among those told or known any more had one packet each.
    expect(furtherSources + 5 + unnamed).toBe(2 + scan.length);
    expect(furtherSources).toBeLessThan(VOICE_CLASS_SOURCES_MAX);
  });
});

describe('the voice beside it', () => {
  const rtcp = { intervalMs: 1000 };

  test.each<[string, Partial<CallSpec>, Partial<Scenario>, number]>([
    ['announced', { rtcp }, {}, 200],
    ['that nobody announced: its first packets are taken back', { outcome: 'midcall', rtcp }, {}, 200],
    ['over IPv6', { rtcp }, { ipv6: true }, 220],
    ['under VLAN tags, past the fast lane', { rtcp }, { vlans: [7] }, 200],
  ])('%s', (_name, call, scenario, octets) => {
    const { streams, account } = ofCall(call, scenario);
    const packets = streams.reduce((sum, stream) => sum + stream.packets, 0);
    expect(packets).toBeGreaterThan(500);
    expect(account.voiceClass).toMatchObject({
      ...{ audioPackets: packets, audioOctets: packets * octets },
      ...{ otherPackets: 0, otherOctets: 0, otherRatio: 0, sources: [] },
    });
  });

  test.each([
    ['grow', [20, 20, 20, 20, 900]],
    ['shrink', [900, 900, 900, 900, 20]],
  ])('whose packets %s is taken back as a whole', (_name, sizes) => {
    const frames = sizes.map((size, i) => media(1, 0, size, { first: i })[0]!);
    expect(carried(frames)).toMatchObject({ otherPackets: 0, otherOctets: 0, otherRatio: 0, sources: [] });
    const beside = carried([...segments(1, '10.0.0.7'), ...frames]);
    expect(beside.otherPackets).toBe(1);
    expect(beside.otherOctets).toBeGreaterThanOrEqual(0);
  });

  test('counts for the time in which it was marked', () => {
    const half = [...media(100, 0, 160), ...media(100, 0, 160, { first: 100, dscp: 0 })];
    const { audioPackets, audioOctets, otherPackets } = carried(half);
    expect(Math.abs(audioPackets - 100)).toBeLessThanOrEqual(1);
    expect(Math.abs(audioOctets - 100 * 200)).toBeLessThanOrEqual(200);
    expect(otherPackets).toBe(0);
    expect(carried(media(100, 0, 160, { dscp: 0 }))).toMatchObject({ audioPackets: 0, otherRatio: null });
  });

  test('is no video', () => {
    const H263 = 34;
    expect(carried([...media(100, 0, 160), ...media(50, H263, 960)])).toMatchObject({
      ...{ audioPackets: 100, audioOctets: 20_000, otherPackets: 50, otherOctets: 50_000 },
      otherRatio: 5 / 7,
      sources: [{ ip: '10.0.0.7', octets: 50_000, tcpPackets: 0, udpPackets: 0, videoPackets: 50 }],
    });
  });
});

import { describe, expect, test } from 'vitest';
import { PacketView } from '../../src/packet/view.ts';
import { eventName } from '../../src/rtp/events.ts';
import { RtpHeader } from '../../src/rtp/header.ts';
import { payloadFormat } from '../../src/rtp/payload-types.ts';
import { DEFAULT_RTP_OPTIONS, RtpPlane } from '../../src/rtp/plane.ts';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';
import { randomFor } from '../../src/synth/random.ts';

const EVENTS = 101;

interface Sent {
  timestamp: number;
  payload: Uint8Array;
  payloadType?: number;
  sequence?: number;
  atMs?: number;
}

/** Measures packets, 20 ms apart unless they say when they came, of a call that agreed PCMU, and 101 for events; of a slice there are no payloads. */
function measured(packets: readonly Sent[], { captured = true, agreed = true } = {}): StreamMeasurement {
  let result: StreamMeasurement | null = null;
  const audio = payloadFormat('PCMU', 8000, 'sdp');
  const event = payloadFormat('telephone-event', 8000, 'sdp');
  const plane: RtpPlane = new RtpPlane(
    {
      streamStarted: (slot) => {
        if (agreed) plane.setFormats(slot, (type) => (type === 0 ? audio : type === EVENTS ? event : null));
      },
      streamEnded: (_slot, _key, _number, summary) => {
        result = summary;
      },
    },
    () => true,
    { ...DEFAULT_RTP_OPTIONS, streamsMax: 4 },
  );
  const view = new PacketView();
  view.dstPort = 4000;
  plane.endpoints.add(Int32Array.of(0, 0, 0, 0), 4000);
  const header = new RtpHeader();
  const bytes = new Uint8Array(200);
  const data = new DataView(bytes.buffer);
  for (const [
    i,
    { timestamp, payload, payloadType = EVENTS, sequence = i, atMs = 20 * i },
  ] of packets.entries()) {
    bytes.set(payload);
    header.sequence = sequence;
    header.timestamp = timestamp;
    header.payloadType = payloadType;
    header.payloadLength = payload.length;
    header.payloadCaptured = captured ? payload.length : 0;
    view.timeUs = 1e9 + atMs * 1000;
    plane.receive(header, view, data);
  }
  plane.retireAll();
  if (result === null) throw new Error('no stream');
  return result;
}

/** Octets that may be anything, as those of codecs and ciphers are. */
const random = randomFor(1, 'payloads');
const noise = (octets: number): Uint8Array =>
  Uint8Array.from({ length: octets }, () => Math.floor(random.float() * 256));
const audioOf = (count: number, octets: number, payloadType = EVENTS): Sent[] =>
  Array.from({ length: count }, (_, i) => ({ timestamp: 160 * i, payload: noise(octets), payloadType }));
/** A packet of a key that has lasted for so many packets. */
const key = (code: number, lasted: number): Uint8Array =>
  Uint8Array.of(code, 10, (160 * lasted) >> 8, (160 * lasted) & 0xff);
const keysOf = ({ events }: StreamMeasurement): string[] => events.map(({ code }) => eventName(code));

describe('audio sent with the payload type of events', () => {
  test.each([
    ['G.711', 160],
    ['G.729', 20],
    ['AMR', 32],
    ['iLBC', 38],
  ])('is audio, and no keys: %s', (_, octets) => {
    for (const captured of [true, false]) {
      const { events, eventPackets, jitterMs, ptimeMs, clockRate, format, packets, payloadType } = measured(
        audioOf(300, octets),
        { captured },
      );
      expect(events).toEqual([]);
      expect({ eventPackets, packets, ptimeMs, clockRate, payloadType }).toEqual({
        ...{ eventPackets: 0, packets: 300, ptimeMs: 20, clockRate: 8000, payloadType: EVENTS },
      });
      expect(format).toMatchObject({ name: '', source: 'inferred' });
      expect(jitterMs.samples).toBeGreaterThan(200);
    }
  });

  test('is so with losses, and with packets that overtake others', () => {
    const lossy = audioOf(300, 160)
      .map((packet, i) => ({ ...packet, sequence: i, atMs: 20 * i }))
      .filter((_, i) => i % 7 !== 3);
    const late = { ...lossy[100]!, atMs: lossy[101]!.atMs + 1 };
    lossy.splice(100, 2, lossy[101]!, late);
    const { eventPackets, lost, reordered, jitterMs } = measured(lossy);
    expect({ eventPackets, lost: lost > 30, reordered }).toEqual({
      eventPackets: 0,
      lost: true,
      reordered: 1,
    });
    expect(jitterMs.samples).toBeGreaterThan(100);
  });

  test('is so after audio as it was agreed, and in the history', () => {
    const changed = audioOf(400, 160).map((packet, i) => ({ ...packet, payloadType: i < 100 ? 0 : EVENTS }));
    const { history, events } = measured(changed);
    expect(events).toEqual([]);
    expect(history.formats.map(({ payloadType, codec }) => [payloadType, codec])).toEqual([
      [0, 'PCMU'],
      [EVENTS, null],
    ]);
  });

  test('is so where nobody agreed on anything, and the first packet looked like a key', () => {
    const first = { timestamp: 0, payload: key(5, 1) };
    const stream = [first, ...audioOf(299, 31).map((each, i) => ({ ...each, timestamp: 160 * (i + 1) }))];
    const { eventPackets, jitterMs } = measured(stream, { agreed: false });
    expect(eventPackets).toBe(1);
    expect(jitterMs.samples).toBeGreaterThan(200);
  });

  test('for less than half a second is told as neither', () => {
    const { events, eventPackets, format } = measured(audioOf(24, 160));
    expect({ events, eventPackets, name: format?.name }).toEqual({
      ...{ events: [], eventPackets: 24, name: 'telephone-event' },
    });
  });
});

describe('events stay events', () => {
  const packetsOf = (count: number, packet: (i: number) => Partial<Sent> & { payload: Uint8Array }): Sent[] =>
    Array.from({ length: count }, (_, i) => ({ timestamp: 5000, ...packet(i) }));

  test('a key held for six seconds', () => {
    const held = measured(packetsOf(300, (i) => ({ payload: key(7, Math.min(i, 400)) })));
    expect(keysOf(held)).toEqual(['7']);
    expect(held.eventPackets).toBe(300);
  });

  test('of senders whose timestamps go on with each packet', () => {
    const odd = measured(packetsOf(60, (i) => ({ timestamp: 160 * i, payload: key(3, i) })));
    expect(odd.eventPackets).toBe(60);
    expect(new Set(keysOf(odd))).toEqual(new Set(['3']));
  });

  test('several keys in one packet', () => {
    const two = Uint8Array.of(...key(1, 3), ...key(2, 3));
    const both = measured(packetsOf(60, (i) => ({ timestamp: 960 * i, payload: two })));
    expect(both.eventPackets).toBe(60);
    expect(new Set(keysOf(both))).toEqual(new Set(['1']));
  });

  test('padded with what is no key', () => {
    const padded = measured(
      packetsOf(60, (i) => ({ payload: Uint8Array.of(...key(9, i), 255, 255, 255, 255) })),
    );
    expect(padded.eventPackets).toBe(60);
  });

  test.each([14, 8, 20])('encrypted, of %i octets: which keys they are nobody can read', (octets) => {
    const secret = measured(packetsOf(200, () => ({ payload: noise(octets) })));
    expect(secret.events).toEqual([]);
    expect(secret.eventPackets).toBe(200);
  });
});

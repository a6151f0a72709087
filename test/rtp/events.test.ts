import { expect, test } from 'vitest';
import { PacketView } from '../../src/packet/view.ts';
import { RtpHeader } from '../../src/rtp/header.ts';
import { payloadFormat } from '../../src/rtp/payload-types.ts';
import { DEFAULT_RTP_OPTIONS, RtpPlane } from '../../src/rtp/plane.ts';
import type { StreamMeasurement } from '../../src/rtp/summary.ts';

const AUDIO = 96;
const EVENT = 101;

/** Opus with one digit of 120 ms, its duration counted at `eventRate`; signalled unless `signalled` is false. */
function digitAt(eventRate: number, signalled = true): StreamMeasurement {
  let result: StreamMeasurement | null = null;
  const audio = payloadFormat('opus', 48_000, 'sdp');
  const event = signalled ? payloadFormat('telephone-event', eventRate, 'sdp') : null;
  const plane: RtpPlane = new RtpPlane(
    {
      streamStarted: (slot) =>
        plane.setFormats(slot, (type) => (type === AUDIO ? audio : type === EVENT ? event : null)),
      streamEnded: (_slot, _key, _number, measured) => {
        result = measured;
      },
    },
    () => true,
    { ...DEFAULT_RTP_OPTIONS, streamsMax: 4 },
  );
  const view = new PacketView();
  view.dstPort = 4000;
  plane.endpoints.add(Int32Array.of(0, 0, 0, 0), 4000);
  const header = new RtpHeader();
  const data = new DataView(new ArrayBuffer(16));
  for (let k = 0; k < 60; k++) {
    const inEvent = k >= 30 && k < 36;
    header.sequence = k;
    header.timestamp = 960 * (inEvent ? 30 : k);
    header.payloadType = inEvent ? EVENT : AUDIO;
    header.marker = k === 30 ? 1 : 0;
    header.payloadLength = inEvent ? 4 : 100;
    header.payloadCaptured = inEvent ? 4 : 0;
    // Digit 5, volume 10, and how long it has lasted.
    data.setUint16(0, 0x050a);
    data.setUint16(2, (k - 29) * (eventRate / 50));
    view.timeUs = 1e9 + k * 20_000;
    plane.receive(header, view, data);
  }
  plane.retireAll();
  if (result === null) throw new Error('no stream');
  return result;
}

test.each([8000, 48_000])('an event beside Opus is timed by the %i Hz of its own rtpmap', (rate) => {
  const { events, clockRate } = digitAt(rate);
  expect(clockRate).toBe(48_000);
  expect(events).toHaveLength(1);
  expect((events[0]!.durationTicks * 1000) / events[0]!.clockRate).toBeCloseTo(120, 6);
});

test('an event that nothing explains is timed by the audio around it', () => {
  const { events } = digitAt(48_000, false);
  expect(events.map((event) => event.clockRate)).toEqual([48_000]);
});

import { silenceDescriptor } from './codecs.ts';
import { callRandom, type ResolvedCall } from './resolve.ts';
import type { Direction, Scenario, StreamSpec } from './scenario.ts';
import { speechOctets, speechPayload } from './speech.ts';

/** What a packet carries: speech, a telephone event (RFC 4733) or the announcement of silence. */
export type MediaKind = 'audio' | 'event' | 'silence';

/** One RTP packet as it leaves the sender. */
export interface SentPacket {
  /** ns of the scenario, by the capture's clock, skew included. */
  sendNs: number;
  ssrc: number;
  seq: number;
  /** Sequence number without wrap, comparable within one (ssrc, segment). */
  extended: number;
  /** Counts restarts: numbers of different segments have nothing to do with each other. */
  segment: number;
  timestamp: number;
  payloadType: number;
  marker: boolean;
  kind: MediaKind;
  payload: Uint8Array;
}

/** What stands in one packet time: nothing, or a packet of this kind. */
type Slot = Pick<SentPacket, 'kind' | 'payloadType' | 'payload'> & {
  /** Packet times that the timestamp lies back: events carry the time of their start. */
  age: number;
  startsEvent: boolean;
};

/** From this jump on a receiver sees a new run and not a gap (RFC 3550 A.1 MAX_DROPOUT). */
export const RESTART_JUMP = 3000;

/** Everything one side of a call sends, in order. */
export function planSender(
  scenario: Scenario,
  call: ResolvedCall,
  way: Direction,
  spec: StreamSpec,
): SentPacket[] {
  const random = callRandom(scenario, call, `${way}/rtp`);
  const startMs = call.mediaMs + offsetMs(call, spec);
  const count = Math.floor((spec.durationMs ?? call.byeMs - startMs) / call.ptimeMs);
  const ticks = (call.ptimeMs * call.codec.clockRate) / 1000;
  const slots = slotPlan(call, way, spec, startMs, count);
  const sent: SentPacket[] = [];
  let ssrc = spec.ssrc ?? random.uint32();
  let extended = spec.startSeq ?? random.int(65536);
  let timestampBase = spec.startTimestamp ?? random.uint32();
  let segment = 0;
  let resumed = true;
  slots.forEach((slot, k) => {
    if (slot === null) {
      resumed = true;
      return;
    }
    const index = sent.length;
    if (index === spec.ssrcChangeAt && index > 0) {
      ssrc = random.uint32();
      extended = random.int(65536);
      timestampBase = random.uint32();
      segment++;
      resumed = true;
    }
    if (spec.restartAt !== undefined && index === spec.restartAt.index && index > 0) {
      extended += spec.restartAt.seqJump;
      timestampBase += spec.restartAt.tsJump;
      if (spec.restartAt.seqJump >= RESTART_JUMP) segment++;
    }
    const { kind, payloadType, payload, startsEvent } = slot;
    sent.push({
      sendNs: (startMs + k * call.ptimeMs * (1 + (spec.skewPpm ?? 0) * 1e-6)) * 1e6,
      ssrc,
      segment,
      extended,
      kind,
      payloadType,
      payload,
      seq: extended % 65536,
      timestamp: (timestampBase + (k - slot.age) * ticks) % 2 ** 32,
      marker: startsEvent || (kind === 'audio' && resumed),
    });
    extended++;
    if (kind === 'audio') resumed = false;
  });
  return sent;
}

/** First packet after the answer, ms. A phone needs a moment after the 200, a stream without SIP does not. */
function offsetMs(call: ResolvedCall, spec: StreamSpec): number {
  return spec.offsetMs ?? (call.outcome === 'none' || call.outcome === 'midcall' ? 0 : 40);
}

function slotPlan(
  call: ResolvedCall,
  way: Direction,
  spec: StreamSpec,
  startMs: number,
  count: number,
): (Slot | null)[] {
  const speech = speechOctets(call.codec);
  const slots: (Slot | null)[] = [];
  for (let k = 0; k < count; k++) {
    slots.push(
      isSilent(call, way, spec, startMs, k)
        ? null
        : {
            kind: 'audio',
            payloadType: call.codec.payloadType,
            age: 0,
            startsEvent: false,
            payload: speechPayload(call.codec, call.ptimeMs, speech, k),
          },
    );
  }
  if (spec.dtx?.comfortNoise) announceSilence(call, slots);
  if (call.dtmf !== null && (call.dtmf.from === 'caller') === (way === 'callerToCallee')) {
    placeDigits(call, call.dtmf, slots);
  }
  return slots;
}

/** No packet at this time: silence suppression, or held by the other side. */
function isSilent(call: ResolvedCall, way: Direction, spec: StreamSpec, startMs: number, k: number): boolean {
  const mediaMs = k * call.ptimeMs;
  if (spec.dtx !== undefined) {
    if (mediaMs % (spec.dtx.talkMs + spec.dtx.silenceMs) >= spec.dtx.talkMs) return true;
  }
  const held = call.hold !== null && (call.hold.by === 'caller') === (way === 'calleeToCaller');
  const timeMs = startMs + mediaMs;
  return held && timeMs >= call.hold!.startMs && timeMs < call.hold!.endMs;
}

function announceSilence(call: ResolvedCall, slots: (Slot | null)[]): void {
  const descriptor = silenceDescriptor(call.codec)!;
  for (let k = slots.length - 1; k > 0; k--) {
    if (slots[k] === null && slots[k - 1] !== null) {
      slots[k] = { ...descriptor, kind: 'silence', age: 0, startsEvent: false };
    }
  }
}

/** Puts events in place of speech: updates every packet time, the end sent three times (RFC 4733 2.5.1). */
function placeDigits(
  call: ResolvedCall,
  dtmf: NonNullable<ResolvedCall['dtmf']>,
  slots: (Slot | null)[],
): void {
  const updates = Math.ceil(dtmf.toneMs / call.ptimeMs);
  [...dtmf.digits].forEach((digit, d) => {
    const first = Math.ceil((dtmf.atMs + d * (dtmf.toneMs + dtmf.gapMs)) / call.ptimeMs);
    for (let i = 0; i < updates + 2 && first + i < slots.length; i++) {
      const packetTimes = Math.min(i + 1, updates);
      const durationMs = Math.min(packetTimes * call.ptimeMs, dtmf.toneMs);
      const payload = eventPayload(digit, i >= updates - 1, (durationMs * call.codec.clockRate) / 1000);
      slots[first + i] = {
        kind: 'event',
        payloadType: dtmf.payloadType,
        payload,
        age: i,
        startsEvent: i === 0,
      };
    }
  });
}

/** The order of digits in the event codes (RFC 4733 table 7). */
export const EVENT_DIGITS = '0123456789*#ABCD';

function eventPayload(digit: string, end: boolean, durationTicks: number): Uint8Array {
  const volume = 10;
  const ticks = Math.round(durationTicks);
  return Uint8Array.of(EVENT_DIGITS.indexOf(digit), (end ? 0x80 : 0) | volume, ticks >> 8, ticks & 0xff);
}

import { type Codec, findCodec, silenceDescriptor } from './codecs.ts';
import { payloadMaker } from './payload.ts';
import { callRandom, type ResolvedCall } from './resolve.ts';
import type { Direction, Scenario, StreamSpec } from './scenario.ts';
import { type Lane, type WireMedia, wireMedia } from './wire-media.ts';

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

/** A jump from here on to which the timestamps do not fit cannot be loss: so many packets would have taken time. */
export const SKIP_JUMP = 60;

/** Are there fewer or more ticks than a jump of the numbers stands for, whatever the codec and the packet length? */
export function ticksContradict({ seqJump, tsJump }: NonNullable<StreamSpec['restartAt']>): boolean {
  return tsJump < seqJump * 8 || tsJump > seqJump * 8000;
}

/** Do the numbers begin anew, with nothing lost in between? */
function beginsAnew(jump: NonNullable<StreamSpec['restartAt']>): boolean {
  return jump.seqJump >= RESTART_JUMP || (jump.seqJump >= SKIP_JUMP && ticksContradict(jump));
}

/** Everything one stream of a call sends, in order. */
export function planSender(scenario: Scenario, call: ResolvedCall, lane: Lane): SentPacket[] {
  const { spec } = lane;
  const random = callRandom(scenario, call, `${lane.name}/rtp`);
  const media = wireMedia(call, spec);
  const startMs = call.mediaMs + offsetMs(call, spec);
  const count = Math.floor((spec.durationMs ?? call.byeMs - startMs) / media.ptimeMs);
  const ticks = (media.ptimeMs * media.clockRate) / 1000;
  const slots = slotPlan(scenario, call, lane, media, startMs, count);
  const sent: SentPacket[] = [];
  let ssrc = spec.ssrc ?? random.uint32();
  let extended = spec.startSeq ?? random.int(65536);
  let timestampBase = spec.startTimestamp ?? random.uint32();
  let segment = 0;
  let resumed = true;
  slots.forEach((slot, k) => {
    const pause = pauseAt(spec, k * media.ptimeMs);
    if (pause !== null) {
      if (!pause.clockRunsOn) timestampBase -= ticks;
      return;
    }
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
      if (beginsAnew(spec.restartAt)) segment++;
    }
    const { kind, payloadType, payload, startsEvent } = slot;
    const timestamp = (timestampBase + (k - slot.age) * ticks) % 2 ** 32;
    sent.push({
      sendNs: (startMs + k * media.ptimeMs * (1 + (spec.skewPpm ?? 0) * 1e-6)) * 1e6,
      ssrc,
      segment,
      extended,
      kind,
      payloadType,
      payload,
      seq: extended % 65536,
      timestamp: timestamp < 0 ? timestamp + 2 ** 32 : timestamp,
      marker: startsEvent || (kind === 'audio' && resumed),
    });
    extended++;
    if (kind === 'audio') resumed = false;
  });
  return sent;
}

/** The pause of the sender at a time of the stream, or null. */
function pauseAt(spec: StreamSpec, mediaMs: number): { clockRunsOn?: boolean } | null {
  const pauses = spec.pauses ?? [];
  return pauses.find(({ atMs, durationMs }) => mediaMs >= atMs && mediaMs < atMs + durationMs) ?? null;
}

/** First packet after the answer, ms. A phone needs a moment after the 200, a stream without SIP does not. */
function offsetMs(call: ResolvedCall, spec: StreamSpec): number {
  return spec.offsetMs ?? (call.outcome === 'none' || call.outcome === 'midcall' ? 0 : 40);
}

function slotPlan(
  scenario: Scenario,
  call: ResolvedCall,
  { name, way, spec }: Lane,
  media: WireMedia,
  startMs: number,
  count: number,
): (Slot | null)[] {
  const payload = payloadMaker(spec, callRandom(scenario, call, `${name}/payload`));
  const slots: (Slot | null)[] = [];
  for (let k = 0; k < count; k++) {
    if (isSilent(call, way, spec, media, startMs, k)) {
      slots.push(null);
      continue;
    }
    const changed = changedCodec(call, spec, k * media.ptimeMs);
    const codec = changed ?? media.codec;
    const payloadType = changed === null ? media.payloadType : changed.payloadType;
    slots.push({
      kind: 'audio',
      payloadType,
      age: 0,
      startsEvent: false,
      payload: payload(codec, media.ptimeMs, k),
    });
  }
  if (spec.dtx?.comfortNoise) announceSilence(media.codec, slots);
  if (call.dtmf !== null && name === way && (call.dtmf.from === 'caller') === (way === 'callerToCallee')) {
    placeDigits(media, call.dtmf, slots);
  }
  return slots;
}

/** The codec in place of the stream's own at a time, by its own will or by a re-INVITE; null when there is none. */
function changedCodec(call: ResolvedCall, spec: StreamSpec, mediaMs: number): Codec | null {
  const { codecChange } = spec;
  if (codecChange !== undefined) {
    const untilMs = codecChange.atMs + (codecChange.durationMs ?? Number.POSITIVE_INFINITY);
    if (mediaMs >= codecChange.atMs && mediaMs < untilMs) return findCodec(codecChange.codec)!;
  }
  const atMs = mediaMs + offsetMs(call, spec);
  const agreed = call.reinvites.findLast(
    (re) => re.codec !== undefined && re.image !== 'refused' && re.atMs <= atMs,
  );
  return agreed === undefined ? null : findCodec(agreed.codec!)!;
}

/** No packet at this time: silence suppression, or held by the other side. */
function isSilent(
  call: ResolvedCall,
  way: Direction,
  spec: StreamSpec,
  media: WireMedia,
  startMs: number,
  k: number,
): boolean {
  const mediaMs = k * media.ptimeMs;
  if (spec.dtx !== undefined) {
    if (mediaMs % (spec.dtx.talkMs + spec.dtx.silenceMs) >= spec.dtx.talkMs) return true;
  }
  const held = call.hold !== null && (call.hold.by === 'caller') === (way === 'calleeToCaller');
  const timeMs = startMs + mediaMs;
  return held && timeMs >= call.hold!.startMs && timeMs < call.hold!.endMs;
}

function announceSilence(codec: Codec, slots: (Slot | null)[]): void {
  const descriptor = silenceDescriptor(codec)!;
  for (let k = slots.length - 1; k > 0; k--) {
    if (slots[k] === null && slots[k - 1] !== null) {
      slots[k] = { ...descriptor, kind: 'silence', age: 0, startsEvent: false };
    }
  }
}

/** Puts events in place of speech: updates every packet time, the end sent three times (RFC 4733 2.5.1). */
function placeDigits(
  media: WireMedia,
  dtmf: NonNullable<ResolvedCall['dtmf']>,
  slots: (Slot | null)[],
): void {
  const updates = Math.ceil(dtmf.toneMs / media.ptimeMs);
  [...dtmf.digits].forEach((digit, d) => {
    const first = Math.ceil((dtmf.atMs + d * (dtmf.toneMs + dtmf.gapMs)) / media.ptimeMs);
    for (let i = 0; i < updates + 2 && first + i < slots.length; i++) {
      const packetTimes = Math.min(i + 1, updates);
      const durationMs = Math.min(packetTimes * media.ptimeMs, dtmf.toneMs);
      const payload = eventPayload(digit, i >= updates - 1, (durationMs * media.clockRate) / 1000);
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

/*
 * A device may send its audio with the payload type that was agreed for telephone events. Who receives it plays nothing,
 * and may take it for keys. An event is four octets, and its packets repeat one timestamp, its start; audio is longer, and
 * its timestamps go on with each packet. Both are in the headers, so that captures without payloads show it, too.
 */
import { recordEvent } from './events.ts';
import type { RtpHeader } from './header.ts';
import { KIND_EVENT, type PayloadFormat, payloadFormat, staticFormat } from './payload-types.ts';
import { DUPLICATE, REORDERED_PACKET, TOO_OLD } from './sequence.ts';
import * as row from './stream-row.ts';
import type { StreamNotes, StreamTable } from './stream-table.ts';

/** So many packets in a row that look like audio are audio: half a second of it, longer than any that merely look so. */
const AUDIO_PACKETS = 25;
/** Where more numbers are missing between two packets, nothing is told from how their timestamps went on. */
const SKIPPED_MAX = 50;

/** An event is four octets (RFC 4733 2.3); where a packet has several, they follow one another. */
const EVENT_OCTETS = 4;
/** Keys and flash: what alone is read where a payload could be something else. */
const KEYS_MAX = 16;
const RESERVED = 0x40;

/** Packets in a row, sent with a payload type of events, that look like audio. */
export interface AudioRun {
  packets: number;
  sequence: number;
  timestamp: number;
  /** Ticks from one packet to the next; 0 while there is one packet. */
  step: number;
}

/**
 * What the payload type of a packet stands for: by signalling, by RFC 3551, or by its looks; null where nobody knows. A
 * type of events that carries audio stands for nothing that was agreed.
 */
export function formatOf(notes: StreamNotes, header: RtpHeader, data: DataView): PayloadFormat | null {
  const { payloadType } = header;
  const format = notes.formats?.(payloadType) ?? staticFormat(payloadType) ?? guessEvent(header, data);
  return format?.kind === KIND_EVENT && payloadType === notes.eventAudioType ? null : format;
}

/**
 * A dynamic payload type without SDP whose payload is one telephone event: four octets, a digit or a named key, the
 * reserved bit clear. Audio codecs do not send such packets.
 */
function guessEvent(header: RtpHeader, data: DataView): PayloadFormat | null {
  if (header.payloadType < 96 || header.payloadLength !== EVENT_OCTETS || header.payloadCaptured < 2)
    return null;
  return isKeyAt(data, header.payloadOffset) ? payloadFormat('telephone-event', 8000, 'inferred') : null;
}

/** Accounts for a packet whose payload type is one of events. */
export function takeEvent(
  table: StreamTable,
  slot: number,
  header: RtpHeader,
  data: DataView,
  timeUs: number,
  status: number,
): void {
  const n = table.integers;
  const intBase = slot * row.INTEGERS_PER_STREAM;
  const notes = table.notesOf(slot);
  const isEvent = header.payloadLength === EVENT_OCTETS || holdsKeys(header, data);
  if (status !== TOO_OLD && isEvent && header.payloadCaptured >= EVENT_OCTETS) {
    const octets = data.getInt32(header.payloadOffset);
    recordEvent(notes, header.timestamp, timeUs, octets, n[intBase + row.CLOCK_RATE]!);
  }
  if (status !== DUPLICATE) n[intBase + row.AFTER_SILENCE] = 1;
  if (status === DUPLICATE || status === TOO_OLD) return;
  notes.eventPackets++;
  if (status === REORDERED_PACKET) return;
  if (isEvent || header.payloadLength < EVENT_OCTETS) notes.audioRun = null;
  else if (followRun(notes, header) === AUDIO_PACKETS) {
    notes.eventPackets -= AUDIO_PACKETS;
    notes.audioRun = null;
    notes.eventAudioType = header.payloadType;
    // The next packet's type is looked up anew.
    n[intBase + row.PAYLOAD_TYPE] = -1;
  }
}

/** Packets that look like audio up to this one. */
function followRun(notes: StreamNotes, { sequence, timestamp }: RtpHeader): number {
  const before = notes.audioRun;
  const numbers = before === null ? 0 : (sequence - before.sequence) & 0xffff;
  const ticks = before === null ? 0 : (timestamp - before.timestamp) | 0;
  const step = ticks / numbers;
  if (
    before === null ||
    numbers > SKIPPED_MAX ||
    !(step > 0 && (before.step === 0 || step === before.step))
  ) {
    notes.audioRun = { packets: 1, sequence, timestamp, step: 0 };
    return 1;
  }
  before.packets++;
  before.sequence = sequence;
  before.timestamp = timestamp;
  before.step = step;
  return before.packets;
}

/** Whether a payload longer than one event is several, all of them keys: octets of audio, or encrypted ones, are not. */
function holdsKeys({ payloadLength, payloadOffset, payloadCaptured }: RtpHeader, data: DataView): boolean {
  if (payloadLength < EVENT_OCTETS || payloadLength % EVENT_OCTETS !== 0 || payloadCaptured < payloadLength)
    return false;
  for (let at = 0; at < payloadLength; at += EVENT_OCTETS)
    if (!isKeyAt(data, payloadOffset + at)) return false;
  return true;
}

function isKeyAt(data: DataView, at: number): boolean {
  return data.getUint8(at) <= KEYS_MAX && (data.getUint8(at + 1) & RESERVED) === 0;
}

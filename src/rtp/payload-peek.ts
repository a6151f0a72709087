/**
 * A look at a few octets of a payload: the codec's mode, and whether PCM is silent. Numbers only; nothing of the
 * payload is kept. A steady stream is looked at with every 64th packet, which has just been read anyway.
 */
import { CALLING_TONE, faxTone, NO_TONE } from './pure-tone.ts';

/** Reads the mode of a codec out of a payload; given by the composer, since codecs are not this folder's business. */
export interface ModeReader {
  /** The number of the reader for a codec; 0 when its payload says nothing. */
  readerFor(name: string, fmtp: string | null): number;
  /** The code of the mode, below `codes`. */
  read(reader: number, data: DataView, offset: number, length: number): number;
  readonly codes: number;
}

/** Payloads are looked at with the first packets of a stream and then with every 64th number. */
export const LOOK_MASK = 63;
/** So many packets at the start are all looked at: fewer than it takes a stream to become steady. */
export const FIRST_LOOKS = 16;

/** What was seen of one stream's payloads. */
export interface PayloadPeek {
  reader: number;
  /** Packets looked at, by mode code; null for codecs without modes. */
  codes: Uint32Array | null;
  /** Law of the PCM: 0 none, 1 mu, 2 A. */
  law: number;
  /** PCM packets looked at, and those of them that were silent. */
  pcmPackets: number;
  silentPackets: number;
  /** Capture time since which every packet looked at was silent, us; NaN when the last one was not. */
  silentSinceUs: number;
  /** Longest such time, us, and when it began. */
  longestSilenceUs: number;
  longestSilenceAtUs: number;
  /** Payload octets and number of the packets looked at; least and greatest size, for the bit rate. */
  packets: number;
  octets: number;
  leastOctets: number;
  mostOctets: number;
  /** Of PCM: octets looked at by their upper half, even for noise and for what is encrypted; null for other codecs. */
  halves: Uint32Array | null;
  /** PCM packets that were a fax machine's tone: of the calling and of the called one, and when the first came, us. */
  callingTones: number;
  calledTones: number;
  toneAtUs: number;
}

const LAW_MU = 1;
const LAW_A = 2;
/** Octets looked at per packet. */
const SAMPLES = 16;
/** So many of them within the codes around zero make a packet silent (95 %). */
const SILENT_SAMPLES = 15;

/** Begins looking at a stream of a codec. */
export function startPeek(modes: ModeReader | null, name: string, fmtp: string | null): PayloadPeek | null {
  const upper = name.toUpperCase();
  const law = upper === 'PCMU' ? LAW_MU : upper === 'PCMA' ? LAW_A : 0;
  const reader = modes === null ? 0 : modes.readerFor(name, fmtp);
  if (law === 0 && reader === 0 && upper !== 'OPUS') return null;
  return {
    reader,
    codes: reader === 0 || modes === null ? null : new Uint32Array(modes.codes),
    law,
    pcmPackets: 0,
    silentPackets: 0,
    silentSinceUs: Number.NaN,
    longestSilenceUs: 0,
    longestSilenceAtUs: Number.NaN,
    packets: 0,
    octets: 0,
    leastOctets: 0x7fffffff,
    mostOctets: 0,
    halves: law === 0 ? null : new Uint32Array(16),
    callingTones: 0,
    calledTones: 0,
    toneAtUs: Number.NaN,
  };
}

/** Looks at one packet of audio: `length` octets from `offset` on, of which `captured` are there. */
export function peek(
  seen: PayloadPeek,
  modes: ModeReader | null,
  data: DataView,
  offset: number,
  length: number,
  captured: number,
  timeUs: number,
): void {
  if (length === 0) return;
  seen.packets++;
  seen.octets += length;
  if (length < seen.leastOctets) seen.leastOctets = length;
  if (length > seen.mostOctets) seen.mostOctets = length;
  if (seen.codes !== null && modes !== null && captured === length) {
    const code = modes.read(seen.reader, data, offset, length);
    seen.codes[code] = seen.codes[code]! + 1;
  }
  if (seen.law === 0 || captured < SAMPLES) return;
  const silent = isSilent(seen.law, data, offset, captured);
  noteSilence(seen, silent, timeUs);
  if (silent) return;
  noteHalves(seen, data, offset, captured);
  noteTone(seen, faxTone(data, offset, captured, seen.law === LAW_A), timeUs);
}

function noteHalves(seen: PayloadPeek, data: DataView, offset: number, length: number): void {
  const { halves } = seen;
  if (halves === null) return;
  for (let i = 0; i < SAMPLES; i++) {
    const half = data.getUint8(offset + ((i * length) >> 4)) >> 4;
    halves[half] = halves[half]! + 1;
  }
}

function noteTone(seen: PayloadPeek, tone: number, timeUs: number): void {
  if (tone === NO_TONE) return;
  if (tone === CALLING_TONE) seen.callingTones++;
  else seen.calledTones++;
  if (Number.isNaN(seen.toneAtUs)) seen.toneAtUs = timeUs;
}

function noteSilence(seen: PayloadPeek, silent: boolean, timeUs: number): void {
  seen.pcmPackets++;
  if (!silent) {
    seen.silentSinceUs = Number.NaN;
    return;
  }
  seen.silentPackets++;
  if (Number.isNaN(seen.silentSinceUs)) seen.silentSinceUs = timeUs;
  const lastedUs = timeUs - seen.silentSinceUs;
  if (lastedUs <= seen.longestSilenceUs) return;
  seen.longestSilenceUs = lastedUs;
  seen.longestSilenceAtUs = seen.silentSinceUs;
}

/** Are nearly all of the octets, taken evenly over the packet, within one code of zero (standards 7.4)? */
function isSilent(law: number, data: DataView, offset: number, length: number): boolean {
  let quiet = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const octet = data.getUint8(offset + ((i * length) >> 4));
    // G.711: mu-law zero is 0xff or 0x7f, A-law zero 0xd5 or 0x55, one code beside it 0xfe, 0x7e, 0xd4, 0x54.
    const magnitude = octet & 0x7f;
    if (law === LAW_MU ? magnitude >= 0x7e : magnitude === 0x55 || magnitude === 0x54) quiet++;
  }
  return quiet >= SILENT_SAMPLES;
}

import type { Codec } from './codecs.ts';
import { randomFor } from './random.ts';

/** Octets of the repeating pattern; prime, so that packets of any usual size start at ever new places. */
export const SPEECH_OCTETS = 8009;

/**
 * A stretch of payload to cut packets from. PCMU and PCMA get two companded tones whose loudness swells like
 * syllables, so that nobody takes them for dead air; other codecs get noise, which is what coded speech looks like.
 */
export function speechOctets(codec: Codec): Uint8Array {
  const octets = new Uint8Array(SPEECH_OCTETS);
  const noise = randomFor(1, 'speech', codec.name);
  for (let i = 0; i < SPEECH_OCTETS; i++) {
    if (codec.name === 'PCMU') octets[i] = encodeMulaw(tone(i));
    else if (codec.name === 'PCMA') octets[i] = encodeAlaw(tone(i));
    else octets[i] = noise.int(256);
  }
  return octets;
}

/** The payload of packet number `k` of a stream. */
export function speechPayload(codec: Codec, ptimeMs: number, speech: Uint8Array, k: number): Uint8Array {
  const length = codec.octets(ptimeMs);
  const payload = new Uint8Array(length);
  for (let i = 0; i < length; i++) payload[i] = speech[(k * length + i) % SPEECH_OCTETS]!;
  payload.set(codec.header(ptimeMs));
  return payload;
}

/** 16-bit linear sample `i` at 8 kHz: 200 Hz and 487 Hz under a 4 Hz swell. */
function tone(i: number): number {
  const swell = 0.35 + 0.3 * (1 + wave((i * 4) / 8000));
  return Math.round(swell * (6000 * wave((i * 200) / 8000) + 4000 * wave((i * 487) / 8000)));
}

/** A sine made of parabolas: only basic arithmetic, so the same on every machine. */
export function wave(turns: number): number {
  const x = 2 * (turns - Math.floor(turns)) - 1;
  return 4 * x * (1 - Math.abs(x));
}

/** G.711 mu-law of a 16-bit sample. */
export function encodeMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), 32635) + 132;
  const exponent = 31 - Math.clz32(magnitude >> 7);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** G.711 A-law of a 16-bit sample. */
export function encodeAlaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(sample >= 0 ? sample : -sample - 1, 32767);
  const exponent = magnitude < 256 ? 0 : 31 - Math.clz32(magnitude >> 7);
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

import type { Codec } from './codecs.ts';
import type { Random } from './random.ts';
import type { StreamSpec } from './scenario.ts';
import { encodeAlaw, encodeMulaw, speechOctets, speechPayload, wave } from './speech.ts';

/** Zero level of G.711: what a muted telephone sends. */
const ZERO_MULAW = 0xff;
const ZERO_ALAW = 0xd5;
/** HMAC-SHA1-80 of SRTP (RFC 3711 4.2.1). */
const TAG_OCTETS = 10;

/** Makes the payloads of one stream, packet by packet; `random` is drawn from for what is encrypted. */
export function payloadMaker(
  spec: StreamSpec,
  random: Random,
): (codec: Codec, ptimeMs: number, k: number) => Uint8Array {
  const speech = new Map<Codec, Uint8Array>();
  return (codec, ptimeMs, k) => {
    const atMs = k * ptimeMs;
    const octets = codec.octets(ptimeMs);
    if (spec.encrypted) return noise(octets + TAG_OCTETS, random);
    if (within(spec.quiet, atMs))
      return new Uint8Array(octets).fill(codec.name === 'PCMA' ? ZERO_ALAW : ZERO_MULAW);
    const tone = [spec.tone, ...(spec.tones ?? [])].find((each) => within(each, atMs));
    if (tone !== undefined) return tonePayload(codec, octets, k, tone.hz);
    let pattern = speech.get(codec);
    if (pattern === undefined) {
      pattern = speechOctets(codec);
      speech.set(codec, pattern);
    }
    return speechPayload(codec, ptimeMs, pattern, k);
  };
}

function within(span: { atMs: number; durationMs: number } | undefined, atMs: number): boolean {
  return span !== undefined && atMs >= span.atMs && atMs < span.atMs + span.durationMs;
}

function noise(octets: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: octets }, () => random.int(256));
}

function tonePayload(codec: Codec, octets: number, k: number, hz: number): Uint8Array {
  const encode = codec.name === 'PCMA' ? encodeAlaw : encodeMulaw;
  return Uint8Array.from({ length: octets }, (_, i) =>
    encode(Math.round(8000 * sine((hz * (k * octets + i)) / 8000))),
  );
}

/** A sine by its parabola and one correction (error below 0.1 %): only basic arithmetic, the same on every machine. */
function sine(turns: number): number {
  const y = wave(turns);
  return y * (0.775 + 0.225 * Math.abs(y));
}

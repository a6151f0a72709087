/**
 * Is a stretch of G.711 the pure tone with which fax machines and modems announce themselves? CNG 1100 Hz +-38 from the
 * caller, CED 2100 Hz +-15 from the called (ITU-T T.30 4.3.3), which is also ANS and ANSam of V.8 and V.25.
 */

/** Samples looked at: 10 ms. */
const SAMPLES = 80;
/** A tone obeys x[n+1] + x[n-1] = 2 cos(w) x[n]; what is left over, as a share of its energy. Companding leaves 0.1 %. */
const REST_MAX = 0.02;
/** The same of the first samples, after which most that is no tone, or another one, is let go. */
const FIRST_SAMPLES = 16;
const REST_FIRST_MAX = 0.2;
/** Frequencies the first samples may show, Hz: far enough about the tones for so few of them. */
const CALLING_FIRST = band(1000, 1200);
const CALLED_FIRST = band(2000, 2200);
/** What is told apart in the end: the tolerances of T.30, and 10 Hz for the estimate. */
const CALLING = band(1100 - 48, 1100 + 48);
const CALLED = band(2100 - 25, 2100 + 25);
/** Mean square of a 16-bit signal at -45 dBm0, below which nothing is a tone. */
const ENERGY_MIN = 16_000;

const linear = new Int16Array(512);
for (let code = 0; code < 256; code++) {
  linear[code] = fromMulaw(code);
  linear[256 + code] = fromAlaw(code);
}

/** G.711 mu-law and A-law to 16-bit samples. */
function fromMulaw(code: number): number {
  const inverted = ~code & 0xff;
  const magnitude = ((((inverted & 0x0f) << 3) + 132) << ((inverted >> 4) & 7)) - 132;
  return (inverted & 0x80) !== 0 ? -magnitude : magnitude;
}

function fromAlaw(code: number): number {
  const even = code ^ 0x55;
  const exponent = (even >> 4) & 7;
  const step = ((even & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? step : (step + 256) << (exponent - 1);
  return (even & 0x80) !== 0 ? magnitude : -magnitude;
}

export const NO_TONE = 0;
/** CNG, of the machine that calls; CED, of the one that answers. */
export const CALLING_TONE = 1;
export const CALLED_TONE = 2;

/** A range of frequencies as that of cos(w), which falls as they rise. */
interface Band {
  least: number;
  most: number;
}

function band(fromHz: number, toHz: number): Band {
  const cosine = (hz: number): number => Math.cos((2 * Math.PI * hz) / 8000);
  return { least: cosine(toHz), most: cosine(fromHz) };
}

/**
 * Which fax tone a payload begins with; `NO_TONE` when it is none, or too short.
 *
 * @param aLaw A-law, else mu-law, at 8000 Hz
 */
export function faxTone(data: DataView, offset: number, length: number, aLaw: boolean): number {
  if (length < SAMPLES) return NO_TONE;
  const law = aLaw ? 256 : 0;
  let energy = 0;
  let product = 0;
  let sides = 0;
  let before = linear[law + data.getUint8(offset)]!;
  let here = linear[law + data.getUint8(offset + 1)]!;
  for (let i = 1; i < SAMPLES - 1; i++) {
    const after = linear[law + data.getUint8(offset + i + 1)]!;
    const around = before + after;
    energy += here * here;
    product += here * around;
    sides += around * around;
    before = here;
    here = after;
    // Speech and noise are told by a few samples; a tone leaves as little over in them as in all.
    if (
      i === FIRST_SAMPLES &&
      toneOf(energy, product, sides, REST_FIRST_MAX, CALLING_FIRST, CALLED_FIRST) === NO_TONE
    )
      return NO_TONE;
  }
  if (energy < ENERGY_MIN * (SAMPLES - 2)) return NO_TONE;
  return toneOf(energy, product, sides, REST_MAX, CALLING, CALLED);
}

/** Least squares: 2 cos(w) = product / energy, and what that leaves over. */
function toneOf(
  energy: number,
  product: number,
  sides: number,
  restMax: number,
  calling: Band,
  called: Band,
): number {
  if (sides - (product * product) / energy > restMax * energy) return NO_TONE;
  const cosine = product / (2 * energy);
  if (cosine >= calling.least && cosine <= calling.most) return CALLING_TONE;
  return cosine >= called.least && cosine <= called.most ? CALLED_TONE : NO_TONE;
}

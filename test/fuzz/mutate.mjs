/** Numbers of 32 bits, the same for the same seed (xorshift32). */
export function createRandom(seed) {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const BYTES = [0, 1, 0x0a, 0x0d, 0x20, 0x7f, 0x80, 0xff];
const WORDS = [0, 1, 2, 3, 4, 7, 8, 15, 16, 20, 40, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff];
const LONGS = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fff0, 0x0001_0000];

/** Longest input that is tried. */
export const INPUT_MAX = 16_384;

const EDITS = [
  flipBit,
  setByte,
  setWord,
  setLong,
  cut,
  drop,
  double,
  addNoise,
  shiftNumber,
  insertToken,
  splice,
];

/** A changed copy of one of the inputs: one to eight edits, sometimes with a piece of another input. */
export function mutate(inputs, tokens, random) {
  let bytes = inputs[random() % inputs.length].slice();
  const edits = 1 + (random() % 8);
  for (let i = 0; i < edits; i++) {
    const edit = EDITS[random() % EDITS.length];
    bytes = edit(bytes, random, tokens, inputs);
    if (bytes.length === 0) bytes = Uint8Array.of(random());
  }
  return bytes.subarray(0, INPUT_MAX);
}

function flipBit(bytes, random) {
  bytes[random() % bytes.length] ^= 1 << (random() & 7);
  return bytes;
}

function setByte(bytes, random) {
  bytes[random() % bytes.length] = BYTES[random() % BYTES.length];
  return bytes;
}

function setWord(bytes, random) {
  if (bytes.length < 2) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint16(random() % (bytes.length - 1), WORDS[random() % WORDS.length], (random() & 1) === 1);
  return bytes;
}

function setLong(bytes, random) {
  if (bytes.length < 4) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(random() % (bytes.length - 3), LONGS[random() % LONGS.length], (random() & 1) === 1);
  return bytes;
}

/** A number goes up or down a little: lengths that are off by one. */
function shiftNumber(bytes, random) {
  const at = random() % bytes.length;
  bytes[at] = bytes[at] + (random() % 9) - 4;
  return bytes;
}

function cut(bytes, random) {
  return bytes.slice(0, 1 + (random() % bytes.length));
}

function drop(bytes, random) {
  const from = random() % bytes.length;
  const length = 1 + (random() % Math.min(64, bytes.length));
  return joined(bytes.subarray(0, from), bytes.subarray(from + length));
}

function double(bytes, random) {
  const from = random() % bytes.length;
  const part = bytes.subarray(from, from + 1 + (random() % 256));
  const parts = [bytes.subarray(0, from)];
  for (let i = 1 + (random() % 4); i >= 0; i--) parts.push(part);
  return joined(...parts, bytes.subarray(from + part.length));
}

function addNoise(bytes, random) {
  const at = random() % bytes.length;
  const noise = Uint8Array.from({ length: 1 + (random() % 16) }, random);
  return joined(bytes.subarray(0, at), noise, bytes.subarray(at));
}

function insertToken(bytes, random, tokens) {
  if (tokens.length === 0) return bytes;
  const at = random() % bytes.length;
  const token = tokens[random() % tokens.length];
  const over = (random() & 1) === 1 ? token.length : 0;
  return joined(bytes.subarray(0, at), token, bytes.subarray(at + over));
}

function splice(bytes, random, _tokens, inputs) {
  const other = inputs[random() % inputs.length];
  const from = random() % other.length;
  return joined(
    bytes.subarray(0, random() % bytes.length),
    other.subarray(from, from + 1 + (random() % other.length)),
  );
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

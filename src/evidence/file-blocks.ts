/*
 * Blocks of a pcapng file that are not packets (draft-ietf-opsawg-pcapng), little-endian, with options: what a person
 * reads in the file's properties. Packets are written in place by packet-blocks.ts.
 */

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const STATISTICS = 5;
const SECRETS = 10;
/** "TLSK": a TLS key log. */
const TLS_KEY_LOG = 0x544c534b;
const OPTION_COMMENT = 1;
const OPTION_APPLICATION = 4;
const OPTION_NAME = 2;
const OPTION_START_TIME = 2;
const OPTION_END_TIME = 3;
const OPTION_DROPPED = 5;
const OPTION_DELIVERED = 8;
const WORD_RANGE = 2 ** 32;
/** What an option can hold. */
const OPTION_OCTETS_MAX = 0xffff;

const encoder = new TextEncoder();

/** A section header that says what wrote the file, and what is in it. */
export function sectionBlock(application: string, comment: string): Uint8Array {
  const options = optionsOf([
    [OPTION_COMMENT, comment],
    [OPTION_APPLICATION, application],
  ]);
  const body = new Uint8Array(16 + options.length);
  const view = new DataView(body.buffer);
  view.setUint32(0, BYTE_ORDER, true);
  view.setUint16(4, 1, true);
  // The length of the section is not known.
  view.setUint32(8, 0xffff_ffff, true);
  view.setUint32(12, 0xffff_ffff, true);
  body.set(options, 16);
  return block(SECTION, body);
}

/** Describes the next interface of the section; `name` is null for one without. */
export function interfaceBlock(linkType: number, name: string | null): Uint8Array {
  const options = name === null ? new Uint8Array(0) : optionsOf([[OPTION_NAME, name]]);
  const body = new Uint8Array(8 + options.length);
  new DataView(body.buffer).setUint16(0, linkType, true);
  body.set(options, 8);
  return block(INTERFACE, body);
}

/** What an interface counted since its capture began. */
export interface InterfaceCounts {
  /** Packets that were lost; null where nobody says. */
  dropped: number | null;
  /** Packets that whoever captured got. */
  delivered: number;
}

/**
 * Counters of an interface at a time, us: a reading of them, or, where `span` says from when to when the whole capture
 * went, the account of it.
 */
export function statisticsBlock(
  number: number,
  timeUs: number,
  { dropped, delivered }: InterfaceCounts,
  span: { startUs: number; endUs: number } | null = null,
): Uint8Array {
  const options = (span === null ? 1 : 3) + (dropped === null ? 0 : 1);
  const body = new Uint8Array(12 + 12 * options + 4);
  const view = new DataView(body.buffer);
  view.setUint32(0, number, true);
  writeStamp(view, 4, timeUs);
  let at = 12;
  if (span !== null) {
    at = writeTime(view, at, OPTION_START_TIME, span.startUs);
    at = writeTime(view, at, OPTION_END_TIME, span.endUs);
  }
  if (dropped !== null) at = writeCount(view, at, OPTION_DROPPED, dropped);
  writeCount(view, at, OPTION_DELIVERED, delivered);
  return block(STATISTICS, body);
}

function writeTime(view: DataView, at: number, code: number, timeUs: number): number {
  view.setUint16(at, code, true);
  view.setUint16(at + 2, 8, true);
  writeStamp(view, at + 4, timeUs);
  return at + 12;
}

/** A time in the two words of a packet's stamp, the high one first. */
function writeStamp(view: DataView, at: number, timeUs: number): void {
  const ticks = Math.round(timeUs);
  view.setUint32(at, Math.floor(ticks / WORD_RANGE), true);
  view.setUint32(at + 4, ticks % WORD_RANGE, true);
}

function writeCount(view: DataView, at: number, code: number, count: number): number {
  view.setUint16(at, code, true);
  view.setUint16(at + 2, 8, true);
  view.setUint32(at + 4, count % WORD_RANGE, true);
  view.setUint32(at + 8, Math.floor(count / WORD_RANGE), true);
  return at + 12;
}

/** Secrets of the TLS connections whose packets follow. */
export function keyLogBlock(keyLog: string): Uint8Array {
  const text = encoder.encode(keyLog);
  const body = new Uint8Array(8 + padded(text.length));
  const view = new DataView(body.buffer);
  view.setUint32(0, TLS_KEY_LOG, true);
  view.setUint32(4, text.length, true);
  body.set(text, 8);
  return block(SECRETS, body);
}

/** `text` in UTF-8, cut between characters where it would not fit into an option. */
export function optionText(text: string, octetsMax = OPTION_OCTETS_MAX): Uint8Array {
  const whole = new Uint8Array(Math.min(octetsMax, 3 * text.length));
  const { written } = encoder.encodeInto(text, whole);
  return whole.subarray(0, written);
}

function block(type: number, body: Uint8Array): Uint8Array {
  const length = 12 + body.length;
  const out = new Uint8Array(length);
  const view = new DataView(out.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  out.set(body, 8);
  view.setUint32(length - 4, length, true);
  return out;
}

function optionsOf(options: readonly (readonly [code: number, text: string])[]): Uint8Array {
  const texts = options.map(([code, text]) => ({ code, octets: optionText(text) }));
  const total = texts.reduce((sum, { octets }) => sum + 4 + padded(octets.length), 4);
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { code, octets } of texts) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, octets.length, true);
    out.set(octets, at + 4);
    at += 4 + padded(octets.length);
  }
  return out;
}

function padded(octets: number): number {
  return (octets + 3) & ~3;
}

/** What rtpengine's NG protocol speaks: bencode, with text for all strings. */
export type Bencoded = string | number | Bencoded[] | { [key: string]: Bencoded };

/** Encodes a value; whole numbers only. Keys are sorted, as the format wants. */
export function encode(value: Bencoded): string {
  if (typeof value === 'number') return `i${value}e`;
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (Array.isArray(value)) return `l${value.map(encode).join('')}e`;
  const keys = Object.keys(value).sort();
  return `d${keys.map((key) => encode(key) + encode(value[key]!)).join('')}e`;
}

/** Decodes one value that fills the octets; anything else is an error that says where. */
export function decode(octets: Buffer): Bencoded {
  const reader = { octets, at: 0 };
  const value = readValue(reader);
  if (reader.at !== octets.length) throw new Error(`bencode: octets left over at ${reader.at}`);
  return value;
}

interface Reader {
  octets: Buffer;
  at: number;
}

function readValue(reader: Reader): Bencoded {
  const mark = String.fromCharCode(reader.octets[reader.at] ?? 0);
  if (mark === 'i') {
    reader.at++;
    return readNumber(reader, 'e');
  }
  if (mark === 'l' || mark === 'd') {
    reader.at++;
    return mark === 'l' ? readList(reader) : readDictionary(reader);
  }
  return readText(reader);
}

function atEnd(reader: Reader): boolean {
  if (reader.octets[reader.at] !== 0x65) return false;
  reader.at++;
  return true;
}

function readList(reader: Reader): Bencoded[] {
  const list: Bencoded[] = [];
  while (!atEnd(reader)) list.push(readValue(reader));
  return list;
}

function readDictionary(reader: Reader): { [key: string]: Bencoded } {
  const entries: [string, Bencoded][] = [];
  while (!atEnd(reader)) entries.push([readText(reader), readValue(reader)]);
  return Object.fromEntries(entries);
}

function readNumber(reader: Reader, end: string): number {
  const stop = reader.octets.indexOf(end, reader.at);
  const text = stop < 0 ? '' : reader.octets.toString('latin1', reader.at, stop);
  if (!/^-?\d+$/.test(text)) throw new Error(`bencode: no number at ${reader.at}`);
  reader.at = stop + 1;
  return Number(text);
}

function readText(reader: Reader): string {
  const length = readNumber(reader, ':');
  const end = reader.at + length;
  if (length < 0 || end > reader.octets.length) throw new Error(`bencode: text cut at ${reader.at}`);
  const text = reader.octets.toString('utf8', reader.at, end);
  reader.at = end;
  return text;
}

/** Reads line protocol as its reference describes it, to see whether what was written is what was meant. */

export type ParsedValue =
  | { type: 'integer'; value: bigint }
  | { type: 'float'; value: number }
  | { type: 'flag'; value: boolean }
  | { type: 'text'; value: string };

export interface ParsedLine {
  measurement: string;
  tags: Record<string, string>;
  fields: Record<string, ParsedValue>;
  time: bigint;
}

/** @throws when it is no single line of the protocol */
export function parsedLine(line: string): ParsedLine {
  if (line.includes('\n') || line.includes('\r')) throw new Error('more than one line');
  const reader = new Reader(line);
  const measurement = reader.until(', ');
  const tags: Record<string, string> = {};
  while (reader.next === ',') {
    reader.skip();
    const name = reader.until('=');
    reader.expect('=');
    const value = reader.until(', ');
    if (name === '' || value === '' || value.endsWith('\\') || name in tags) throw new Error(`tag ${name}`);
    tags[name] = value;
  }
  reader.expect(' ');
  const fields: Record<string, ParsedValue> = {};
  do {
    if (Object.keys(fields).length > 0) reader.skip();
    const name = reader.until('=');
    reader.expect('=');
    if (name === '' || name in fields) throw new Error(`field ${name}`);
    fields[name] = reader.next === '"' ? { type: 'text', value: reader.quoted() } : meant(reader.until(', '));
  } while (reader.next === ',');
  reader.expect(' ');
  const time = reader.rest();
  if (!/^\d{1,19}$/.test(time)) throw new Error(`time ${time}`);
  return { measurement, tags, fields, time: BigInt(time) };
}

function meant(text: string): ParsedValue {
  if (text === 't' || text === 'f') return { type: 'flag', value: text === 't' };
  if (/^-?\d+i$/.test(text)) return { type: 'integer', value: BigInt(text.slice(0, -1)) };
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) return { type: 'float', value: Number(text) };
  throw new Error(`value ${text}`);
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get next(): string {
    return this.text[this.at] ?? '';
  }

  skip(): void {
    this.at++;
  }

  expect(character: string): void {
    if (this.next !== character) throw new Error(`"${character}" expected at ${this.at} of ${this.text}`);
    this.at++;
  }

  /** Up to one of these, with backslashes in front of special characters taken away. */
  until(ends: string): string {
    let out = '';
    for (; this.at < this.text.length && !ends.includes(this.next); this.at++) {
      const following = this.text[this.at + 1] ?? '';
      if (this.next === '\\' && ', ='.includes(following) && following !== '') this.at++;
      out += this.next;
    }
    return out;
  }

  quoted(): string {
    this.expect('"');
    let out = '';
    for (; this.next !== '"'; this.at++) {
      if (this.at >= this.text.length) throw new Error('a text has no end');
      const following = this.text[this.at + 1] ?? '';
      if (this.next === '\\' && (following === '"' || following === '\\')) this.at++;
      out += this.next;
    }
    this.expect('"');
    return out;
  }

  rest(): string {
    return this.text.slice(this.at);
  }
}

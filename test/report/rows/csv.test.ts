import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordStore } from '../../../src/report/record-store.ts';
import type { Report } from '../../../src/report/report.ts';
import { csvChunks } from '../../../src/report/rows/csv.ts';
import { FIELDS, type Field, ROW_KINDS, type RowKind } from '../../../src/report/rows/fields.ts';
import { intervalRows } from '../../../src/report/rows/interval-rows.ts';
import { ndjsonChunks } from '../../../src/report/rows/ndjson.ts';
import { select } from '../../../src/report/selection.ts';
import { call, capture, finding, intervals, START_US, signalling, stream } from '../records.ts';

function report(records: RecordStore): Report {
  return { tool: { name: 'earshot', version: '1' }, capture: capture(), records };
}

/** A parser of RFC 4180, as strict as it is. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      const cell = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
      cell.lastIndex = at;
      const match = cell.exec(text)!;
      at = cell.lastIndex;
      row.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
      if (text[at] === ',') at++;
      else break;
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`no line end at ${at}`);
    at += 2;
    rows.push(row);
  }
  return rows;
}

function table(records: RecordStore, kind: RowKind): Record<string, string>[] {
  const [header, ...rows] = parseCsv([...csvChunks(report(records), kind)].join(''));
  return rows.map((row) => {
    expect(row).toHaveLength(header!.length);
    return Object.fromEntries(header!.map((name, i) => [name, row[i]!]));
  });
}

function one(): RecordStore {
  const records = new RecordStore();
  records.call(call());
  records.stream(stream({ intervals: intervals(), dscp: [46, 0] }));
  records.finding(finding());
  return records;
}

/** Dotted names of all values in a record; a name that a field covers is not looked into. */
function namesIn(value: unknown, known: ReadonlySet<string>, path = ''): string[] {
  if (known.has(path) || typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    namesIn(inner, known, path === '' ? name : `${path}.${name}`),
  );
}

describe('the fields of rows', () => {
  const records = one();
  const texts: Record<Exclude<RowKind, 'intervals'>, string> = {
    calls: records.calls.text(0),
    streams: records.streams.text(0),
    findings: records.findings.text(0),
  };
  const samples: Record<RowKind, unknown> = {
    calls: JSON.parse(texts.calls),
    streams: JSON.parse(texts.streams),
    findings: JSON.parse(texts.findings),
    intervals: [...intervalRows(JSON.parse(texts.streams))][0],
  };

  it.each(ROW_KINDS)('of %s are all that the contract has', (kind) => {
    const fields = new Set(FIELDS[kind].map(({ name }) => name));
    expect(fields.size).toBe(FIELDS[kind].length);
    const found = namesIn(samples[kind], fields);
    // Null stands for an object that has no value: its fields begin with its name.
    const covered = (name: string): boolean =>
      fields.has(name) || [...fields].some((field) => field.startsWith(`${name}.`));
    const apart = kind === 'streams' ? ['intervals'] : [];
    expect(found.filter((name) => !covered(name))).toEqual(apart);
  });

  it.each(ROW_KINDS)('of %s are all in the contract', (kind) => {
    const isThere = ({ path }: Field): boolean => {
      let value: unknown = samples[kind];
      for (const name of path) {
        // A map that is null, or one of models that this record does not have.
        if (value === null || path[0] === 'playout') return true;
        if (typeof value !== 'object' || !(name in (value as object))) return false;
        value = (value as Record<string, unknown>)[name];
      }
      return true;
    };
    expect(FIELDS[kind].filter((field) => !isThere(field)).map(({ name }) => name)).toEqual([]);
  });
});

describe('csvChunks', () => {
  it('writes a row for each record, and nothing where a value is unknown', () => {
    const [row] = table(one(), 'streams');
    expect(row).toMatchObject({
      ...{ id: 's1', 'src.ip': '10.0.0.1', 'src.port': '4000', lost: '50', 'quality.mosLq': '4.05' },
      ...{ dscp: '46;0', clockRateMeasured: '', 'whatIf.gain': '', 'media.encrypted': 'false' },
    });
    expect(table(one(), 'calls')[0]).toMatchObject({ 'signalling.hosts.source': '192.0.2.10', t38: '' });
    expect(table(one(), 'intervals').map((each) => each.lost)).toEqual(['0', '50', '0']);
    expect(JSON.parse(table(one(), 'findings')[0]!.evidence!)).toEqual(
      JSON.parse(one().findings.text(0)).evidence,
    );
    expect(table(new RecordStore(), 'calls')).toEqual([]);
  });

  it('writes the records that were chosen', () => {
    const records = one();
    records.call(call({ id: 'c2', callId: 'other@pbx', startUs: START_US + 1 }));
    const selection = select(records, { call: 1 });
    const text = [...csvChunks({ ...report(records), selection }, 'calls')].join('');
    expect(parseCsv(text).map((row) => row[0])).toEqual(['id', 'c2']);
  });

  it.each([
    ['=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'],
    ['+cmd|x', "'+cmd|x"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['+49301234711', '+49301234711'],
    ['-1.5', '-1.5'],
    ['a,"b"', 'a,"b"'],
    ['two\r\nlines\tand\x1b[31m', 'two\\r\\nlines\\tand\\x1b[31m'],
    ['plain', 'plain'],
  ])('defuses %j', (from, shown) => {
    const records = new RecordStore();
    records.call(call({ from }));
    expect(table(records, 'calls')[0]!.from).toBe(shown);
  });

  it('is read back as it was, whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (from, reasonPhrase) => {
        const records = new RecordStore();
        records.call(call({ from, signalling: signalling({ reasonPhrase }) }));
        const text = [...csvChunks(report(records), 'calls')].join('');
        const rows = parseCsv(text);
        expect(rows).toHaveLength(2);
        expect(rows[1]).toHaveLength(FIELDS.calls.length);
        for (const cell of rows[1]!) {
          expect(cell).not.toMatch(/\p{Cc}/u);
          if (/^[=+\-@]/.test(cell)) expect(Number.isNaN(Number(cell))).toBe(false);
        }
      }),
    );
  });
});

describe('ndjsonChunks', () => {
  it('writes a line for each record with its type, intervals before their stream, the capture last', () => {
    const lines = [...ndjsonChunks(report(one()))].join('').trimEnd().split('\n');
    const objects = lines.map((line) => JSON.parse(line) as { type: string } & Record<string, unknown>);
    expect(objects.map(({ type }) => type)).toEqual([
      ...['interval', 'interval', 'interval', 'stream', 'call', 'finding', 'capture'],
    ]);
    expect(objects[1]).toMatchObject({ streamId: 's1', callId: 'abc@pbx', lost: 50, scale: 'NB' });
    expect(objects[3]).toEqual({ type: 'stream', ...JSON.parse(one().streams.text(0)) });
  });

  it('keeps every record on its line', () => {
    const records = new RecordStore();
    records.call(call({ from: 'a\nb\u2028\x1b' }));
    const text = [...ndjsonChunks(report(records))].join('');
    expect(text.trimEnd().split('\n')).toHaveLength(2);
    expect(text.replaceAll('\n', '')).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({ from: 'a\nb\u2028\x1b' });
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DROP_REASONS } from '../src/delivery/batch.ts';
import { METRICS } from '../src/metrics/catalogue.ts';
import { REASON_NAMES } from '../src/packet/reasons.ts';
import { notKept } from '../src/records/not-kept.ts';

const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/fault-model.md'), 'utf8');

/** Rows that name a constant, its value, and the file it is in. */
const rows = [...page.matchAll(/^\| [^|]+ \| `(\w+)` ([^|]+?) \| (src\/[\w./-]+) \|/gm)].map((match) => ({
  name: match[1]!,
  value: match[2]!,
  file: match[3]!,
}));

describe('docs/fault-model.md', () => {
  test('has the bounds that the code has', () => {
    expect(rows.length).toBeGreaterThan(35);
    for (const { name, value, file } of rows) {
      const source = readFileSync(join(root, file), 'utf8');
      // A constant, an option's default, or the default of a parameter.
      const forms = [
        `const ${name} = ${value};`,
        `${name}: ${value},`,
        `${name} ?? ${value}`,
        `${name} = ${value})`,
      ];
      expect(forms.some((form) => source.includes(form)) ? 'found' : `${file}: ${name} ${value}`).toBe(
        'found',
      );
    }
  });

  test('names counters that there are', () => {
    const engine = readdirSync(join(root, 'src/engine'))
      .map((file) => readFileSync(join(root, 'src/engine', file), 'utf8'))
      .join('\n');
    const counters = [...page.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map((match) => match[1]!);
    const known = new Set<string>([...REASON_NAMES, ...DROP_REASONS, ...Object.keys(METRICS)]);
    const unknown = counters.filter(
      (name) => !known.has(name) && !engine.includes(`'${name}'`) && !/^(sdp|capture)_/.test(name),
    );
    expect(unknown).toEqual([]);
  });

  test('what a full table did not keep has words in the report', () => {
    const full = new Set(
      [...page.matchAll(/`([a-z0-9_]+_table_full|[a-z_]+_(?:reports|streams)_full)`/g)].map(
        ([, name]) => name!,
      ),
    );
    expect(full.size).toBeGreaterThan(10);
    // Of fragments there is nothing to keep but the datagram, which cannot be decoded without them.
    full.delete('fragment_table_full');
    expect([...full].filter((name) => notKept(name) === null)).toEqual([]);
  });
});

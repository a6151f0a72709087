import { expect, test } from 'vitest';
import { MEASUREMENTS, type MeasurementName } from '../../src/metrics/influx/catalogue.ts';
import { dashboard, drawn, queriesOf } from './found.ts';

const panels = drawn(dashboard('earshot-overview-influxdb.json'));
const queries = panels.flatMap((panel) => queriesOf(panel).map((query) => ({ title: panel.title, query })));

/** Names that a query gives itself. */
function aliasesOf(query: string): string[] {
  return [...query.matchAll(/ AS "(\w+)"/g)].map(([, name]) => name!);
}

test.each(queries)('$title names what is written', ({ query }) => {
  const measurements = [...query.matchAll(/FROM "(\w+)"/g)].map(([, name]) => name!);
  expect(measurements).toHaveLength(1);
  expect(Object.keys(MEASUREMENTS)).toContain(measurements[0]);
  const entry = MEASUREMENTS[measurements[0] as MeasurementName];
  const known: string[] = [...entry.tags, ...Object.keys(entry.fields), ...aliasesOf(query), ...measurements];
  for (const [, name] of query.matchAll(/"(\w+)"/g)) expect(known).toContain(name);
  // What is looked for and grouped by is indexed.
  for (const [, where] of query.matchAll(/WHERE (.*?)(?: GROUP BY|\)|$)/g)) {
    for (const [, name] of where!.matchAll(/"(\w+)"/g)) expect(entry.tags, where).toContain(name);
  }
  for (const [, by] of query.matchAll(/GROUP BY (.*?)(?: fill|\) |\)$|$)/g)) {
    for (const [, name] of by!.matchAll(/"(\w+)"/g)) expect(entry.tags, by).toContain(name);
  }
  const isNow = query.includes('time > now() - 1m');
  expect(isNow || query.includes('$timeFilter')).toBe(true);
});

test('last week is asked as today is, a week earlier', () => {
  const earlier = panels.filter(({ title }) => title.endsWith(', last week'));
  expect(earlier.length).toBeGreaterThan(3);
  for (const panel of earlier) {
    const today = panels.find(({ title }) => `${title}, last week` === panel.title)!;
    expect((panel as { timeShift?: string }).timeShift).toBe('1w');
    expect(queriesOf(panel)).toEqual(queriesOf(today));
  }
});

test('scores of different scales are never one percentile', () => {
  for (const { query } of queries) {
    if (/percentile\("(mos_\w+|r_factor)"/.test(query)) expect(query).toMatch(/"scale"/);
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../../dashboards/source/all.ts';
import { METRICS } from '../../src/metrics/catalogue.ts';
import { type Dashboard, dashboard, drawn, NAMES, type Panel, queriesOf, ROOT } from './found.ts';

const RULES = join(ROOT, 'rules/default.yaml');
const files = generatedFiles(RULES);

test('there are the seven of them', () => {
  expect(NAMES).toHaveLength(7);
  expect(NAMES.map((name) => dashboard(name).uid).sort()).toEqual(
    NAMES.map((name) => name.slice(0, -5)).sort(),
  );
});

test.each([...files.keys()])('%s is up to date ("npm run dashboards" writes it)', (path) => {
  expect(readFileSync(join(ROOT, path), 'utf8') === files.get(path)).toBe(true);
});

describe.each(NAMES)('%s', (name) => {
  const found = dashboard(name);
  const panels = drawn(found);

  test('has panels with title, meaning, unit and source', () => {
    expect(panels.length).toBeGreaterThan(9);
    const titles = new Set<string>();
    for (const panel of panels) {
      expect(panel.title).not.toBe('');
      titles.add(panel.title);
      const [shows = '', worry = ''] = (panel.description ?? '').split('\n\n');
      expect(shows.length, panel.title).toBeGreaterThan(9);
      expect(worry, panel.title).toMatch(/^\*\*Worry:\*\* .{10,}/);
      expect(panel.fieldConfig?.defaults.unit ?? '', panel.title).not.toBe('');
      expect(panel.datasource?.uid, panel.title).toBe(`$\{datasource}`);
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0);
      for (const target of panel.targets!) expect(target.datasource.uid).toBe(`$\{datasource}`);
    }
    expect(titles.size).toBe(panels.length);
  });

  test('has ids and letters that differ', () => {
    const ids = found.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { title, targets = [] } of panels) {
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    }
  });

  test('fills its grid, and nothing lies on another', () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of found.panels) {
      const { x, y, w, h } = gridPos;
      expect(x >= 0 && w > 0 && x + w <= 24 && h > 0, title).toBe(true);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          expect(taken.has(`${column},${line}`), `${title} lies on another`).toBe(false);
          taken.add(`${column},${line}`);
        }
      }
    }
    // Every line is filled from left to right where it begins.
    for (const y of new Set(found.panels.map(({ gridPos }) => gridPos.y))) {
      const width = found.panels
        .filter(({ gridPos }) => gridPos.y === y)
        .reduce((sum, { gridPos }) => sum + gridPos.w, 0);
      expect(width, `line ${y}`).toBe(24);
    }
  });

  test('is readable from far and on a phone: few panels, wide ones', () => {
    for (const { type, title, gridPos } of panels) {
      expect(gridPos.w, title).toBeGreaterThanOrEqual(type === 'stat' ? 4 : 12);
      expect(gridPos.h, title).toBeGreaterThanOrEqual(5);
    }
  });

  test('uses variables that there are', () => {
    const names = new Set([
      ...found.templating.list.map(({ name: each }) => each),
      '__rate_interval',
      '__interval',
      'timeFilter',
    ]);
    for (const panel of panels) {
      for (const query of queriesOf(panel)) {
        for (const [, used] of query.matchAll(/\$(\w+)/g))
          expect(names, `${panel.title}: $${used}`).toContain(used);
      }
      for (const { url } of linksOf(panel)) {
        for (const [, used] of url.matchAll(/\$\{(\w+)/g)) {
          expect([...names, '__field', '__data', '__value', '__url_time_range', '__all_variables']).toContain(
            used,
          );
        }
      }
    }
  });

  test('leads to dashboards that there are, and to pages of the probe', () => {
    const uids = NAMES.map((each) => dashboard(each).uid);
    let toProbe = 0;
    for (const panel of panels) {
      for (const { url, title } of linksOf(panel)) {
        expect(title).not.toBe('');
        const uid = /^\/d\/([\w-]+)/.exec(url)?.[1];
        if (uid !== undefined) expect(uids).toContain(uid);
        else {
          expect(url).toMatch(/^\$\{probe_url:raw\}\/($|calls\/|api\/calls)/);
          toProbe++;
        }
      }
    }
    expect(toProbe).toBeGreaterThan(5);
  });

  test('shows in large what is now, not what was when a probe died', () => {
    for (const { type, title, targets = [] } of panels) {
      if (type !== 'stat') continue;
      for (const { expr, query = '', instant } of targets) {
        if (expr !== undefined) expect(instant, title).toBe(true);
        else if (query.includes('"probe_status"')) expect(query, title).toContain('time > now() - 1m');
      }
    }
  });

  test('marks deployments', () => {
    expect(found.annotations.list.map(({ name: each }) => each)).toContain('Deployments');
  });
});

function linksOf({ fieldConfig }: Panel): { url: string; title: string }[] {
  const { defaults, overrides } = fieldConfig!;
  const ofColumns = overrides.flatMap(({ properties }) =>
    properties.flatMap(({ id, value }) =>
      id === 'links' ? (value as { url: string; title: string }[]) : [],
    ),
  );
  return [...(defaults.links ?? []), ...ofColumns];
}

/** Labels that Prometheus adds, and that belong to every histogram. */
const ALWAYS = ['job', 'instance', 'le'];

/** Metrics and labels of all selectors of a query. */
function selectorsOf(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:earshot|process)_\w+)(?:\{([^}]*)\})?/g)].map(([, name, inside = '']) => ({
    name: name!,
    labels: [...inside.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label!),
  }));
}

function metricOf(name: string): keyof typeof METRICS | null {
  if (name in METRICS) return name as keyof typeof METRICS;
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return base in METRICS && METRICS[base as keyof typeof METRICS].type === 'histogram'
    ? (base as keyof typeof METRICS)
    : null;
}

describe.each(NAMES.filter((name) => !name.includes('influxdb')))('queries of %s', (name) => {
  const found: Dashboard = dashboard(name);
  const exprs = [
    ...drawn(found).flatMap(queriesOf),
    ...found.annotations.list.flatMap(({ expr }) => (expr === undefined ? [] : [expr])),
  ];

  test('name metrics and labels of the catalogue', () => {
    let named = 0;
    for (const expr of exprs) {
      for (const selector of selectorsOf(expr)) {
        const metric = metricOf(selector.name);
        expect(metric, selector.name).not.toBeNull();
        for (const label of selector.labels)
          expect([...METRICS[metric!].labels, ...ALWAYS], expr).toContain(label);
        named++;
      }
    }
    expect(named).toBeGreaterThan(10);
  });

  test('choose job and probe, and site and trunk where the metric has them', () => {
    for (const { labels, name: metric } of drawn(found).flatMap(queriesOf).flatMap(selectorsOf)) {
      expect(labels, metric).toContain('job');
      expect(labels, metric).toContain('instance');
    }
  });

  test('take no median and no order of places and devices that have no value', () => {
    for (const expr of exprs) {
      // Of one without calls, shares and percentiles are NaN: the least of all in PromQL.
      for (const [text] of expr.matchAll(/quantile\(0\.5, (?:histogram_quantile|sum).*$/g)) {
        if (!text.startsWith('quantile(0.5, sum by (le')) expect(text).toMatch(/ >= 0\)+$/);
      }
      const isBroken = / \/ |histogram_quantile/.test(expr) && !expr.includes('max by (table)');
      if (expr.startsWith('topk(') && isBroken) expect(expr).toMatch(/ >= 0\)/);
    }
  });

  test('never add up buckets over scales', () => {
    for (const expr of exprs) {
      for (const [text, by = '', metric, matchers] of expr.matchAll(
        /sum(?: by \(([^)]*)\))? \((?:rate|increase)\((earshot_\w+(?:mos_\w+|r_factor))_bucket\{([^}]*)\}/g,
      )) {
        // A share below a bound is that of all where it is MOS, which means the same on every scale.
        const isShare = matchers!.includes('le="') && metric!.includes('mos');
        expect(isShare || by.includes('scale') || matchers!.includes('scale="'), text).toBe(true);
      }
    }
  });
});

test('the overview is in the order of the responder', () => {
  const rows = dashboard('earshot-overview.json').panels.filter(({ type }) => type === 'row');
  expect(rows.map(({ title }) => title)).toEqual([
    'Now',
    'Call health',
    'Loss and jitter',
    'MOS',
    'Where, and why',
  ]);
});

test('the overview has last week beside today', () => {
  const queries = drawn(dashboard('earshot-overview.json')).flatMap(queriesOf);
  expect(queries.filter((query) => query.includes('offset 1w')).length).toBeGreaterThan(5);
});

test('every metric is on some panel, or it is said why not', () => {
  const used = new Set(
    NAMES.flatMap((name) => drawn(dashboard(name)).flatMap(queriesOf))
      .flatMap(selectorsOf)
      .map(({ name }) => metricOf(name)),
  );
  const missing = (Object.keys(METRICS) as (keyof typeof METRICS)[]).filter((name) => !used.has(name));
  expect(missing).toEqual([
    // Calls up say more: these include calls that wait for their last packets.
    'earshot_calls_followed',
  ]);
});

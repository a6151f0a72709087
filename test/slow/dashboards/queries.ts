import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Prometheus } from '../metrics/served.ts';

const FOLDER = join(import.meta.dirname, '../../../dashboards');

export interface PanelQuery {
  dashboard: string;
  panel: string;
  refId: string;
  expr: string;
  instant: boolean;
  exemplar: boolean;
  /** Span and least step that the panel sets, seconds; null where the dashboard's hold. */
  spanS: number | null;
  intervalS: number | null;
}

interface FoundPanel {
  type: string;
  title: string;
  timeFrom?: string;
  interval?: string;
  targets?: { refId: string; expr?: string; instant?: boolean; exemplar?: boolean }[];
}

export interface FoundDashboard {
  uid: string;
  panels: FoundPanel[];
  templating: { list: { name: string; type: string; query?: string | { query: string } }[] };
  annotations: { list: { name: string; expr?: string }[] };
}

/** The dashboards that are checked in, those for Prometheus. */
export function dashboards(): FoundDashboard[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json') && !name.includes('influxdb'))
    .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as FoundDashboard);
}

/** Every query of every panel. */
export function panelQueries(): PanelQuery[] {
  return dashboards().flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, timeFrom, interval, targets = [] }) =>
      targets.map(({ refId, expr = '', instant = false, exemplar = false }) => ({
        ...{ dashboard: uid, panel: title, refId, expr, instant, exemplar },
        spanS: timeFrom === undefined ? null : secondsOf(timeFrom),
        intervalS: interval === undefined ? null : secondsOf(interval),
      })),
    ),
  );
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

function secondsOf(text: string): number {
  return Number.parseInt(text, 10) * UNITS[text.at(-1)!]!;
}

/** What is chosen at the top. */
export interface Chosen {
  job: string;
  instance: string;
  site: string;
  trunk: string;
  window: string;
}

export const EVERYTHING: Chosen = { job: 'earshot', instance: '.*', site: '.*', trunk: '.*', window: '5m' };

/** Seconds between scrapes, as the data source is told. */
const SCRAPE_S = 1;

/** Puts in what Grafana puts in; nothing of it may be left. @throws when something is */
export function filledIn(expr: string, chosen: Chosen, stepS: number): string {
  const rateS = Math.max(stepS + SCRAPE_S, 4 * SCRAPE_S);
  const values: Record<string, string> = {
    ...chosen,
    __rate_interval: `${rateS}s`,
    __interval: `${stepS}s`,
  };
  const text = expr.replace(/\$(\w+)/g, (all, name: string) => values[name] ?? all);
  if (text.includes('$')) throw new Error(`unknown variable in ${text}`);
  return text;
}

export interface Series {
  metric: Record<string, string>;
  values: number[];
}

/** The answer to a query as its panel would ask it, over the last five minutes unless the panel says otherwise. */
export async function asked(
  prometheus: Prometheus,
  { expr, instant, spanS, intervalS }: PanelQuery,
  chosen: Chosen = EVERYTHING,
): Promise<Series[]> {
  const stepS = intervalS ?? 5;
  const query = filledIn(expr, chosen, stepS);
  if (instant) {
    const found = await prometheus.query(query);
    return found.map(({ metric, value }) => ({ metric, values: [Number(value[1])] }));
  }
  const end = Math.floor(Date.now() / 1000);
  const path = `/api/v1/query_range?query=${encodeURIComponent(query)}&start=${end - (spanS ?? 300)}&end=${end}&step=${stepS}`;
  const { result } = (await prometheus.ask(path)) as {
    result: { metric: Record<string, string>; values: [number, string][] }[];
  };
  return result.map(({ metric, values }) => ({ metric, values: values.map(([, value]) => Number(value)) }));
}

/** Is there a number to draw? */
export function hasNumber(series: readonly Series[]): boolean {
  return series.some(({ values }) => values.some((value) => Number.isFinite(value)));
}

/** Addresses of all links of values, in panels and columns. */
export function linksOf(found: readonly FoundDashboard[]): string[] {
  const urls = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('url' in value && typeof value.url === 'string') urls.add(value.url);
    for (const each of Object.values(value)) walk(each);
  };
  for (const { panels } of found) walk(panels);
  return [...urls];
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../../dashboards/earshot-overview-influxdb.json');

export interface InfluxPanelQuery {
  panel: string;
  query: string;
  /** It is asked about another time than the dashboard. */
  isShifted: boolean;
}

/** Every query of the dashboard for InfluxDB. */
export function influxQueries(): InfluxPanelQuery[] {
  const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as {
    panels: { title: string; timeShift?: string; targets?: { query: string }[] }[];
  };
  return panels.flatMap(({ title, timeShift, targets = [] }) =>
    targets.map(({ query }) => ({ panel: title, query, isShifted: timeShift !== undefined })),
  );
}

/** Puts in what Grafana puts in. `now()` is what the clock of statuses shows. */
export function influxFilledIn(
  query: string,
  { from, to, now }: { from: string; to: string; now: string },
  site = '.*',
): string {
  const values: Record<string, string> = {
    timeFilter: `time >= '${from}' AND time <= '${to}'`,
    __interval: '10s',
    site,
    trunk: '.*',
  };
  const text = query.replace(/\$(\w+)/g, (all, name: string) => values[name] ?? all);
  if (/\$\w/.test(text)) throw new Error(`unknown variable in ${text}`);
  return text.replaceAll('now()', `'${now}'`);
}

import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DatasourceVariableBuilder,
  IntervalVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { chosenSource } from './panel.ts';
import type { DashboardSpec } from './spec.ts';

/** Windows of media panels; the first is that of the fast alerts. */
export const WINDOWS = ['5m', '15m', '1h', '6h', '1d'] as const;
/** Where the probe of the trial answers. */
export const PROBE_URL = 'http://127.0.0.1:10047';

/** What can be chosen at the top. */
export function variablesOf({ source, grouped, windowed }: DashboardSpec): Builder<VariableModel>[] {
  const isProm = source === 'prometheus';
  const found: Builder<VariableModel>[] = [
    new DatasourceVariableBuilder('datasource').label('Source').type(source),
  ];
  if (isProm) {
    found.push(
      one('job', 'Job', 'label_values(earshot_build_info, job)'),
      many('instance', 'Probe', 'label_values(earshot_build_info{job="$job"}, instance)', source),
    );
  }
  if (grouped) {
    for (const name of ['site', 'trunk']) {
      const query = isProm
        ? `label_values(earshot_calls_total{job="$job",instance=~"$instance"}, ${name})`
        : `SHOW TAG VALUES FROM "rtp_interval" WITH KEY = "${name}"`;
      found.push(many(name, name === 'site' ? 'Site' : 'Trunk', query, source));
    }
  }
  if (windowed) {
    found.push(
      new IntervalVariableBuilder('window')
        .label('Window')
        .description('Over what media panels look. 5m is what the fast alerts see; take more for weeks.')
        .values(WINDOWS.join(','))
        .options(WINDOWS.map((value, i) => ({ text: value, value, selected: i === 0 })))
        .current({ text: WINDOWS[0], value: WINDOWS[0] }),
    );
  }
  found.push(
    new TextBoxVariableBuilder('probe_url')
      .label('Pages of the probe')
      .description('Where links lead: the address of a probe as your browser reaches it.')
      .defaultValue(PROBE_URL)
      .current({ text: PROBE_URL, value: PROBE_URL }),
  );
  return found;
}

function one(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(chosenSource('prometheus'))
    .query({ query, refId: name })
    .definition(query)
    .refresh(VariableRefresh.OnDashboardLoad)
    .sort(VariableSort.AlphabeticalAsc);
}

/** Several may be chosen; all of them unless chosen otherwise. */
function many(
  name: string,
  label: string,
  query: string,
  source: DashboardSpec['source'],
): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(chosenSource(source))
    .query(source === 'prometheus' ? { query, refId: name } : query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] });
}

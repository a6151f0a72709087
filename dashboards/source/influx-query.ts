import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { Target } from './spec.ts';

/** A query in InfluxQL as Grafana's data source takes it; the SDK has none. */
export interface InfluxQuery extends Dataquery {
  refId: string;
  datasource: { type: string; uid: string };
  query: string;
  rawQuery: true;
  resultFormat: 'time_series' | 'table';
  alias: string;
}

/** Builds a query in InfluxQL. */
export class InfluxQueryBuilder implements Builder<Dataquery> {
  private readonly query: InfluxQuery;

  constructor({ expr, legend, form }: Target, refId: string, datasource: InfluxQuery['datasource']) {
    this.query = {
      ...{ refId, datasource, query: expr, rawQuery: true, alias: legend ?? '' },
      resultFormat: form === 'table' ? 'table' : 'time_series',
      _implementsDataqueryVariant: () => {},
    };
  }

  build(): InfluxQuery {
    return this.query;
  }
}

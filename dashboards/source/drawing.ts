import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StatesBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as HistoryBuilder } from '@grafana/grafana-foundation-sdk/statushistory';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { PanelSpec } from './spec.ts';

/** What the builders of all kinds of panels have. */
export interface AnyPanelBuilder extends Builder<dashboard.Panel> {
  id(id: number): this;
  title(title: string): this;
  description(text: string): this;
  datasource(source: { type?: string; uid?: string }): this;
  gridPos(position: dashboard.GridPos): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  min(min: number): this;
  max(max: number): this;
  thresholds(thresholds: Builder<dashboard.ThresholdsConfig>): this;
  colorScheme(color: Builder<dashboard.FieldColor>): this;
  noValue(text: string): this;
  mappings(mappings: dashboard.ValueMapping[]): this;
  dataLinks(links: Builder<dashboard.DashboardLink>[]): this;
  withTarget(target: Builder<Dataquery>): this;
  timeFrom(span: string): this;
  timeShift(span: string): this;
  interval(interval: string): this;
  withTransformation(transformation: dashboard.DataTransformerConfig): this;
  overrideByName(name: string, properties: dashboard.DynamicConfigValue[]): this;
}

/** A builder of the kind of panel that is wanted, with what only this kind has. */
export function drawn(spec: PanelSpec): AnyPanelBuilder {
  switch (spec.kind) {
    case 'stat':
      return stat(spec);
    case 'series':
      return series(spec);
    case 'bars':
      return new BarsBuilder()
        .displayMode(BarGaugeDisplayMode.Basic)
        .orientation(VizOrientation.Horizontal)
        .reduceOptions(newest())
        .showUnfilled(true);
    case 'table':
      return table(spec);
    case 'heatmap':
      return new HeatmapBuilder()
        .calculate(false)
        .cellGap(1)
        .yAxis(new YAxisConfigBuilder().unit(spec.unit))
        .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').steps(64));
    case 'history':
      return new HistoryBuilder().showValue(VisibilityMode.Auto).rowHeight(0.9).colWidth(0.95).legend(list());
    case 'states':
      return new StatesBuilder()
        .showValue(VisibilityMode.Never)
        .mergeValues(true)
        .rowHeight(0.9)
        .legend(list());
  }
}

function stat({ limit, steps, texts }: PanelSpec): AnyPanelBuilder {
  // Readable from across a room: the colour fills the panel where it means something.
  const isJudged = limit !== undefined || steps !== undefined || texts !== undefined;
  return new StatBuilder()
    .colorMode(isJudged ? BigValueColorMode.Background : BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(newest());
}

function newest(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false);
}

function list(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .calcs([]);
}

function series({ limit, steps, stacked }: PanelSpec): AnyPanelBuilder {
  const hasLine = limit !== undefined || steps !== undefined;
  const mode = hasLine ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return new SeriesBuilder()
    .lineWidth(2)
    .fillOpacity(stacked === true ? 40 : 5)
    .showPoints(VisibilityMode.Never)
    .stacking(
      new StackingConfigBuilder().mode(stacked === true ? StackingMode.Normal : StackingMode.None).group('A'),
    )
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(mode))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(list())
    .overrideByRegexp('/last week/', aside(1))
    .overrideByRegexp("/fleet's median/", aside(3));
}

/** What others are compared with: grey and dashed. */
function aside(width: number): dashboard.DynamicConfigValue[] {
  return [
    { id: 'color', value: { mode: 'fixed', fixedColor: 'gray' } },
    { id: 'custom.lineWidth', value: width },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
    { id: 'custom.fillOpacity', value: 0 },
  ];
}

function table({ worstBy }: PanelSpec): AnyPanelBuilder {
  const builder = new TableBuilder().showHeader(true).filterable(true);
  if (worstBy === undefined) return builder;
  const order = new TableSortByFieldStateBuilder()
    .displayName(worstBy.title)
    .desc(worstBy.ascending !== true);
  return builder.sortBy([order]);
}

import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  type GridPos,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { drawn } from './drawing.ts';
import { InfluxQueryBuilder } from './influx-query.ts';
import type { DashboardSpec, Link, PanelSpec, Target } from './spec.ts';
import { tableProperties, tableTransformations } from './table.ts';

/** The data source that is chosen at the top of the dashboard. */
export function chosenSource(source: DashboardSpec['source']): { type: string; uid: string } {
  return { type: source, uid: `$\{datasource}` };
}

/** A panel for Grafana. */
export function panelOf(
  spec: PanelSpec,
  source: DashboardSpec['source'],
  id: number,
  gridPos: GridPos,
): Panel {
  const builder = drawn(spec)
    .id(id)
    .title(spec.title)
    .description(descriptionOf(spec))
    .datasource(chosenSource(source))
    .gridPos(gridPos)
    .unit(spec.unit)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...stepsOf(spec)]))
    .colorScheme(new FieldColorBuilder().mode(colorModeOf(spec)))
    .noValue(spec.nothing ?? 'no data')
    .mappings(mappingsOf(spec))
    .dataLinks((spec.links ?? []).map(linkOf));
  for (const [i, target] of spec.targets.entries())
    builder.withTarget(targetOf(asAsked(spec, target), source, letterOf(i)));
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.min !== undefined) builder.min(spec.min);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.span !== undefined) builder.timeFrom(spec.span);
  if (spec.shift !== undefined) builder.timeShift(spec.shift);
  if (spec.interval !== undefined) builder.interval(spec.interval);
  if (spec.columns !== undefined) {
    for (const transformation of tableTransformations(spec)) builder.withTransformation(transformation);
    for (const { title, properties } of tableProperties(spec)) builder.overrideByName(title, properties);
  }
  return builder.build();
}

/** What it shows, when to worry, and whose limits its colours are. */
function descriptionOf({ shows, worry, limit }: PanelSpec): string {
  const colours = limit === undefined ? [] : [`Colours: ${limit.text}.`];
  return [shows, `**Worry:** ${worry}`, ...colours].join('\n\n');
}

/** Letter of a query. */
export function letterOf(i: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + i);
}

function stepsOf({ limit, steps }: PanelSpec) {
  return limit?.steps ?? steps ?? [{ value: null, color: 'blue' }];
}

function colorModeOf({ kind }: PanelSpec): FieldColorModeId {
  return kind === 'series' || kind === 'heatmap'
    ? FieldColorModeId.PaletteClassic
    : FieldColorModeId.Thresholds;
}

function mappingsOf({ texts = {} }: PanelSpec): ValueMapping[] {
  const options = Object.entries(texts).map(
    ([value, { text, color }], index) => [value, { text, color, index }] as const,
  );
  return options.length === 0
    ? []
    : [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }];
}

/** What stands as large as a stat is as it is now: the last value of a probe that died hours ago would be a lie. */
function asAsked({ kind }: PanelSpec, target: Target): Target {
  return kind === 'stat' ? { ...target, instant: true } : target;
}

function targetOf(target: Target, source: DashboardSpec['source'], refId: string): Builder<Dataquery> {
  if (source === 'influxdb') return new InfluxQueryBuilder(target, refId, chosenSource(source));
  const builder = new DataqueryBuilder().refId(refId).datasource(chosenSource(source)).expr(target.expr);
  if (target.legend !== undefined) builder.legendFormat(target.legend);
  if (target.form === 'table') builder.format(PromQueryFormat.Table);
  if (target.form === 'heatmap') builder.format(PromQueryFormat.Heatmap);
  if (target.exemplars === true) builder.exemplar(true);
  return target.instant === true ? builder.instant() : builder.range();
}

/** A link of a value. */
export function linkOf({ title, url }: Link): Builder<DashboardLink> {
  const link = new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .url(url)
    .targetBlank(!url.startsWith('/d/'))
    .build();
  // A place in the menu of the dashboard, which the builder takes for granted, is none of a value's.
  delete link.placement;
  return { build: () => link };
}

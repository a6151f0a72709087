import type { DataTransformerConfig, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Column, PanelSpec } from './spec.ts';

/** What Grafana calls a column: of several queries each value has the letter of its query. */
function fieldOf({ field }: Column, { targets }: PanelSpec): string {
  if (!/^[A-Z]$/.test(field)) return field;
  return targets.length === 1 ? 'Value' : `Value #${field}`;
}

/** Puts the answers of all queries into one table, with the columns that are wanted, in order. */
export function tableTransformations(spec: PanelSpec): DataTransformerConfig[] {
  const fields = spec.columns!.map((column) => fieldOf(column, spec));
  const indexByName = Object.fromEntries(fields.map((field, i) => [field, i]));
  const renameByName = Object.fromEntries(spec.columns!.map(({ title }, i) => [fields[i]!, title]));
  return [
    { id: 'merge', options: {} },
    { id: 'filterFieldsByName', options: { include: { names: fields } } },
    { id: 'organize', options: { excludeByName: {}, indexByName, renameByName } },
  ];
}

/** How each column is shown. */
export function tableProperties({
  columns,
}: PanelSpec): { title: string; properties: DynamicConfigValue[] }[] {
  return columns!.map(({ title, unit, decimals, limit, link }) => ({
    title,
    properties: [
      ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
      ...(limit === undefined
        ? []
        : [
            { id: 'thresholds', value: { mode: 'absolute', steps: limit.steps } },
            { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
          ]),
      ...(link === undefined
        ? []
        : [{ id: 'links', value: [{ ...link, targetBlank: !link.url.startsWith('/d/') }] }]),
    ],
  }));
}

import type { Comparison } from '../alerts/tuning.ts';
import { isoMicros } from '../report/iso-time.ts';

const FALSE_ALARMS_SHOWN = 5;

/** Rows of texts with equal columns. */
function rows(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** What rules can watch, a line for each. */
export function signalLines(
  signals: readonly { name: string; doc: string; kind: string; unit: string; worse: string }[],
): string {
  const head = ['SIGNAL', 'KIND', 'UNIT', 'BAD WHEN', 'WHAT'];
  return rows([head, ...signals.map(({ name, kind, unit, worse, doc }) => [name, kind, unit, worse, doc])]);
}

/** Hits, misses and false alarms of each rule. */
export function comparisonLines(compared: readonly (Comparison & { rule: string })[]): string {
  const head = ['RULE', 'FIRED', 'HIT', 'MISSED', 'FALSE ALARMS'];
  const lines = compared.map(({ rule, firings, hits, misses, falseAlarms }) => [
    rule,
    String(firings),
    String(hits.length),
    misses.length === 0 ? '0' : `${misses.length}: ${misses.map(({ name }) => name).join(', ')}`,
    String(falseAlarms.length),
  ]);
  return `\n${rows([head, ...lines])}`;
}

/** What a rule would have done at each threshold. */
export function tuningLines(
  results: readonly (Comparison & {
    rule: string;
    threshold: number;
    isPresent: boolean;
    alerts: readonly { startUs: number }[];
  })[],
  hasIncidents: boolean,
): string {
  const head = [
    'RULE',
    'THRESHOLD',
    'FIRED',
    ...(hasIncidents ? ['HIT', 'MISSED', 'FALSE ALARMS'] : []),
    'WHEN',
  ];
  const lines = results.map(({ rule, threshold, isPresent, firings, hits, misses, falseAlarms, alerts }) => [
    rule,
    `${threshold}${isPresent ? ' (now)' : ''}`,
    String(firings),
    ...(hasIncidents ? [hits, misses, falseAlarms].map((each) => String(each.length)) : []),
    whenText(alerts),
  ]);
  return rows([head, ...lines]);
}

function whenText(alerts: readonly { startUs: number }[]): string {
  const shown = alerts
    .slice(0, FALSE_ALARMS_SHOWN)
    .map(({ startUs }) => isoMicros(startUs)?.slice(0, 19) ?? '');
  return `${shown.join(' ')}${alerts.length > shown.length ? ' ...' : ''}`;
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { generatedFiles } from '../../dashboards/source/all.ts';
import { dashboard, drawn, NAMES, type Panel, queriesOf, ROOT, type Step } from './found.ts';

/* What is checked in, against the text of the rules: nothing of the code that made it is used but where it says so. */

interface WrittenRule {
  name: string;
  signal: string;
  measure: string;
  above?: number;
  below?: number;
  clear?: number;
  window: string;
}

const RULES = join(ROOT, 'rules/default.yaml');
const source = readFileSync(RULES, 'utf8');
const rules = new Map((parse(source) as { rules: WrittenRule[] }).rules.map((rule) => [rule.name, rule]));
const folder = mkdtempSync(join(tmpdir(), 'earshot-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Panels that say whose limits their colours are. */
const judged = NAMES.flatMap((name) =>
  drawn(dashboard(name)).flatMap((panel) => {
    const rule = /Colours: (\w+):/.exec(panel.description ?? '')?.[1];
    return rule === undefined ? [] : [{ name: `${name}: ${panel.title}`, of: name, panel, rule }];
  }),
);

/** Seconds where the panel shows seconds. */
function inUnitOf(panel: Panel, { signal, measure }: WrittenRule, value: number): number {
  const isTime = signal.endsWith('Ms') && measure.startsWith('p');
  return isTime && panel.fieldConfig!.defaults.unit === 's' ? value / 1000 : value;
}

function stepsOf(panel: Panel): Step[] {
  return panel.fieldConfig!.defaults.thresholds!.steps;
}

test('many panels have limits', () => {
  expect(judged.length).toBeGreaterThan(30);
});

test.each(judged)('$name has the limits of $rule', ({ panel, rule: name }) => {
  const rule = rules.get(name)!;
  const steps = stepsOf(panel);
  const at = inUnitOf(panel, rule, rule.above ?? rule.below!);
  const end = inUnitOf(panel, rule, rule.clear ?? rule.above ?? rule.below!);
  const colors = steps.map(({ color }) => color);
  const values = steps.slice(1).map(({ value }) => value);
  expect(steps[0]!.value).toBeNull();
  if (rule.measure === 'count') {
    // What is counted in whole numbers is above a limit from the next one on.
    expect(values).toEqual(rule.clear === undefined ? [at + 1] : [end + 1, at + 1]);
  } else if (rule.above !== undefined) expect(values).toEqual(end === at ? [at] : [end, at]);
  else expect(values).toEqual(end === at ? [at] : [at, end]);
  if (rule.above !== undefined) {
    expect(colors[0]).toBe('green');
    expect(['red', 'orange', 'blue']).toContain(colors.at(-1));
  } else {
    expect(colors.at(-1)).toBe('green');
    expect(['red', 'orange', 'blue']).toContain(colors[0]);
  }
});

test.each(judged.filter(({ name }) => !name.includes('influxdb')))(
  '$name looks over the window of $rule',
  ({ of, panel, rule }) => {
    const { window } = rules.get(rule)!;
    const found = dashboard(of);
    for (const query of queriesOf(panel)) {
      const [, used] = /\[(\$?\w+)(?::\w+)?\]/.exec(query)!;
      if (used === '$window') {
        const variable = found.templating.list.find(({ name }) => name === 'window') as unknown as {
          current: { value: string };
        };
        expect(variable.current.value, panel.title).toBe(window);
      } else expect(used, panel.title).toBe(window);
    }
  },
);

test('columns of tables have limits of rules, too', () => {
  const table = drawn(dashboard('earshot-sites.json')).find(({ type }) => type === 'table')!;
  const steps = new Map(
    table.fieldConfig!.overrides.flatMap(({ matcher, properties }) =>
      properties
        .filter(({ id }) => id === 'thresholds')
        .map(
          ({ value }) =>
            [matcher.options, (value as { steps: Step[] }).steps.map((step) => step.value)] as const,
        ),
    ),
  );
  expect(steps.get('jitter p95')).toEqual([
    null,
    rules.get('JitterHighFast')!.clear! / 1000,
    rules.get('JitterHighFast')!.above! / 1000,
  ]);
  expect(steps.get('served')).toEqual([
    null,
    rules.get('ServiceFailing')!.below,
    rules.get('ServiceFailing')!.clear,
  ]);
});

test('every rule that has a threshold in metrics is on a panel', () => {
  const shown = new Set(judged.map(({ rule }) => rule));
  const left = [...rules.keys()].filter((name) => !shown.has(name));
  expect(left).toEqual([
    // Absence: nothing is compared with a number. "Probes not answering", "Packets" and "Calls by trunk" show them.
    'ProbeDown',
    'CaptureSilent',
    // Absence, again.
    'TrunkSilent',
    // Only against what is usual: "Rounds of REGISTER" shows it.
    'RegistrationStorm',
  ]);
});

describe('with another rule file', () => {
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, source.replace(/(name: JitterHighFast[\s\S]*?above:) 30/, '$1 40'));
  const made = generatedFiles(file);

  test('panels, rules and the page of Prometheus follow', () => {
    const overview = JSON.parse(made.get('dashboards/earshot-overview.json')!) as { panels: Panel[] };
    const jitter = overview.panels.find(({ title }) => title === 'Jitter')!;
    expect(stepsOf(jitter).map(({ value }) => value)).toEqual([null, 0.02, 0.04]);
    expect(made.get('dashboards/prometheus/rules.yml')).toContain(
      'earshot_interval_jitter_seconds_bucket{le="0.04"}',
    );
  });

  test('a rule that panels need and that is not there is an error that names it', () => {
    writeFileSync(file, source.replaceAll('MosLowSlow', 'MosLowForLong'));
    expect(() => generatedFiles(file)).toThrow('there is no rule MosLowSlow');
  });
});

import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { prometheusRules } from '../alerts/prometheus-rules.ts';
import type { RuleSet } from '../alerts/rule.ts';
import { isBeyondParts, partText } from '../alerts/rule-sense.ts';
import { SIGNALS } from '../alerts/signals.ts';
import { compare, type Incident, thresholdsAround, withThreshold } from '../alerts/tuning.ts';
import { CaptureError } from '../capture/errors.ts';
import { ConfigError, problemLine } from '../config/problem.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import { maskReported } from '../privacy/reported.ts';
import { alertLines } from '../report/alert-lines.ts';
import { loadConfig } from './config-file.ts';
import { coverHistory, coverIncidents } from './covered-alerts.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { loadIncidents } from './incidents-file.ts';
import { METRIC_FACTS } from './metric-facts.ts';
import { wrongFile } from './named-file.ts';
import { remark, writeOut } from './output.ts';
import {
  addPseudonymOptions,
  type ChosenPseudonyms,
  type PseudonymOptions,
  privacyOf,
  pseudonymNote,
  pseudonymsOf,
} from './pseudonym-options.ts';
import { type AlertHistory, reportedAlerts } from './reported-alerts.ts';
import { type LoadedRules, loadRules } from './rules-file.ts';
import { evaluate } from './rules-run.ts';
import { comparisonLines, signalLines, tuningLines } from './rules-text.ts';
import { textStyle } from './text-style.ts';

interface TestOptions extends PseudonymOptions {
  on: string[];
  incidents?: string;
  config?: string;
  json?: boolean;
}

interface TuneOptions extends TestOptions {
  rule?: string;
  at?: number[];
}

interface ExportOptions {
  prometheus?: boolean;
  job: string;
  runbookBase?: string;
  output?: string;
}

/** Adds `earshot rules`: check, test, tune, export, signals. */
export function addRulesCommand(program: Command): void {
  const rules = program
    .command('rules')
    .description('check, try, tune and export alert rules')
    .addHelpText(
      'after',
      `
Examples:
  $ earshot rules check rules/default.yaml
  $ earshot rules test rules/default.yaml --on monday.pcap
  $ earshot rules tune rules/default.yaml --rule JitterHighFast --on monday.pcap --incidents known.yaml
  $ earshot rules export rules/default.yaml --prometheus > earshot-rules.yml

What --on names is one or several captures, or what "earshot live --json" wrote.
Incidents are a list of {name, start, end}; see docs/alerts.md.`,
    );
  addCheck(rules);
  addTest(rules);
  addTune(rules);
  addExport(rules);
  rules
    .command('signals')
    .description('list what rules can watch')
    .option('--json', 'print it as JSON')
    .action((options: { json?: boolean }) => {
      const signals = [...SIGNALS.values()].map(({ name, doc, kind, unit, worse }) => ({
        name,
        doc,
        kind,
        unit,
        worse,
      }));
      writeOut(options.json === true ? `${JSON.stringify(signals, null, 2)}\n` : signalLines(signals));
    });
}

function addCheck(rules: Command): void {
  const check = rules
    .command('check')
    .argument('<file>')
    .description('say everything that is wrong with rules; exit status 2 when something is')
    .option('--json', 'print it as JSON')
    .action((file: string, options: { json?: boolean }) => {
      if (options.json === true) {
        checkAsJson(file);
        return;
      }
      const { set, warnings } = loaded(check, file);
      for (const warning of warnings) remark(`warning: ${problemLine(file, warning)}`);
      writeOut(`${file}: valid, ${set.rules.length} rules\n`);
    });
}

function checkAsJson(file: string): void {
  try {
    const { set, warnings } = loadRules(file, process.env);
    writeOut(`${JSON.stringify({ file, rules: set.rules.length, problems: [], warnings })}\n`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    writeOut(`${JSON.stringify({ file, problems: error.problems, warnings: [] })}\n`);
    process.exitCode = EXIT_USAGE;
  }
}

function addTest(rules: Command): void {
  const test = rules.command('test');
  addPseudonymOptions(test)
    .argument('<file>')
    .description('what rules would have raised, and when')
    .requiredOption('--on <file...>', 'captures, or records of "earshot live --json"')
    .option('--incidents <file>', 'what is known to have happened: hits, misses, false alarms')
    .option('--config <file>', 'earshot.yaml, for sites and trunks')
    .option('--json', 'print it as JSON')
    .action((file: string, options: TestOptions) => guarded(test, () => runTest(file, options)));
}

/** What rules came to on some inputs, and what is known to have happened; as it may be shown. */
interface Tried {
  histories: AlertHistory[];
  incidents: Incident[] | null;
  chosen: ChosenPseudonyms | null;
}

function tried(sets: readonly RuleSet[], options: TestOptions): Tried {
  const chosen = pseudonymsOf(options, process.env);
  const incidents = options.incidents === undefined ? null : loadIncidents(options.incidents);
  const groups = groupsOf(options.config);
  if (chosen === null) return { histories: evaluate(sets, options.on, groups), incidents, chosen };
  const { names } = chosen;
  const histories = evaluate(sets, options.on, groups, (parties) => maskReported(names, parties));
  return {
    histories: histories.map((history) => coverHistory(names, history)),
    incidents: incidents === null ? null : coverIncidents(names, incidents),
    chosen,
  };
}

function runTest(file: string, options: TestOptions): void {
  const { set } = loadRules(file, process.env);
  const { histories, incidents, chosen } = tried([set], options);
  const [history] = histories;
  const reported = reportedAlerts(history!);
  const compared =
    incidents === null
      ? null
      : set.rules.map(({ name }) => ({
          rule: name,
          ...compare(
            history!.alerts.filter(({ rule }) => rule === name),
            incidents,
            history!.untilUs,
          ),
        }));
  if (options.json === true) {
    const { raised: alerts, heldBack: alertsHeldBack, pending: alertsPending } = reported;
    const privacy = chosen === null ? {} : { privacy: privacyOf(chosen) };
    const told = { ...privacy, alerts, alertsHeldBack, alertsPending, incidents: compared };
    writeOut(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  const style = textStyle();
  for (const line of alertLines(reported, style)) writeOut(`${line}\n`);
  if (compared !== null) writeOut(comparisonLines(compared));
  if (chosen !== null) writeOut(`\n${pseudonymNote(chosen)}\n`);
}

function addTune(rules: Command): void {
  const tune = rules.command('tune');
  addPseudonymOptions(tune)
    .argument('<file>')
    .description('how often a rule would have fired at several thresholds')
    .requiredOption('--on <file...>', 'captures, or records of "earshot live --json"')
    .option('--rule <name>', 'the rule; every rule with a threshold when left out')
    .option(
      '--at <values>',
      'thresholds, with commas between them; around the present one when left out',
      values,
    )
    .option('--incidents <file>', 'what is known to have happened: hits, misses, false alarms')
    .option('--config <file>', 'earshot.yaml, for sites and trunks')
    .option('--json', 'print it as JSON')
    .action((file: string, options: TuneOptions) => guarded(tune, () => runTune(tune, file, options)));
}

function runTune(command: Command, file: string, options: TuneOptions): void {
  const { set } = loadRules(file, process.env);
  const chosen = set.rules.filter(({ name, threshold }) =>
    options.rule === undefined ? threshold !== null : name === options.rule,
  );
  if (chosen.length === 0) {
    command.error(`error: ${file} has no rule "${options.rule ?? ''}"`, { exitCode: EXIT_USAGE });
  }
  for (const { name, measure, signal } of chosen) {
    const wrong = options.at?.find((value) => isBeyondParts(measure.kind, signal, value));
    if (wrong !== undefined)
      command.error(`error: --at: of ${name} ${partText(measure.kind, signal, wrong)}`, {
        exitCode: EXIT_USAGE,
      });
  }
  const tries = chosen.flatMap((rule) =>
    (options.at ?? thresholdsAround(rule)).map((threshold) => ({ rule, threshold })),
  );
  const sets = tries.map(({ rule, threshold }) => withThreshold(set, rule.name, threshold));
  const { histories, incidents, chosen: covered } = tried(sets, options);
  const results = tries.map(({ rule, threshold }, i) => {
    const alerts = histories[i]!.alerts.filter((alert) => alert.rule === rule.name);
    const isPresent = threshold === rule.threshold;
    return {
      rule: rule.name,
      threshold,
      isPresent,
      alerts,
      ...compare(alerts, incidents ?? [], histories[i]!.untilUs),
    };
  });
  if (options.json === true) writeOut(`${JSON.stringify(results, null, 2)}\n`);
  else writeOut(tuningLines(results, incidents !== null));
  // The JSON is a list of results: what pseudonyms stand for has no place in it.
  if (covered !== null) remark(pseudonymNote(covered));
}

function addExport(rules: Command): void {
  const command = rules
    .command('export')
    .argument('<file>')
    .description('write the same rules for others')
    .option('--prometheus', 'recording and alerting rules of Prometheus')
    .option('--job <name>', 'the name of the scrape job', 'earshot')
    .option('--runbook-base <url>', 'where the pages of runbooks are (default: "runbooks" of the rules)')
    .option('-o, --output <file>', 'write there instead of standard output')
    .action((file: string, options: ExportOptions) => {
      if (options.prometheus !== true) {
        command.error('error: say for whom: --prometheus', { exitCode: EXIT_USAGE });
      }
      const { set: written } = loaded(command, file);
      const runbooks = options.runbookBase?.replace(/\/+$/, '') ?? written.runbooks;
      const set = { ...written, runbooks };
      const { yaml, leftOut, notes } = prometheusRules(set, METRIC_FACTS, options.job);
      if (options.output === undefined) writeOut(yaml);
      else writeFileSync(options.output, yaml);
      for (const { rule, reason } of leftOut) remark(`${rule} is left out: ${reason}`);
      for (const { rule, note } of notes) remark(`${rule}: ${note}`);
      if (!URL.canParse(runbooks)) {
        remark(
          `runbook_url begins with ${runbooks}, which is no address: --runbook-base says where pages are`,
        );
      }
    });
}

/** Sites, trunks and devices of a configuration. */
function groupsOf(file: string | undefined): GroupsConfig {
  return loadConfig(file, process.env).config.groups;
}

function loaded(command: Command, file: string): LoadedRules {
  try {
    return loadRules(file, process.env);
  } catch (error) {
    if (error instanceof ConfigError) return wrongFile(command, error);
    throw error;
  }
}

/** Runs, and says in one line what went wrong with the input. */
function guarded(command: Command, run: () => void): void {
  try {
    run();
    process.exitCode = EXIT_DONE;
  } catch (error) {
    if (error instanceof ConfigError) wrongFile(command, error);
    const code = (error as NodeJS.ErrnoException).code;
    if (!(error instanceof CaptureError) && code !== 'ENOENT' && code !== 'EACCES') throw error;
    command.error(`error: ${(error as Error).message}`, { exitCode: EXIT_FAILED });
  }
}

function values(text: string): number[] {
  const parts = text.split(',').map(Number);
  if (text.trim() === '' || parts.length > 50 || !parts.every(Number.isFinite)) {
    throw new InvalidArgumentError('expected numbers with commas between them: 20,30,40.');
  }
  return parts;
}

import { type Command, InvalidArgumentError } from 'commander';
import { nearest } from '../config/nearest.ts';
import { type Condition, parseCondition } from '../report/gate/condition.ts';
import { evaluateGate } from '../report/gate/evaluate.ts';
import { junitXml, outcomeLine } from '../report/gate/outcome-text.ts';
import type { Report } from '../report/report.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { ReportFile } from './html-output.ts';
import { remark } from './output.ts';
import { sentence } from './sentence.ts';

/** What must not be. */
export interface GateOptions {
  failIf: Condition[];
  allowEmpty?: boolean;
  junit?: string;
}

/** Adds the options of a gate for pipelines. */
export function addGateOptions(command: Command): Command {
  return command
    .option(
      '--fail-if <condition>',
      'exit 3 if it holds, as "p05(mosLq)<3.6" or "count(one_way_media)>0"; may be repeated',
      condition,
      [],
    )
    .option('--allow-empty', 'let a condition pass that there is no data for')
    .option('--junit <file>', 'write what became of the conditions as JUnit XML');
}

function condition(text: string, before: Condition[]): Condition[] {
  const parsed = parseCondition(text, nearest);
  if (!parsed.ok) throw new InvalidArgumentError(sentence(parsed.message));
  return [...before, parsed.condition];
}

/** The gate of one replay. Its file is opened before captures are read, so that a wrong path is known at once. */
export class Gate {
  private readonly conditions: readonly Condition[];
  private readonly allowEmpty: boolean;
  private readonly junit: ReportFile | null;

  /** Throws `ReportFileError`. */
  constructor(command: Command, options: GateOptions) {
    const { failIf, allowEmpty, junit } = options;
    if (failIf.length === 0 && (junit !== undefined || allowEmpty !== undefined))
      command.error(`error: ${junit === undefined ? '--allow-empty' : '--junit'} needs --fail-if`, {
        exitCode: EXIT_USAGE,
      });
    this.conditions = failIf;
    this.allowEmpty = allowEmpty ?? false;
    this.junit = junit === undefined ? null : new ReportFile(junit);
  }

  /** Says what is broken, a line for each; true when nothing is. Throws `ReportFileError`. */
  judge(report: Report): boolean {
    if (this.conditions.length === 0) return true;
    const outcomes = evaluateGate(report, this.conditions, this.allowEmpty);
    this.junit?.write(junitXml(report, outcomes));
    this.junit?.finish();
    const broken = outcomes.filter((outcome) => outcome.broken);
    for (const outcome of broken) remark(`failed: ${outcomeLine(outcome)}`);
    const { verdict, reasons } = report.capture.trust;
    if (verdict !== 'trusted') {
      const codes = [...new Set(reasons.map(({ code }) => code))].join(', ');
      remark(`the capture is ${verdict} (${codes}): what was judged may be its own`);
    }
    return broken.length === 0;
  }

  /** Leaves no half of a file behind. */
  discard(): void {
    this.junit?.discard();
  }
}

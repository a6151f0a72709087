import { type Command, InvalidArgumentError } from 'commander';
import { inputName } from '../capture/errors.ts';
import type { CaptureProblem } from '../capture/source.ts';
import { nearest } from '../config/nearest.ts';
import { type Condition, parseCondition } from '../report/gate/condition.ts';
import { evaluateGate } from '../report/gate/evaluate.ts';
import { junitXml, outcomeLine, type UnreadInput, unjudgedXml } from '../report/gate/outcome-text.ts';
import type { Report } from '../report/report.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { ReportFile, ReportFileError } from './html-output.ts';
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
  private written = false;

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

  /**
   * Says what is broken, a line for each; true when nothing is. Throws `ReportFileError`.
   *
   * @param unread inputs that were not read to their end
   */
  judge(report: Report, unread: readonly UnreadInput[]): boolean {
    if (this.conditions.length === 0) return true;
    const outcomes = evaluateGate(report, this.conditions, this.allowEmpty);
    this.write(junitXml(report, outcomes, unread));
    const broken = outcomes.filter((outcome) => outcome.broken);
    for (const outcome of broken) remark(`failed: ${outcomeLine(outcome)}`);
    const { verdict, reasons } = report.capture.trust;
    if (verdict !== 'trusted') {
      const codes = [...new Set(reasons.map(({ code }) => code))].join(', ');
      remark(`the capture is ${verdict} (${codes}): what was judged may be its own`);
    }
    return broken.length === 0;
  }

  /** Nothing will be judged: the file says so, since one of an earlier run would be taken for the outcome of this one. */
  fail(reason: string): void {
    if (this.written) return;
    try {
      this.write(unjudgedXml(this.conditions, reason));
    } catch (error) {
      // What was wrong before is what is to be said.
      if (!(error instanceof ReportFileError)) throw error;
    }
  }

  /** Leaves no half of a file behind. */
  discard(): void {
    this.junit?.discard();
  }

  private write(xml: string): void {
    this.written = true;
    this.junit?.write(xml);
    this.junit?.finish();
  }
}

/** What a report of the run says about the inputs that were not read to their end, by the names it has for them. */
export function unreadInputs(
  inputs: readonly { path: string }[],
  problems: readonly CaptureProblem[],
  names: readonly { path: string }[],
): UnreadInput[] {
  return inputs.flatMap(({ path }, i) => {
    const own = problems.filter((problem) => problem.path === path);
    if (own.length === 0 || inputs.findIndex((input) => input.path === path) < i) return [];
    const name = inputName(names[i]?.path ?? path);
    return [{ name, reasons: own.map(({ text }) => text.replace(inputName(path), name)) }];
  });
}

import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import { chooseEngine } from '../capture/live/choose.ts';
import { interfaceFacts } from '../capture/live/interface-facts.ts';
import { interfaceNames } from '../capture/live/interface-list.ts';
import { openLibc } from '../capture/live/libc.ts';
import { LiveCaptureError } from '../capture/live/live-source.ts';
import { machineFacts } from '../capture/live/machine-facts.ts';
import { capturePlatform } from '../capture/live/open-live.ts';
import type { EarshotConfig } from '../config/earshot-schema.ts';
import { engineOptions } from '../config/engine-options.ts';
import { type Check, type CheckState, worstOf } from '../doctor/check.ts';
import { interfaceChecks } from '../doctor/interface-checks.ts';
import { machineChecks } from '../doctor/machine-checks.ts';
import { trafficChecks } from '../doctor/traffic-checks.ts';
import type { Paint } from '../report/paint.ts';
import { configOrError } from './config-file.ts';
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts';
import { interfaceChoices, type LivePlan } from './live-plan.ts';
import { remark, writeOut } from './output.ts';
import { textStyle } from './text-style.ts';
import { watchTraffic } from './watch-traffic.ts';

interface DoctorOptions {
  config?: string;
  interface: string[];
  seconds: number;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  $ earshot doctor                      this machine, and the interfaces of earshot.yaml
  $ earshot doctor -i eth1              one interface, and a minute of its traffic
  $ earshot doctor -i eth1 --seconds 0  without looking at traffic

Exit codes: 0 it can capture, 1 something keeps it from that, 2 wrong usage.`;

/** Adds `earshot doctor`: can this machine capture, and what is wrong. */
export function addDoctorCommand(program: Command): void {
  const command: Command = program
    .command('doctor')
    .description('say whether this machine can capture, and what is wrong')
    .option('--config <file>', 'configuration; earshot.yaml or /etc/earshot/earshot.yaml otherwise')
    .option('-i, --interface <name>', 'interface to look at; may be repeated', each, [])
    .option('--seconds <n>', 'how long to look at its traffic; 0 not at all', seconds, 60)
    .option('--json', 'print what was found as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: DoctorOptions) => {
      const { config } = configOrError(command, options.config);
      const checks = await examine(config, options);
      const verdict = worstOf(checks);
      writeOut(options.json === true ? `${JSON.stringify({ verdict, checks }, null, 2)}\n` : inWords(checks));
      process.exitCode = verdict === 'problem' ? EXIT_FAILED : EXIT_DONE;
    });
}

function each(text: string, before: string[]): string[] {
  return [...before, text];
}

function seconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('expected seconds, such as 60.');
  return Number(text);
}

async function examine(config: EarshotConfig, options: DoctorOptions): Promise<Check[]> {
  const platform = capturePlatform();
  const libc = process.platform === 'linux' ? openLibc() : null;
  const machine = machineChecks(machineFacts(libc), platform, chooseEngine('auto', platform));
  const names = interfaceNames();
  const interfaces = interfaceChoices(config, options.interface);
  const asked = interfaces.flatMap(({ name }) => interfaceChecks(interfaceFacts(name, libc), names));
  const before = [...machine, ...asked];
  if (interfaces.length === 0) {
    const text = `no interface to look at; there are ${names.join(', ')}`;
    const remedy = 'earshot doctor -i NAME, or interfaces in earshot.yaml';
    return [...before, { about: 'traffic', code: 'interface', state: 'unknown', text, remedy }];
  }
  if (options.seconds === 0 || worstOf(before) === 'problem') return before;
  const plan: LivePlan = {
    sources: { interfaces, hep: [], pipe: false },
    engine: engineOptions(config),
    keylog: config.tls.keylog,
  };
  return [...before, ...(await ofTraffic(plan, options.seconds))];
}

async function ofTraffic(plan: LivePlan, wanted: number): Promise<Check[]> {
  remark(`looking at ${wanted} s of traffic ...`);
  try {
    return trafficChecks(await watchTraffic(plan, wanted));
  } catch (error) {
    if (!(error instanceof LiveCaptureError)) throw error;
    return [{ about: 'traffic', code: 'capture', state: 'problem', text: error.message, remedy: null }];
  }
}

const MARKS: Readonly<Record<CheckState, { word: string; tone: keyof Paint }>> = {
  ok: { word: 'ok', tone: 'green' },
  warning: { word: 'warning', tone: 'yellow' },
  problem: { word: 'PROBLEM', tone: 'red' },
  unknown: { word: 'unknown', tone: 'dim' },
};

function inWords(checks: readonly Check[]): string {
  const paint = textStyle().paint!;
  const lines: string[] = [];
  let about = '';
  for (const check of checks) {
    if (check.about !== about) lines.push(paint.bold(check.about));
    about = check.about;
    const { word, tone } = MARKS[check.state];
    lines.push(`  ${paint[tone](word.padEnd(8))} ${check.text}`);
    if (check.remedy !== null && check.state !== 'ok') lines.push(`           -> ${check.remedy}`);
  }
  return `${lines.join('\n')}\n`;
}

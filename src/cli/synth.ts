import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { CaptureError, unreadable } from '../capture/errors.ts';
import { buildScenario } from '../synth/build.ts';
import { type LoadSpec, type LoadTruth, writeLoad } from '../synth/load.ts';
import { presetList, presetScenario } from '../synth/presets.ts';
import type { CallSpec, Scenario, StreamSpec, Transport } from '../synth/scenario.ts';
import type { Truth } from '../synth/truth.ts';
import { checkScenario, ScenarioError } from '../synth/validate.ts';
import { ReaderGone, writeOut } from './output.ts';

interface SynthOptions {
  output?: string;
  scenario?: string;
  preset?: string;
  load?: string;
  truth?: string;
  seed?: string;
  codec?: string;
  calls?: string;
  duration?: string;
  loss?: string;
  jitter?: string;
  ipv6?: boolean;
  vlan?: string[];
  transport?: Transport;
  hep?: boolean;
  keylog?: string;
  nanoseconds?: boolean;
  json?: boolean;
}

const NOT_WITH_LOAD = [
  'calls',
  'duration',
  'ipv6',
  'vlan',
  'transport',
  'hep',
  'keylog',
  'nanoseconds',
] as const;

/** Wrong usage: exit code 2. */
class UsageError extends Error {}

/** Adds `earshot synth`, which writes a capture with known impairments and the truth about it. */
export function addSynthCommand(program: Command): void {
  const command: Command = program
    .command('synth')
    .description('make a capture with known impairments, and the truth about it')
    .option(
      '-o, --output <file>',
      'pcap to write (pcapng where it holds TLS secrets or counts drops), - for standard output',
    )
    .option('--scenario <file>', 'JSON description of the calls')
    .option('--preset <name>', 'a ready-made scenario, see below')
    .option('--load <calls>x<seconds>', 'many equal calls at once, such as 1000x60')
    .option('--truth <file>', 'write the truth as JSON')
    .option('--seed <n>', 'same seed, same bytes (default 1, or as in the scenario)')
    .option('--codec <name>', 'codec of all calls')
    .option('--calls <n>', 'number of calls')
    .option('--duration <seconds>', 'answer to BYE')
    .option('--loss <percent>', 'random loss both ways, such as 5%')
    .option('--jitter <ms>', 'uniform jitter both ways')
    .option('--ipv6', 'IPv6 addresses')
    .option('--vlan <ids...>', 'VLAN tags, outermost first')
    .addOption(
      new Option('--transport <name>', 'transport of SIP').choices(['udp', 'tcp', 'ws', 'tls', 'wss']),
    )
    .option('--keylog <file>', 'write TLS secrets there (SSLKEYLOGFILE), not into the capture')
    .option('--hep', 'what a capture agent tells a collector (HEP3), not the packets themselves')
    .option('--nanoseconds', 'nanosecond timestamps')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', helpText())
    .action((options: SynthOptions) => {
      try {
        const { output } = options;
        if (output === undefined) throw new UsageError('-o FILE is missing: say where the capture goes');
        print(run(options, output), output, options.json ?? false);
      } catch (error) {
        report(command, error);
      }
    });
}

function helpText(): string {
  const width = Math.max(...presetList().map(({ name }) => name.length));
  const presets = presetList().map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
  return `
Presets:
${presets.join('\n')}

Examples:
  $ earshot synth --preset demo -o demo.pcap --truth demo.truth.json
  $ earshot synth --codec G729 --calls 5 --duration 30 --loss 5% --jitter 20 -o bad.pcap
  $ earshot synth --transport tls --calls 3 -o encrypted.pcapng
  $ earshot synth --load 1000x60 --codec PCMA -o big.pcap`;
}

function report(command: Command, error: unknown): void {
  if (!(error instanceof Error)) throw error;
  if ('code' in error && error.code === 'EPIPE') throw new ReaderGone('the reader of the capture is gone');
  const isIo = error instanceof CaptureError || 'syscall' in error;
  if (!isIo && !(error instanceof UsageError) && !(error instanceof ScenarioError)) throw error;
  command.error(`error: ${error.message}`, { exitCode: isIo ? 1 : 2 });
}

function run(options: SynthOptions, output: string): Truth | LoadTruth {
  const sources = [options.scenario, options.preset, options.load].filter((source) => source !== undefined);
  if (sources.length > 1) throw new UsageError('--scenario, --preset and --load exclude each other');
  const truth =
    options.load === undefined ? runScenario(options, output) : runLoad(options, options.load, output);
  if (options.truth !== undefined) writeFileSync(options.truth, `${JSON.stringify(truth, null, 2)}\n`);
  return truth;
}

function runScenario(options: SynthOptions, output: string): Truth {
  const secrets = options.keylog === undefined ? 'inside' : 'beside';
  const { pcap, truth, keyLog } = buildScenario(chosenScenario(options), { secrets });
  if (output === '-') writeOut(pcap);
  else writeFileSync(output, pcap);
  if (options.keylog !== undefined) writeFileSync(options.keylog, keyLog);
  return truth;
}

function runLoad(options: SynthOptions, size: string, output: string): LoadTruth {
  const match = /^(\d+)x(\d+(?:\.\d+)?)$/.exec(size);
  if (match === null) throw new UsageError(`--load must be CALLSxSECONDS such as 1000x60, got "${size}"`);
  for (const name of NOT_WITH_LOAD) {
    if (options[name] !== undefined) throw new UsageError(`--${name} does not go with --load`);
  }
  const load: LoadSpec = { calls: Number(match[1]), durationS: Number(match[2]) };
  if (options.codec !== undefined) load.codec = options.codec;
  if (options.seed !== undefined) load.seed = numberOption('--seed', options.seed);
  if (options.loss !== undefined) load.lossRatio = lossRatio(options.loss);
  if (options.jitter !== undefined) load.jitterMs = numberOption('--jitter', options.jitter);
  return writeLoad(load, output === '-' ? writeOut : output);
}

/** The scenario of the file or preset, else one call, with the quick options laid over it. */
function chosenScenario(options: SynthOptions): Scenario {
  const seed = options.seed === undefined ? undefined : numberOption('--seed', options.seed);
  const scenario = baseScenario(options, seed);
  if (seed !== undefined) scenario.seed = seed;
  if (options.ipv6) scenario.ipv6 = true;
  if (options.hep) scenario.hep = true;
  if (options.nanoseconds) scenario.nanoseconds = true;
  if (options.vlan !== undefined) scenario.vlans = options.vlan.map((id) => numberOption('--vlan', id));
  if (options.calls !== undefined) {
    const count = numberOption('--calls', options.calls);
    if (options.scenario !== undefined || options.preset !== undefined) {
      throw new UsageError('--calls does not go with --scenario or --preset');
    }
    if (!Number.isInteger(count) || count < 1 || count > 10_000) {
      throw new UsageError(
        `--calls must be a whole number from 1 to 10000, got ${options.calls} (more: --load)`,
      );
    }
    scenario.calls = Array.from({ length: count }, () => ({}));
  }
  for (const call of scenario.calls) applyToCall(call, options);
  return scenario;
}

function baseScenario(options: SynthOptions, seed: number | undefined): Scenario {
  if (options.preset !== undefined) {
    const scenario = presetScenario(options.preset, seed ?? 1);
    if (scenario === undefined) {
      const names = presetList().map(({ name }) => name);
      throw new UsageError(`--preset must be one of ${names.join(', ')}, got "${options.preset}"`);
    }
    return scenario;
  }
  if (options.scenario === undefined) return { seed: seed ?? 1, calls: [{}] };
  const text = scenarioText(options.scenario);
  try {
    return checkScenario(JSON.parse(text));
  } catch (error) {
    if (error instanceof ScenarioError) throw new UsageError(`${options.scenario}: ${error.message}`);
    if (error instanceof SyntaxError)
      throw new UsageError(`${options.scenario}: is not JSON: ${error.message}`);
    throw error;
  }
}

function scenarioText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function applyToCall(call: CallSpec, options: SynthOptions): void {
  if (options.codec !== undefined) call.codec = options.codec;
  if (options.transport !== undefined) call.transport = options.transport;
  if (options.duration !== undefined) call.durationMs = numberOption('--duration', options.duration) * 1000;
  const impairment: StreamSpec = {};
  if (options.loss !== undefined) impairment.loss = { kind: 'random', ratio: lossRatio(options.loss) };
  if (options.jitter !== undefined) {
    impairment.jitter = { kind: 'uniform', maxMs: numberOption('--jitter', options.jitter) };
  }
  if (Object.keys(impairment).length === 0) return;
  for (const way of ['callerToCallee', 'calleeToCaller'] as const) {
    // What has no media gets none: calls without answer, ways that are null.
    const answered = ['answered', 'open', 'none', 'midcall'].includes(call.outcome ?? 'answered');
    if (call[way] !== null && (answered || call[way] !== undefined))
      call[way] = { ...call[way], ...impairment };
  }
}

/** "5%" and "5" are both 5 percent. */
function lossRatio(text: string): number {
  const percent = numberOption('--loss', text.replace(/%$/, ''));
  if (percent < 0 || percent > 100) throw new UsageError(`--loss must be from 0 to 100 percent, got ${text}`);
  return percent / 100;
}

function numberOption(name: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`${name} must be a number, got "${text}"`);
  return value;
}

/** The summary; on standard error when the capture itself goes to standard output. */
function print(truth: Truth | LoadTruth, output: string, json: boolean): void {
  const stream = output === '-' ? process.stderr : process.stdout;
  const summary = 'load' in truth ? loadSummary(truth) : scenarioSummary(truth);
  if (json) {
    stream.write(`${JSON.stringify({ file: output, ...summary }, null, 2)}\n`);
    return;
  }
  const { packets, calls, streams, rtp, lost } = summary;
  stream.write(
    `${output}: ${packets} packets, ${calls} calls, ${streams} streams, ${rtp} RTP, ${lost} lost\n`,
  );
}

interface Summary {
  seed: number;
  packets: number;
  calls: number;
  streams: number;
  sip: number;
  rtp: number;
  expected: number;
  lost: number;
  startTime: string | null;
  endTime: string | null;
}

function scenarioSummary(truth: Truth): Summary {
  const { packets, sip, rtp, startTime, endTime } = truth.capture;
  const sum = (key: 'expected' | 'lost'): number =>
    truth.streams.reduce((total, stream) => total + stream[key], 0);
  return {
    seed: truth.seed,
    packets,
    calls: truth.calls.length,
    streams: truth.streams.length,
    sip,
    rtp,
    expected: sum('expected'),
    lost: sum('lost'),
    startTime,
    endTime,
  };
}

function loadSummary(truth: LoadTruth): Summary {
  const { packets, calls, streams, sip, rtp, expected, lost, startTime, endTime } = truth;
  return { seed: truth.load.seed, packets, calls, streams, sip, rtp, expected, lost, startTime, endTime };
}

import { Command, CommanderError } from 'commander';
import { neutralised } from '../report/wire-text.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { ReaderGone, remark, writeOut } from './output.ts';
import { tool } from './tool.ts';

type AddCommand = (program: Command) => void;

/** The commands by name. Each is loaded only when it is asked for: a replay should not wait for the generator. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  live: async () => (await import('./live.ts')).addLiveCommand,
  replay: async () => (await import('./replay.ts')).addReplayCommand,
  compare: async () => (await import('./compare.ts')).addCompareCommand,
  calls: async () => (await import('./calls.ts')).addCallsCommand,
  hold: async () => (await import('./hold.ts')).addHoldCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  config: async () => (await import('./config.ts')).addConfigCommand,
  slice: async () => (await import('./slice.ts')).addSliceCommand,
  rules: async () => (await import('./rules.ts')).addRulesCommand,
  synth: async () => (await import('./synth.ts')).addSynthCommand,
};

/**
 * Builds the command tree, with one command when its name is given and with all of them (for help) otherwise.
 * Commander's own exits become exceptions, so that the exit codes are ours.
 */
export async function createProgram(name?: string): Promise<Command> {
  const program = new Command('earshot')
    .description('Passive voice-quality probe: which calls were bad, how bad, and why')
    .version(tool.version)
    .exitOverride()
    .configureOutput({ writeOut, outputError: (text, write) => write(oneLine(text)) });
  const named = name === undefined ? undefined : COMMANDS[name];
  for (const load of named === undefined ? Object.values(COMMANDS) : [named]) (await load())(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

/** Commander's errors in our form: one line, who says it, what is wrong. */
function oneLine(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ');
  return `earshot: ${neutralised(line)}\n`;
}

/** Runs one command line; sets the exit code and never throws. */
export async function run(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that went away; written synchronously, the same is `ReaderGone`.
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    const program = await createProgram(argv[2]);
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ReaderGone) return EXIT_DONE;
  if (error instanceof CommanderError) {
    // Commander has printed its line already. It says 1 for wrong usage; our own errors carry their code.
    if (error.exitCode === 0) return EXIT_DONE;
    return error.code === 'commander.error' ? error.exitCode : EXIT_USAGE;
  }
  const message = error instanceof Error ? error.message : String(error);
  remark(message);
  if (process.env.EARSHOT_DEBUG !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return EXIT_FAILED;
}

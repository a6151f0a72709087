import { Command, CommanderError } from 'commander';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { ReaderGone } from './output.ts';
import { addReplayCommand } from './replay.ts';
import { addSynthCommand } from './synth.ts';
import { tool } from './tool.ts';

/** Builds the command tree. Commander's own exits become exceptions, so that the exit codes are ours. */
export function createProgram(): Command {
  const program = new Command('earshot')
    .description('Passive voice-quality probe: which calls were bad, how bad, and why')
    .version(tool.version)
    .showHelpAfterError('(--help shows the options)')
    .exitOverride();
  addReplayCommand(program);
  addSynthCommand(program);
  for (const command of program.commands)
    command.exitOverride().showHelpAfterError('(--help shows the options)');
  return program;
}

/** Runs one command line; sets the exit code and never throws. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv]);
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
  process.stderr.write(`earshot: ${message}\n`);
  if (process.env.EARSHOT_DEBUG !== undefined && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return EXIT_FAILED;
}

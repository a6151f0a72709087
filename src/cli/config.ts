import process from 'node:process';
import type { Command } from 'commander';
import { EARSHOT_SCHEMA } from '../config/earshot-schema.ts';
import { jsonSchema } from '../config/json-schema.ts';
import { printConfig, printDefaults, withoutSecrets } from '../config/print.ts';
import { ConfigError } from '../config/problem.ts';
import { CONFIG_PLACES, configOrError, loadConfig } from './config-file.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { writeOut } from './output.ts';

/** Adds `earshot config`: check, print, schema. */
export function addConfigCommand(program: Command): void {
  const config = program
    .command('config')
    .description('check and print the configuration of the live probe')
    .addHelpText(
      'after',
      `
Without a file, the first of ${CONFIG_PLACES.join(' and ')} that exists is taken.

Examples:
  earshot config print --defaults > earshot.yaml
  earshot config check earshot.yaml`,
    );
  const check = config
    .command('check')
    .argument('[file]')
    .description('say everything that is wrong with a configuration; exit status 2 when something is')
    .option('--json', 'print the problems as JSON')
    .action((file: string | undefined, options: { json?: boolean }) =>
      runCheck(check, file, options.json === true),
    );
  const print = config
    .command('print')
    .argument('[file]')
    .description('print what would be in force, every setting with what it means; secrets are not shown')
    .option('--defaults', 'a file with all defaults, to begin with')
    .option('--json', 'print it as JSON')
    .action((file: string | undefined, options: { defaults?: boolean; json?: boolean }) => {
      if (options.defaults === true) writeOut(printDefaults(EARSHOT_SCHEMA));
      else {
        const loaded = configOrError(print, file);
        const text = printConfig(EARSHOT_SCHEMA, loaded.config);
        writeOut(
          options.json === true
            ? `${JSON.stringify(withoutSecrets(EARSHOT_SCHEMA, loaded.config), null, 2)}\n`
            : text,
        );
      }
    });
  config
    .command('schema')
    .description('print a JSON Schema of the configuration, for editors')
    .action(() => writeOut(`${JSON.stringify(jsonSchema(EARSHOT_SCHEMA), null, 2)}\n`));
}

function runCheck(command: Command, file: string | undefined, json: boolean): void {
  if (!json) {
    const { file: found } = configOrError(command, file);
    writeOut(`${found ?? `no ${CONFIG_PLACES.join(' or ')}: the defaults`}: valid\n`);
    return;
  }
  try {
    writeOut(`${JSON.stringify({ file: loadConfig(file, process.env).file, problems: [] })}\n`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    writeOut(`${JSON.stringify({ file: file ?? null, problems: error.problems })}\n`);
    process.exitCode = EXIT_USAGE;
  }
}

import { basename, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import { ConfigError } from '../config/problem.ts';
import { type Filter, parseFilter } from '../report/filter.ts';
import { ReportStorageError } from '../report/text-log.ts';
import { captureInputs } from './capture-inputs.ts';
import { EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { canReadAgain } from './html-evidence.ts';
import { ReportFileError } from './html-output.ts';
import { wrongFile } from './named-file.ts';
import { addPointOption, type PointOptions } from './point-option.ts';
import { addPrivacyOptions, type PrivacyOptions } from './privacy-options.ts';
import { type ReportSettings, reportSettings } from './report-places.ts';
import { settlePlaces } from './search-options.ts';
import { runSlice, SliceError } from './slice-run.ts';

export interface SliceOptions extends PrivacyOptions, PointOptions {
  output?: string;
  call: string[];
  worst?: number;
  filter?: Filter;
  payload?: boolean;
  keylog?: string;
  keylogBlocks?: boolean;
  hepKeyFile?: string;
}

const EXAMPLES = `
Without --payload nothing that was said is copied: SIP and RTCP are whole, of RTP and T.38 there are the headers (no telephone
events either: they are PINs; keys in SIP INFO become x). The other legs of a conversation are copied with the one asked for; findings stand as comments
at the packets they are about (in Wireshark: frame.comment). Without --call, --worst and --filter all captures are merged by time.

Examples:
  $ earshot slice incident.pcap --call c4 -o call.pcapng
  $ earshot slice incident.pcap --call 3848276298220188511@atlanta.example.com --payload -o call.pcapng
  $ earshot slice /var/lib/earshot/packets --filter +4930123456 -o calls.pcapng
  $ earshot slice incident.pcap --config earshot.yaml --filter trunk=carrier-a --point fra-1 -o calls.pcapng
  $ earshot slice monday.pcapng tuesday.pcapng --worst 5 -o worst.pcapng
  $ earshot slice inside.pcap outside.pcap -o merged.pcapng
  $ earshot slice incident.pcap --call c4 --pseudonymise=addresses --pseudonym-key-file key.txt -o call.pcapng
  $ earshot slice incident.pcap --call c4 --provider 203.0.113.0/24 -o for-the-carrier.pcapng
  $ earshot slice encrypted.pcapng --keylog sslkeys.txt --keylog-blocks --call c1 -o readable.pcapng

Exit codes: 0 done, 1 an input could not be read (to its end), there is no such call, or the slice could not be written,
2 wrong usage.`;

/** Adds `earshot slice`, which cuts calls out of captures, and merges captures. */
export function addSliceCommand(program: Command): void {
  const command: Command = program.command('slice');
  addPointOption(addPrivacyOptions(command))
    .description('cut calls out of captures, without what was said; or merge captures')
    .argument('<input...>', 'pcap or pcapng, or a directory of them (of earshot live --keep)')
    .option('-o, --output <file>', 'pcapng to write, - for standard output')
    .option(
      '--call <id>',
      'a call: its id (c3), Call-ID or the beginning of it; may be repeated',
      collected,
      [],
    )
    .option('--worst <n>', 'the worst calls', positive)
    .option(
      '--filter <text>',
      'calls with this address, network, Call-ID, party, site=NAME or trunk=NAME in them',
      filter,
    )
    .option('--config <file>', 'earshot.yaml, for the sites and trunks of --filter')
    .option('--payload', 'copy what was said, too: whoever has the slice can listen to it')
    .option('--keylog <file>', 'TLS secrets (SSLKEYLOGFILE) to read SIP over TLS and WSS with')
    .option('--keylog-blocks', 'write the TLS secrets of the calls into the slice; otherwise none are')
    .option('--hep-key-file <file>', 'the key that HEP inside the captures must carry')
    .addHelpText('after', EXAMPLES)
    .action((paths: string[], options: SliceOptions) => {
      try {
        refuseContradictions(command, options);
        const output = outputOf(command, options);
        const files = inputsOf(command, paths, output);
        const settings = settingsOf(options);
        settlePlaces(command, options, settings);
        process.exitCode = runSlice(files, output, options, settings);
      } catch (error) {
        if (error instanceof ConfigError) wrongFile(command, error);
        if (!isOfFiles(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: EXIT_FAILED });
      }
    });
}

function settingsOf({ config }: SliceOptions): ReportSettings | null {
  return config === undefined ? null : reportSettings(config, process.env);
}

function collected(text: string, known: string[]): string[] {
  return [...known, text];
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 up.');
  return Number(text);
}

function filter(text: string): Filter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new InvalidArgumentError(`${parsed.message}.`);
  return parsed.filter;
}

/** A voice tells who speaks, and secrets open what the names stand in. */
function refuseContradictions(command: Command, options: SliceOptions): void {
  if (options.pseudonymise === undefined) return;
  const other =
    options.payload === true ? '--payload' : options.keylogBlocks === true ? '--keylog-blocks' : null;
  if (other !== null)
    command.error(`error: --pseudonymise and ${other} exclude each other: that would tell who they are`, {
      exitCode: EXIT_USAGE,
    });
}

function outputOf(command: Command, { output }: SliceOptions): string {
  if (output === undefined)
    command.error('error: -o FILE is missing: say where the slice goes, for example -o call.pcapng', {
      exitCode: EXIT_USAGE,
    });
  if (output === '-' && process.stdout.isTTY === true)
    command.error('error: standard output is a terminal; give -o a file', { exitCode: EXIT_USAGE });
  return output;
}

function inputsOf(command: Command, paths: readonly string[], output: string): string[] {
  const files = captureInputs(paths);
  if (output !== '-' && files.some((file) => resolve(file) === resolve(output)))
    command.error(`error: -o: ${basename(output)} is one of the captures`, { exitCode: EXIT_USAGE });
  const gone = files.find((file) => file === '-' || !canReadAgain([file]));
  if (gone === '-')
    command.error('error: captures are read more than once; write standard input to a file first', {
      exitCode: EXIT_USAGE,
    });
  return files;
}

/** Errors that say all there is to say in one line. */
function isOfFiles(error: unknown): error is Error {
  return (
    error instanceof CaptureError ||
    error instanceof ReportStorageError ||
    error instanceof ReportFileError ||
    error instanceof SliceError
  );
}

import { statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { type Command, InvalidArgumentError } from 'commander';
import type { TimeZone } from '../report/search/time-zone.ts';
import { HOLD_NAME, type Hold } from '../store/hold.ts';
import { markHold, releaseHold, remarkHold } from '../store/hold-marks.ts';
import { configOrError } from './config-file.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { exportHold } from './hold-export.ts';
import { exportLines, holdLines, mib, reportedHold, verifiedLines } from './hold-lines.ts';
import { orError, userName } from './hold-run.ts';
import { holdSpan } from './hold-span.ts';
import { gatherHeld, type HeldState, type HoldPlace, heldStates, segmentsOf } from './hold-state.ts';
import { verifyExport } from './hold-verify.ts';
import { duration } from './live-options.ts';
import { remark, writeOut } from './output.ts';
import { timeZone } from './search-values.ts';

const EXAMPLES = `
What is held is in no danger of rotation, and a probe needs neither a restart nor to be asked. It is released by hand only.

Examples:
  $ earshot hold add ticket-4711 --at 13:50..14:20 --reason "one-way audio, Berlin" --who "Anna, NOC"
  $ earshot hold add outage --last 30m --until-released --reason "trunk flaps" --max-mib 20000
  $ earshot hold list
  $ earshot hold end outage
  $ earshot hold export ticket-4711 -o /media/stick/ticket-4711
  $ earshot hold verify /media/stick/ticket-4711
  $ earshot hold release ticket-4711

Exit codes: 0 done, 1 there is no such hold, something could not be read or written, or a folder is not as it was exported,
2 wrong usage. See docs/holding-evidence.md.`;

const LIMIT_MIB = 4096;

interface PlaceOptions {
  config?: string;
  keepIn?: string;
  history?: string;
  keepBadIn?: string;
  json?: boolean;
}

interface AddOptions extends PlaceOptions {
  at?: string;
  timeZone?: TimeZone;
  last?: number;
  untilReleased?: boolean;
  reason: string;
  who?: string;
  maxMib: number;
}

/** Adds `earshot hold`: what a probe keeps is to stay, and to be handed over. */
export function addHoldCommand(program: Command): void {
  const holds = program
    .command('hold')
    .description('keep what a live probe has kept from going, and hand it over')
    .addHelpText('after', EXAMPLES);
  addAdd(holds);
  addList(holds);
  addEnd(holds);
  addExport(holds);
  addVerify(holds);
  addRelease(holds);
}

function placed(holds: Command, name: string): Command {
  return holds
    .command(name)
    .option('--config <file>', 'configuration; earshot.yaml or /etc/earshot/earshot.yaml otherwise')
    .option('--keep-in <dir>', 'where packets are kept, as in "earshot live"')
    .option('--history <dir>', 'where the history is kept, as in "earshot live"')
    .option('--keep-bad-in <dir>', 'where bad calls are saved, as in "earshot live"')
    .option('--json', 'print the outcome as JSON');
}

function addAdd(holds: Command): void {
  const command: Command = placed(holds, 'add')
    .description('hold what was kept, or will be')
    .argument('<name>', 'a name for it, such as the number of a ticket', holdName)
    .requiredOption('--reason <text>', 'why', words)
    .option('--at <time>', 'what was kept then: 13:50..14:20, 2026-03-02T14:05, ~14:05')
    .option('--time-zone <zone>', 'zone of --at: +02:00, Europe/Berlin or local; UTC if absent', timeZone)
    .option('--last <duration>', 'the last of it: 30m, 2h', duration)
    .option('--until-released', 'and all that comes, until "hold end" or "hold release"')
    .option('--who <text>', 'who wants it; the name of the user if absent', words)
    .option('--max-mib <n>', 'of packets, as much of the history and of bad calls', mibs, LIMIT_MIB)
    .action((name: string, options: AddOptions) => orError(command, () => add(command, name, options)));
}

async function add(command: Command, name: string, options: AddOptions): Promise<void> {
  const nowUs = Date.now() * 1000;
  const span = holdSpan(command, options, nowUs);
  const { places, probe } = placesOf(command, options);
  const { reason, who = userName(), maxMib } = options;
  const hold: Hold = { name, reason, who, madeUs: nowUs, ...span, maxBytes: maxMib * 2 ** 20, probe };
  // Nothing is marked where another place cannot be.
  for (const { directory, kind } of places) segmentsOf(directory, kind);
  const marked: string[] = [];
  try {
    for (const directory of directoriesOf(places)) {
      await markHold(directory, hold);
      marked.push(directory);
    }
  } catch (error) {
    for (const directory of marked) await releaseHold(directory, name);
    throw error;
  }
  await gatherHeld(await stateOf(command, places, name));
  for (const directory of directoriesOf(places)) warnOfDisk(directory, hold);
  const state = await stateOf(command, places, name);
  writeOut(options.json === true ? jsonOf(reportedHold(state)) : holdLines(state));
  process.exitCode = EXIT_DONE;
}

function addList(holds: Command): void {
  const command: Command = placed(holds, 'list')
    .description('say what is held, by whom, why, and what of it is missing')
    .action((options: PlaceOptions) =>
      orError(command, async () => {
        const { places } = placesOf(command, options);
        const states = await heldStates(places, Date.now() * 1000);
        if (options.json === true) writeOut(jsonOf({ holds: states.map(reportedHold) }));
        else writeOut(states.length === 0 ? 'nothing is held\n' : states.map(holdLines).join('\n'));
        process.exitCode = EXIT_DONE;
      }),
    );
}

function addEnd(holds: Command): void {
  const command: Command = placed(holds, 'end')
    .description('hold no more than there is by now; what is held stays')
    .argument('<name>', 'a hold', holdName)
    .action((name: string, options: PlaceOptions) =>
      orError(command, async () => {
        const { places } = placesOf(command, options);
        const nowUs = Date.now() * 1000;
        const { parts } = await stateOf(command, places, name);
        for (const { directory, standing } of parts) {
          const { hold, path } = standing;
          if (hold !== null && (hold.toUs === null || hold.toUs > nowUs))
            await remarkHold(directory, path, { ...hold, toUs: Math.max(nowUs, hold.fromUs) });
        }
        await gatherHeld(await stateOf(command, places, name));
        const state = await stateOf(command, places, name);
        writeOut(options.json === true ? jsonOf(reportedHold(state)) : holdLines(state));
        process.exitCode = EXIT_DONE;
      }),
    );
}

function addExport(holds: Command): void {
  const command: Command = placed(holds, 'export')
    .description('copy what is held into a folder to hand over, with checksums')
    .argument('<name>', 'a hold', holdName)
    .requiredOption('-o, --output <dir>', 'folder to make')
    .option('--who <text>', 'who exports it; the name of the user if absent', words)
    .action((name: string, options: PlaceOptions & { output: string; who?: string }) =>
      orError(command, async () => {
        const { places } = placesOf(command, options);
        await gatherHeld(await stateOf(command, places, name));
        const state = await stateOf(command, places, name);
        const by = { who: options.who ?? userName(), nowUs: Date.now() * 1000 };
        const { account, sumsSha256 } = await exportHold(state, options.output, by);
        const path = options.output;
        if (options.json === true) writeOut(jsonOf({ path, sumsSha256, account }));
        else writeOut(exportLines(path, account, sumsSha256));
        process.exitCode = EXIT_DONE;
      }),
    );
}

function addVerify(holds: Command): void {
  const command: Command = holds
    .command('verify')
    .description('say whether an exported folder is as it was')
    .argument('<dir>', 'what "hold export" made')
    .option('--sum <sha256>', 'SHA-256 of its SHA256SUMS, as "hold export" printed it', sha256)
    .option('--json', 'print the outcome as JSON')
    .action((path: string, options: { sum?: string; json?: boolean }) =>
      orError(command, () => {
        const verified = verifyExport(path, options.sum ?? null);
        writeOut(options.json === true ? jsonOf(verified) : verifiedLines(verified));
        process.exitCode = verified.whole ? EXIT_DONE : EXIT_FAILED;
      }),
    );
}

function addRelease(holds: Command): void {
  const command: Command = placed(holds, 'release')
    .description('hold it no longer: what has left the rotation is removed, the rest goes when it is due')
    .argument('<name>', 'a hold', holdName)
    .action((name: string, options: PlaceOptions) =>
      orError(command, async () => {
        const { places } = placesOf(command, options);
        const state = await stateOf(command, places, name);
        for (const directory of directoriesOf(state.parts)) await releaseHold(directory, name);
        const bytes = state.parts.reduce((sum, part) => sum + part.bytes, 0);
        if (options.json === true) writeOut(jsonOf({ released: reportedHold(state) }));
        else writeOut(`${name} is released: ${mib(bytes)} are held no longer\n`);
        process.exitCode = EXIT_DONE;
      }),
    );
}

/** Where the probe keeps things; or an end where nobody says. */
function placesOf(command: Command, options: PlaceOptions): { places: HoldPlace[]; probe: string | null } {
  const { config } = configOrError(command, options.config);
  const packets = options.keepIn ?? config.keep.directory;
  const history = options.history ?? config.history.directory;
  const places: HoldPlace[] = [];
  if (packets !== null) places.push({ kind: 'pcapng', directory: packets });
  if (history !== null) places.push({ kind: 'ndjson', directory: history });
  const calls = options.keepBadIn ?? config.keep.badCalls.directory;
  if (calls !== null) places.push({ kind: 'calls', directory: calls });
  if (places.length === 0)
    command.error(
      'error: nothing says where the probe keeps anything; give --config, --keep-in or --history',
      {
        exitCode: EXIT_USAGE,
      },
    );
  return { places, probe: config.probe.name };
}

/** Each of them once: packets and history may lie together, and then share a hold. */
function directoriesOf(places: readonly HoldPlace[]): string[] {
  return [...new Set(places.map(({ directory }) => resolve(directory)))];
}

async function stateOf(command: Command, places: readonly HoldPlace[], name: string): Promise<HeldState> {
  const states = await heldStates(places, Date.now() * 1000);
  const state = states.find((each) => each.name === name);
  if (state !== undefined) return state;
  const known =
    states.length === 0 ? 'nothing is held' : `there are ${states.map((each) => each.name).join(', ')}`;
  return command.error(`error: no hold "${name}"; ${known}`, { exitCode: EXIT_FAILED });
}

/** Who holds more than the disk has should know what gives way. */
function warnOfDisk(directory: string, { maxBytes }: Hold): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < maxBytes)
    remark(
      `${directory}: the hold may take ${mib(maxBytes)}, ${mib(bavail * bsize)} are free; on a full disk new packets and records are lost, held ones are not`,
    );
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function holdName(text: string): string {
  if (HOLD_NAME.test(text)) return text;
  throw new InvalidArgumentError('expected 1 to 64 letters, digits, and . _ - behind the first.');
}

function words(text: string): string {
  if (/^(?=.*\S)[^\p{C}]{1,500}$/u.test(text)) return text.trim();
  throw new InvalidArgumentError('expected up to 500 printable characters.');
}

function mibs(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected MiB from 1 up.');
}

function sha256(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('expected 64 hexadecimal digits.');
}

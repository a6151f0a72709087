import { type Command, InvalidArgumentError } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import { linkTypeName } from '../capture/link-types.ts';
import { openCaptures } from '../capture/open.ts';
import type { CaptureSource } from '../capture/source.ts';
import { Engine } from '../engine/engine.ts';
import { isCodecRow, MODEL_NAMES, type PlayoutModelName } from '../engine/scoring.ts';
import type { Thresholds } from '../engine/thresholds.ts';
import { captureFindings, type SourceAccount, trustOf } from '../engine/trust.ts';
import type { CaptureRecord } from '../records/types.ts';
import { renderCall } from '../report/call-view.ts';
import { type Filter, parseFilter } from '../report/filter.ts';
import { holdBackForDrops } from '../report/hold-back.ts';
import { jsonChunks } from '../report/json.ts';
import { COLOURED, PLAIN, type TextStyle } from '../report/paint.ts';
import { RecordStore } from '../report/record-store.ts';
import type { Report } from '../report/report.ts';
import { type Criteria, findCall, select } from '../report/selection.ts';
import { renderTable } from '../report/table.ts';
import { ReportStorageError } from '../report/text-log.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { keepLargeHeapFromDoubling } from './heap.ts';
import { inflate } from './inflate.ts';
import { writeOut } from './output.ts';
import { Progress } from './progress.ts';
import { readKeyLog } from './read-key-log.ts';
import { threshold } from './threshold-option.ts';
import { nodeCrypto } from './tls-crypto.ts';
import { tool } from './tool.ts';

interface ReplayOptions {
  json?: boolean;
  call?: string;
  worst?: number;
  filter?: Filter;
  keylog?: string;
  assumedDelay: number | null;
  plc: boolean;
  plcOf: Record<string, boolean>;
  showDigits?: boolean;
  playout: PlayoutModelName;
  badR: number;
  payload: boolean;
  threshold: Partial<Thresholds>;
}

const EXAMPLES = `
Examples:
  $ earshot replay incident.pcap
  $ earshot replay monday.pcapng tuesday.pcapng --worst 20
  $ earshot replay incident.pcap --filter 198.51.100.0/24
  $ earshot replay incident.pcap --call c3
  $ earshot replay incident.pcapng --keylog sslkeys.txt
  $ tcpdump -w - udp | earshot replay - --json > report.json

Exit codes: 0 done, 1 an input could not be read (to its end) or the run failed, 2 wrong usage.`;

/** Adds `earshot replay`, the post-mortem of one or several captures. */
export function addReplayCommand(program: Command): void {
  const command: Command = program
    .command('replay')
    .description('measure and judge the calls in one or several captures')
    .argument('<file...>', 'pcap or pcapng, - for standard input; several are merged by time')
    .option('--json', 'print the whole report as JSON (earshot.report/1)')
    .option('--call <id>', 'everything about one call: its id (c3), Call-ID or the beginning of it')
    .option('--worst <n>', 'only the worst calls', positive)
    .option('--filter <text>', 'only what has this address, network, Call-ID or party in it', filter)
    .option('--keylog <file>', 'TLS secrets (SSLKEYLOGFILE) to read SIP over TLS and WSS with')
    .option(
      '--assumed-delay <ms>',
      'one-way network delay where none was measured; "none" to leave it out',
      delay,
      50,
    )
    .option(
      '--plc-of <codec=on|off>',
      'concealment of one codec, by its row in docs/scores.md; may be repeated',
      plcOf,
      {},
    )
    .option('--no-plc', 'take endpoints not to conceal lost packets')
    .option('--show-digits', 'show the digits that were keyed (masked otherwise: they are PINs often enough)')
    .option(
      '--playout <model>',
      `receiver buffer that scores count: ${MODEL_NAMES.join(', ')}`,
      playout,
      'adaptive',
    )
    .option('--bad-r <r>', 'R (narrowband) below which time is bad', rating, 70)
    .option(
      '--threshold <name=value>',
      'where a finding begins, see docs/thresholds.md; may be repeated',
      threshold,
      {},
    )
    .option('--no-payload', 'look at no payload octet (no codec modes, no dead air)')
    .addHelpText('after', EXAMPLES)
    .action((files: string[], options: ReplayOptions) => {
      try {
        process.exitCode = replay(command, files, options);
      } catch (error) {
        if (!(error instanceof CaptureError) && !(error instanceof ReportStorageError)) throw error;
        command.error(`error: ${error.message}`, { exitCode: EXIT_FAILED });
      }
    });
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 up.');
  return Number(text);
}

function delay(text: string): number | null {
  if (text === 'none') return null;
  if (!/^\d{1,4}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('expected milliseconds, or "none".');
  return Number(text);
}

function plcOf(text: string, known: Record<string, boolean>): Record<string, boolean> {
  const parts = /^([a-z0-9][\w.-]*)=(on|off)$/i.exec(text);
  if (parts === null)
    throw new InvalidArgumentError('expected the row of a codec, =, and on or off: g711=off.');
  if (!isCodecRow(parts[1]!)) throw new InvalidArgumentError(`"${parts[1]}" is no row of docs/scores.md.`);
  return { ...known, [parts[1]!]: parts[2]?.toLowerCase() === 'on' };
}

function rating(text: string): number {
  if (!/^\d{1,3}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('expected R, 0 to 100.');
  return Number(text);
}

function playout(text: string): PlayoutModelName {
  const model = MODEL_NAMES.find((name) => name === text);
  if (model === undefined) throw new InvalidArgumentError(`expected one of ${MODEL_NAMES.join(', ')}.`);
  return model;
}

function filter(text: string): Filter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new InvalidArgumentError(`${parsed.message}.`);
  return parsed.filter;
}

function replay(command: Command, files: string[], options: ReplayOptions): number {
  const keys = readKeyLog(options.keylog);
  const source = openCaptures(files, { onKeyLog: (text) => keys.add(text) });
  const store = new RecordStore();
  try {
    const engine = new Engine(store, {
      scoring: {
        plc: options.plc,
        plcByCodec: options.plcOf,
        assumedDelayMs: options.assumedDelay,
        playout: options.playout,
        badR: options.badR,
      },
      signalling: { thresholds: options.threshold },
      rtp: { peek: options.payload },
      showDigits: options.showDigits ?? false,
      decryption: { keys, crypto: nodeCrypto },
      hep: { inflate },
    });
    readAll(source, engine);
    const capture = captureRecord(source, engine);
    for (const finding of captureFindings(capture)) store.finding(finding);
    if (capture.trust.verdict === 'untrusted') holdBackForDrops(store);
    const report: Report = {
      tool,
      capture,
      signalling: engine.signallingRecord(),
      records: store,
    };
    print(command, report, options);
    const unread = undecodable(report.capture);
    if (unread !== null) process.stderr.write(`earshot: ${unread}\n`);
    for (const problem of source.problems) process.stderr.write(`earshot: ${problem.text}\n`);
    return source.problems.length > 0 || unread !== null ? EXIT_FAILED : EXIT_DONE;
  } finally {
    store.close();
    source.close();
  }
}

/** How often the size of the heap is looked at. */
const PACKETS_BETWEEN_LOOKS = 50_000;

function readAll(source: CaptureSource, engine: Engine): void {
  const progress = new Progress(process.stderr.isTTY === true);
  let packets = 0;
  let nextLook = PACKETS_BETWEEN_LOOKS;
  for (let batch = source.read(); batch !== null; batch = source.read()) {
    engine.ingest(batch);
    packets += batch.count;
    progress.update(source, packets);
    if (packets >= nextLook) {
      keepLargeHeapFromDoubling();
      nextLook = packets + PACKETS_BETWEEN_LOOKS;
    }
  }
  engine.finish();
  progress.clear();
}

/** What to say when not one packet could be decoded because of its link type; null otherwise. */
function undecodable({ files, packets, discarded }: CaptureRecord): string | null {
  if (packets === 0 || discarded.unknown_link_type !== packets) return null;
  const names = files.map((file) => `${file.path} (${file.linkTypes.join(', ')})`).join(', ');
  return `${names}: this link type is not supported, no packet could be read; capture on an Ethernet, cooked or raw IP interface`;
}

function captureRecord(source: CaptureSource, engine: Engine): CaptureRecord {
  const account = engine.account();
  const dropped = source.inputs.map((input) => input.dropped).filter((n) => n !== null);
  const sourceAccount: SourceAccount = {
    dropped: dropped.length === 0 ? null : dropped.reduce((sum, n) => sum + n, 0),
    problems: source.problems,
  };
  const { startUs, endUs, packets, bytes, decoded, discarded, fragments, encrypted, hep } = account;
  const { mirrorDuplicates, mirrorDuplicatesRatio } = account;
  return {
    files: source.inputs.map((input) => ({
      path: input.path,
      format: input.format ?? 'unknown',
      linkTypes: input.linkTypes.map(linkTypeName),
      packets: input.packets,
      bytes: input.bytes,
    })),
    startUs,
    endUs,
    packets,
    bytes,
    decoded,
    discarded,
    mirrorDuplicates,
    mirrorDuplicatesRatio,
    fragments,
    encrypted,
    hep,
    trust: trustOf(account, sourceAccount),
  };
}

function print(command: Command, report: Report, options: ReplayOptions): void {
  const { records } = report;
  const criteria: Criteria = {};
  if (options.filter !== undefined) criteria.filter = options.filter;
  if (options.worst !== undefined) criteria.worst = options.worst;
  if (options.call !== undefined) {
    const found = findCall(records, options.call);
    if (!found.ok) command.error(`error: --call: ${found.message}`, { exitCode: EXIT_USAGE });
    else criteria.call = found.call;
  }
  const chosen =
    Object.keys(criteria).length > 0 ? { ...report, selection: select(records, criteria) } : report;
  if (options.json === true) {
    for (const chunk of jsonChunks(chosen)) writeOut(chunk);
    return;
  }
  const style = textStyle();
  const text =
    criteria.call !== undefined ? renderCall(chosen, criteria.call, style) : renderTable(chosen, style);
  for (const line of text) writeOut(line);
}

/** Colour and width belong to terminals; NO_COLOR and CLICOLOR_FORCE have their say (no-color.org). */
function textStyle(): TextStyle {
  const terminal = process.stdout.isTTY === true;
  const forced = (process.env.CLICOLOR_FORCE ?? '0') !== '0';
  const refused = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';
  return {
    columns: terminal ? process.stdout.columns : 0,
    paint: (terminal || forced) && !refused ? COLOURED : PLAIN,
    unicode:
      !terminal || /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || 'utf8'),
  };
}

import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import { linkTypeName } from '../capture/link-types.ts';
import { openCaptures } from '../capture/open.ts';
import type { CaptureSource } from '../capture/source.ts';
import { ConfigError } from '../config/problem.ts';
import { Engine } from '../engine/engine.ts';
import { DEFAULT_SCORING } from '../engine/scoring.ts';
import { captureFindings, type SourceAccount, trustOf } from '../engine/trust.ts';
import type { CaptureRecord } from '../records/types.ts';
import { renderCall } from '../report/call-view.ts';
import { type Filter, parseFilter } from '../report/filter.ts';
import { holdBackForDrops } from '../report/hold-back.ts';
import { jsonChunks } from '../report/json.ts';
import { RecordStore } from '../report/record-store.ts';
import type { Report } from '../report/report.ts';
import { type Criteria, findCall, select } from '../report/selection.ts';
import { summaryLine } from '../report/summary-line.ts';
import { renderTable } from '../report/table.ts';
import { ReportStorageError } from '../report/text-log.ts';
import { totalsOf } from '../report/totals.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import { readHepKey } from './hep-key.ts';
import { ReportFileError } from './html-output.ts';
import type { HtmlRun } from './html-run.ts';
import { inflate } from './inflate.ts';
import { addMeasuringOptions, engineOptions, type MeasuringOptions } from './measuring-options.ts';
import { wrongFile } from './named-file.ts';
import { writeOut } from './output.ts';
import { droppedBy, readAll } from './read-captures.ts';
import { readKeyLog } from './read-key-log.ts';
import type { ReplayAlerts } from './replay-alerts.ts';
import { textStyle } from './text-style.ts';
import { nodeCrypto } from './tls-crypto.ts';
import { tool } from './tool.ts';

interface ReplayOptions extends MeasuringOptions {
  json?: boolean;
  html?: string;
  call?: string;
  worst?: number;
  filter?: Filter;
  keylog?: string;
  hepKeyFile?: string;
  rules?: string;
  config?: string;
}

const EXAMPLES = `
Examples:
  $ earshot replay incident.pcap
  $ earshot replay monday.pcapng tuesday.pcapng --worst 20
  $ earshot replay incident.pcap --filter 198.51.100.0/24
  $ earshot replay incident.pcap --call c3
  $ earshot replay incident.pcap --html report.html
  $ earshot replay incident.pcap --rules rules/default.yaml
  $ earshot replay incident.pcapng --keylog sslkeys.txt
  $ tcpdump -w - udp | earshot replay - --json > report.json

Exit codes: 0 done, 1 an input could not be read (to its end) or the run failed, 2 wrong usage.`;

/** Adds `earshot replay`, the post-mortem of one or several captures. */
export function addReplayCommand(program: Command): void {
  const command: Command = program.command('replay');
  addMeasuringOptions(command)
    .description('measure and judge the calls in one or several captures')
    .argument('<file...>', 'pcap or pcapng, - for standard input; several are merged by time')
    .option('--json', 'print the whole report as JSON (earshot.report/1)')
    .option(
      '--html <file>',
      'write a report to look at, one page that needs no network; - for standard output',
    )
    .option('--call <id>', 'everything about one call: its id (c3), Call-ID or the beginning of it')
    .option('--worst <n>', 'only the worst calls', positive)
    .option('--filter <text>', 'only what has this address, network, Call-ID or party in it', filter)
    .option('--keylog <file>', 'TLS secrets (SSLKEYLOGFILE) to read SIP over TLS and WSS with')
    .option('--rules <file>', 'what these alert rules would have raised, and when')
    .option('--config <file>', 'earshot.yaml, for the sites and trunks that rules go by')
    .option('--hep-key-file <file>', 'the key that HEP inside the captures must carry')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ReplayOptions) => {
      let page: HtmlRun | null = null;
      try {
        page = await htmlOf(command, files, options);
        process.exitCode = replay(command, files, options, { alerts: await alertsOf(options), page });
      } catch (error) {
        if (error instanceof ConfigError) wrongFile(command, error);
        if (!isOfFiles(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: EXIT_FAILED });
      } finally {
        page?.discard();
      }
    });
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

async function alertsOf({ rules, config }: ReplayOptions): Promise<ReplayAlerts | null> {
  if (rules === undefined) return null;
  const { replayAlerts } = await import('./replay-alerts.ts');
  return replayAlerts(rules, config, process.env);
}

/** What is loaded only where it is asked for. */
interface Extras {
  alerts: ReplayAlerts | null;
  page: HtmlRun | null;
}

async function htmlOf(
  command: Command,
  files: readonly string[],
  { html, json }: ReplayOptions,
): Promise<HtmlRun | null> {
  if (html === undefined) return null;
  if (html !== '-' && files.some((file) => file !== '-' && resolve(file) === resolve(html)))
    command.error(`error: --html: ${html} is one of the captures`, { exitCode: EXIT_USAGE });
  if (html === '-' && json === true)
    command.error('error: --html - and --json both want standard output; give one of them a file', {
      exitCode: EXIT_USAGE,
    });
  const { HtmlRun } = await import('./html-run.ts');
  return new HtmlRun(html);
}

/** Errors that say all there is to say in one line. */
function isOfFiles(error: unknown): error is Error {
  return (
    error instanceof CaptureError || error instanceof ReportStorageError || error instanceof ReportFileError
  );
}

function replay(command: Command, files: string[], options: ReplayOptions, { alerts, page }: Extras): number {
  const run = alerts?.run ?? null;
  const keys = readKeyLog(options.keylog);
  const source = openCaptures(files, { onKeyLog: (text) => keys.add(text) });
  const store = new RecordStore();
  try {
    const key = readHepKey(options.hepKeyFile, {});
    const measuring = engineOptions(options);
    const keptHeaders = alerts?.keptHeaders ?? [];
    const opening = {
      decryption: { keys, crypto: nodeCrypto },
      hep: { inflate, ...(key === null ? {} : { authenticationKey: key }) },
    };
    const sink = run?.sink(store) ?? store;
    const engine = new Engine(page?.sink(sink) ?? sink, {
      ...measuring,
      ...opening,
      signalling: { ...measuring.signalling, keptHeaders },
    });
    run?.attach(engine, { ...DEFAULT_SCORING, ...measuring.scoring });
    readAll(source, engine, run);
    const capture = captureRecord(source, engine);
    for (const finding of captureFindings(capture)) store.finding(finding);
    if (capture.trust.verdict === 'untrusted') holdBackForDrops(store);
    const report: Report = {
      tool,
      capture,
      signalling: engine.signallingRecord(),
      records: store,
      ...(alerts === null ? {} : { alerts: alerts.reported() }),
    };
    const chosen = chosenOf(command, report, options);
    page?.write(files, chosen, opening);
    print(command, chosen, options);
    const unread = undecodable(report.capture);
    if (unread !== null) process.stderr.write(`earshot: ${unread}\n`);
    for (const problem of source.problems) process.stderr.write(`earshot: ${problem.text}\n`);
    return source.problems.length > 0 || unread !== null ? EXIT_FAILED : EXIT_DONE;
  } finally {
    store.close();
    source.close();
  }
}

/** What to say when not one packet could be decoded because of its link type; null otherwise. */
function undecodable({ files, packets, discarded }: CaptureRecord): string | null {
  if (packets === 0 || discarded.unknown_link_type !== packets) return null;
  const names = files.map((file) => `${file.path} (${file.linkTypes.join(', ')})`).join(', ');
  return `${names}: this link type is not supported, no packet could be read; capture on an Ethernet, cooked or raw IP interface`;
}

function captureRecord(source: CaptureSource, engine: Engine): CaptureRecord {
  const account = engine.account();
  const sourceAccount: SourceAccount = { dropped: droppedBy(source), problems: source.problems };
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

/** The report with the records that options choose. */
function chosenOf(command: Command, report: Report, options: ReplayOptions): Report {
  const { records } = report;
  const criteria: Criteria = {};
  if (options.filter !== undefined) criteria.filter = options.filter;
  if (options.worst !== undefined) criteria.worst = options.worst;
  if (options.call !== undefined) criteria.call = callOf(command, report, options.call);
  return Object.keys(criteria).length > 0 ? { ...report, selection: select(records, criteria) } : report;
}

function callOf(command: Command, { records }: Report, wanted: string): number {
  const found = findCall(records, wanted);
  if (!found.ok) command.error(`error: --call: ${found.message}`, { exitCode: EXIT_USAGE });
  return found.call;
}

function print(command: Command, report: Report, options: ReplayOptions): void {
  if (options.json === true) {
    for (const chunk of jsonChunks(report)) writeOut(chunk);
    return;
  }
  if (options.html !== undefined) {
    // The page stands for the tables; one line says what is in it.
    const totals = totalsOf(report.records, report.selection);
    if (options.html !== '-') writeOut(`${options.html}: ${summaryLine(totals)}\n`);
    return;
  }
  const style = textStyle();
  const text =
    options.call !== undefined
      ? renderCall(report, callOf(command, report, options.call), style)
      : renderTable(report, style);
  for (const line of text) writeOut(line);
}

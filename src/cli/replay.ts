import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import { openCaptures } from '../capture/open.ts';
import { ConfigError } from '../config/problem.ts';
import { Engine } from '../engine/engine.ts';
import { DEFAULT_SCORING } from '../engine/scoring.ts';
import { captureFindings } from '../engine/trust.ts';
import { holdBackForDrops } from '../report/hold-back.ts';
import { RecordStore } from '../report/record-store.ts';
import type { Report } from '../report/report.ts';
import { settle } from '../report/settle.ts';
import { ReportStorageError } from '../report/text-log.ts';
import type { callEvidence } from './call-evidence.ts';
import { captureRecord, undecodable } from './capture-record.ts';
import type { Shown } from './covered-report.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_GATE, EXIT_USAGE } from './exit-codes.ts';
import { addGateOptions, Gate, type GateOptions, unreadInputs } from './gate-options.ts';
import { readHepKey } from './hep-key.ts';
import { ReportFileError } from './html-output.ts';
import type { HtmlRun } from './html-run.ts';
import { inflate } from './inflate.ts';
import { laneCount, lanesFor, laneThreads } from './lane-threads.ts';
import { addMeasuringOptions, engineOptions, type MeasuringOptions } from './measuring-options.ts';
import { wrongFile } from './named-file.ts';
import { ReaderGone, remark } from './output.ts';
import { addPointOption, type PointOptions, pointOf } from './point-option.ts';
import { addPrivacyOptions, coverOf, type PrivacyOptions, settlePrivacy } from './privacy-options.ts';
import { readAll } from './read-captures.ts';
import { readKeyLog } from './read-key-log.ts';
import type { ReplayAlerts } from './replay-alerts.ts';
import { addOutputOptions, isText, type OutputOptions, print, settleOutput } from './replay-output.ts';
import type { ReportSettings } from './report-places.ts';
import {
  addSearchOptions,
  chosenOf,
  type SearchOptions,
  searchOf,
  settlePlaces,
  settleSearch,
} from './search-options.ts';
import { nodeCrypto } from './tls-crypto.ts';
import { tool } from './tool.ts';

interface ReplayOptions
  extends MeasuringOptions,
    SearchOptions,
    OutputOptions,
    GateOptions,
    PrivacyOptions,
    PointOptions {
  keylog?: string;
  hepKeyFile?: string;
  rules?: string;
  threads?: number;
}

const EXAMPLES = `
Examples:
  $ earshot replay incident.pcap
  $ earshot replay monday.pcapng tuesday.pcapng --worst 20
  $ earshot replay incident.pcap --filter 198.51.100.0/24
  $ earshot replay incident.pcap --config earshot.yaml --filter trunk=carrier-a
  $ earshot replay incident.pcap --call c3
  $ earshot replay incident.pcap --at 14:05..14:10 --time-zone Europe/Berlin
  $ earshot replay incident.pcap --ticket "party=4711 at=~14:05 symptom=one-way"
  $ earshot replay incident.pcap --html report.html
  $ earshot replay incident.pcap --html report.html --pseudonymise=addresses --pseudonym-key-file key.txt
  $ earshot replay incident.pcap --provider 203.0.113.0/24 --html for-the-carrier.html
  $ earshot replay incident.pcap --csv streams > streams.csv
  $ earshot replay nightly.pcap --fail-if "p05(mosLq)<3.6" --fail-if "count(one_way_media)>0"
  $ earshot replay incident.pcap --rules rules/default.yaml
  $ earshot replay incident.pcapng --keylog sslkeys.txt
  $ tcpdump -w - udp | earshot replay - --json > report.json

Exit codes: 0 done, 1 an input could not be read (to its end) or the run failed, 2 wrong usage,
3 a --fail-if condition holds.`;

/** Adds `earshot replay`, the post-mortem of one or several captures. */
export function addReplayCommand(program: Command): void {
  const command: Command = program
    .command('replay')
    .description('measure and judge the calls in one or several captures')
    .argument('<file...>', 'pcap or pcapng, - for standard input; several are merged by time');
  addPrivacyOptions(addSearchOptions(addOutputOptions(command)));
  addPointOption(addMeasuringOptions(addGateOptions(command)))
    .option('--keylog <file>', 'TLS secrets (SSLKEYLOGFILE) to read SIP over TLS and WSS with')
    .option('--rules <file>', 'what these alert rules would have raised, and when')
    .option('--config <file>', 'earshot.yaml, for sites and trunks of calls, and for rules that go by them')
    .option(
      '--threads <n>',
      'threads that measure beside the one that reads (not with --rules); one for large captures unless given',
      laneCount,
    )
    .option('--hep-key-file <file>', 'the key that HEP inside the captures must carry')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ReplayOptions) => {
      let page: HtmlRun | null = null;
      let gate: Gate | null = null;
      try {
        settleSearch(command, options);
        settleOutput(command, options);
        settlePrivacy(command, options);
        spareCaptures(command, files, options);
        page = await htmlOf(options);
        gate = new Gate(command, options);
        const look = await lookOf(options);
        const settings = await settingsOf(options);
        settlePlaces(command, options, settings);
        process.exitCode = replay(command, files, options, {
          alerts: await alertsOf(options, settings),
          settings,
          page,
          gate,
          look,
          cover: await coverOf(options),
        });
      } catch (error) {
        gate?.fail(reasonOf(error));
        if (error instanceof ConfigError) wrongFile(command, error);
        if (!isOfFiles(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: EXIT_FAILED });
      } finally {
        page?.discard();
        gate?.discard();
      }
    });
}

/** What is taken from a configuration: from the one that is named, or with rules from the one that is found. */
async function settingsOf({ rules, config }: ReplayOptions): Promise<ReportSettings | null> {
  if (config === undefined && rules === undefined) return null;
  const { reportSettings } = await import('./report-places.ts');
  return reportSettings(config, process.env);
}

async function alertsOf(
  { rules }: ReplayOptions,
  settings: ReportSettings | null,
): Promise<ReplayAlerts | null> {
  if (rules === undefined || settings === null) return null;
  const { replayAlerts } = await import('./replay-alerts.ts');
  return replayAlerts(rules, settings.groups, process.env);
}

/** No report may take the place of a capture, or of another report. */
function spareCaptures(command: Command, files: readonly string[], { html, junit }: ReplayOptions): void {
  const captures = new Set(files.filter((file) => file !== '-').map((file) => resolve(file)));
  for (const [name, file] of [
    ['--html', html],
    ['--junit', junit],
  ] as const) {
    if (file !== undefined && file !== '-' && captures.has(resolve(file)))
      command.error(`error: ${name}: ${file} is one of the captures`, { exitCode: EXIT_USAGE });
  }
  if (html !== undefined && junit !== undefined && resolve(html) === resolve(junit))
    command.error(`error: --html and --junit both want ${html}`, { exitCode: EXIT_USAGE });
}

/** What is loaded only where it is asked for. */
interface Extras {
  alerts: ReplayAlerts | null;
  settings: ReportSettings | null;
  page: HtmlRun | null;
  gate: Gate;
  look: typeof callEvidence | null;
  cover: ((shown: Shown) => Shown) | null;
}

async function lookOf(options: ReplayOptions): Promise<typeof callEvidence | null> {
  if (options.call === undefined || !isText(options)) return null;
  return (await import('./call-evidence.ts')).callEvidence;
}

async function htmlOf({ html }: ReplayOptions): Promise<HtmlRun | null> {
  if (html === undefined) return null;
  const { HtmlRun } = await import('./html-run.ts');
  return new HtmlRun(html);
}

/** Why a run came to nothing, as it is said on standard error. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
}

/** Errors that say all there is to say in one line. */
function isOfFiles(error: unknown): error is Error {
  return (
    error instanceof CaptureError || error instanceof ReportStorageError || error instanceof ReportFileError
  );
}

function replay(command: Command, files: string[], options: ReplayOptions, extras: Extras): number {
  const { alerts, settings, page, gate, look, cover } = extras;
  const run = alerts?.run ?? null;
  const keys = readKeyLog(options.keylog);
  const source = openCaptures(files, { onKeyLog: (text) => keys.add(text) });
  const places = settings?.places ?? null;
  const store = new RecordStore(places === null ? {} : { places });
  try {
    const key = readHepKey(options.hepKeyFile, {});
    const measuring = engineOptions(options);
    const keptHeaders = settings?.keptHeaders ?? [];
    const opening = {
      decryption: { keys, crypto: nodeCrypto },
      hep: { inflate, ...(key === null ? {} : { authenticationKey: key }) },
    };
    const sink = run?.sink(store) ?? store;
    const engine = new Engine(page?.sink(sink) ?? sink, {
      ...measuring,
      ...opening,
      signalling: { ...measuring.signalling, keptHeaders },
      // Rules see intervals when they are finished, which must not depend on threads.
      rtp: {
        ...measuring.rtp,
        lanes: run === null ? laneThreads(options.threads ?? lanesFor(files), true) : null,
      },
    });
    run?.attach(engine, { ...DEFAULT_SCORING, ...measuring.scoring });
    readAll(source, engine, run);
    settle(store, engine.afterwards());
    const capture = captureRecord(source, engine, pointOf(options, settings));
    for (const finding of captureFindings(capture)) store.finding(finding);
    if (capture.trust.verdict === 'untrusted') holdBackForDrops(store);
    const report: Report = {
      tool,
      capture,
      signalling: engine.signallingRecord(),
      records: store,
      ...(alerts === null ? {} : { alerts: alerts.reported() }),
    };
    const search = searchOf(
      command,
      report,
      options,
      source.problems.map(({ text }) => text),
    );
    const chosen = chosenOf(report, search);
    // Looked for by the names on the wire, and only then covered.
    const seen = look?.(files, chosen, opening) ?? null;
    const evidence = page?.look(files, chosen, opening) ?? seen?.evidence ?? null;
    const shown = cover?.({ report: chosen, evidence }) ?? { report: chosen, evidence };
    const unread = undecodable(report.capture);
    const inputs = unreadInputs(source.inputs, source.problems, shown.report.capture.files);
    if (unread !== null)
      inputs.push({ name: 'captures', reasons: [undecodable(shown.report.capture) ?? unread] });
    const isPageRead = isTaken(() => page?.write(shown.report, shown.evidence));
    // Before it is printed: whoever reads may go away, and the exit status must not depend on that.
    const passed = gate.judge(shown.report, inputs);
    const around = seen === null ? null : { ...seen, evidence: shown.evidence };
    if (isPageRead) isTaken(() => print(shown.report, search, options, around));
    if (shown.report.privacy !== undefined && !isText(options)) remark(shown.report.privacy.text);
    if (unread !== null) remark(unread);
    for (const { text } of source.problems) remark(text);
    // What was judged on half a capture was not judged.
    if (source.problems.length > 0 || unread !== null) return EXIT_FAILED;
    return passed ? EXIT_DONE : EXIT_GATE;
  } finally {
    store.close();
    source.close();
  }
}

/** Whether what is written is read to its end; a reader that goes away is no error, and changes nothing about the outcome. */
function isTaken(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof ReaderGone) return false;
    throw error;
  }
}

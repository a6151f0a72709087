import type { Command } from 'commander';
import { CaptureError } from '../capture/errors.ts';
import { hepAddressText } from '../capture/live/hep-address.ts';
import { LiveCaptureError } from '../capture/live/live-source.ts';
import type { EarshotConfig } from '../config/earshot-schema.ts';
import { ConfigError } from '../config/problem.ts';
import { SpoolError } from '../delivery/spool.ts';
import type { LiveRecord } from '../live/live-records.ts';
import { Log } from '../live/log.ts';
import { LiveProbe, type Outcome } from '../live/probe.ts';
import { type ServiceNotifier, serviceNotifier } from '../live/service.ts';
import { AlertStateError } from '../notify/state-file.ts';
import { StoreError } from '../store/segment-files.ts';
import { HttpError } from '../web/http-options.ts';
import { alertingOf } from './alerting.ts';
import { configOrError, loadConfig } from './config-file.ts';
import { liveCover } from './covered-live.ts';
import { EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './exit-codes.ts';
import type { Exporting, ExportingParts } from './exporting.ts';
import type { ExportingPlan } from './exporting-plan.ts';
import { withHeld } from './held-live.ts';
import { readHepKey } from './hep-key.ts';
import { addLiveOptions, type LiveOptions } from './live-options.ts';
import { type Given, type LivePlan, livePlan, type SourceChoice } from './live-plan.ts';
import { LivePrinter } from './live-printer.ts';
import { releaseRingOf, startMeasuring } from './measuring-thread.ts';
import { wrongFile } from './named-file.ts';
import { ReaderGone, writeOut } from './output.ts';
import { PlacedLive } from './placed-live.ts';
import { pseudonymNote, pseudonymsOf, settlePseudonyms } from './pseudonym-options.ts';
import { recordingOf } from './recording.ts';
import { reloadOnHangup } from './reload.ts';
import { savingOf } from './saving-calls.ts';
import type { Serving, ServingParts } from './serving.ts';
import type { ServingPlan } from './serving-plan.ts';
import { StandingLine } from './standing-line.ts';
import { textStyle } from './text-style.ts';

const EXAMPLES = `
Examples:
  $ earshot live -i eth0
  $ earshot live -i eth0 -i eth1 --json > calls.ndjson
  $ earshot live -i eth0 --listen 127.0.0.1:10047
  $ earshot live -i eth0 --rules rules/default.yaml --alert-state /var/lib/earshot
  $ tcpdump -i eth0 -U -w - udp | earshot live -
  $ ssh probe tcpdump -U -w - udp | earshot live - --all-calls
  $ EARSHOT_HEP_KEY=secret earshot live --hep udp:127.0.0.1:9060

Exit codes: 0 stopped or at the end of the pipe, 1 capture cannot begin or go on, 2 wrong usage.`;

/** Adds `earshot live`, the daemon. */
export function addLiveCommand(program: Command): void {
  const command: Command = program.command('live');
  addLiveOptions(command)
    .description('measure and judge calls as they pass')
    .argument('[-]', 'a capture on standard input, from tcpdump -w - or dumpcap -w -')
    .addHelpText('after', EXAMPLES)
    .action(async (input: string | undefined, options: LiveOptions) => {
      try {
        const { plan, replan } = planOf(command, input, options);
        process.exitCode = await live(plan, replan, options);
      } catch (error) {
        if (error instanceof ConfigError) wrongFile(command, error);
        if (!isExpected(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: EXIT_FAILED });
      }
    });
}

function isExpected(error: unknown): error is Error {
  return [LiveCaptureError, CaptureError, HttpError, AlertStateError, SpoolError, StoreError].some(
    (kind) => error instanceof kind,
  );
}

/** What is to be done, or why that cannot be meant. */
function planOf(
  command: Command,
  input: string | undefined,
  options: LiveOptions,
): { plan: LivePlan; replan: () => LivePlan } {
  const usage = (text: string): never => command.error(`error: ${text}`, { exitCode: EXIT_USAGE });
  const { interface: interfaces, engine } = options;
  if (input !== undefined && input !== '-') {
    usage(
      `"${input}" is neither an option nor -; a file is for "earshot replay ${input}", an interface for -i`,
    );
  }
  const pipe = input === '-' || engine === 'pipe';
  if (engine === 'pipe' && interfaces.length > 0) {
    usage(
      'a pipe has no interface; leave out -i, or let tcpdump choose it: "tcpdump -i eth0 -U -w - | earshot live -"',
    );
  }
  const { file, config } = configOrError(command, options.config);
  const key = options.hepKey === undefined ? readHepKey(options.hepKeyFile, process.env) : null;
  const hepKey = options.hepKey === undefined ? key : Buffer.from(options.hepKey, 'utf8');
  const given: Given = (option) => command.getOptionValueSource(option) === 'cli';
  const planned = (from: EarshotConfig): LivePlan => livePlan(from, options, given, { pipe, hepKey });
  const plan = planned(config);
  const { sources } = plan;
  if (!sources.pipe && sources.interfaces.length === 0 && sources.hep.length === 0) {
    const where = file === null ? '' : ` in ${file}, or`;
    usage(
      `nothing to listen to; name an interface${where} (-i eth0), --hep udp:127.0.0.1:9060, or - for standard input`,
    );
  }
  if ((plan.keep ?? null) === null && (options.keep ?? options.keepIn) !== undefined) {
    usage('packets are kept for a time in a directory: --keep 10m --keep-in /var/lib/earshot/packets');
  }
  if (plan.keep === null && options.keepBadIn !== undefined) {
    usage('bad calls are saved out of packets that are kept: --keep 10m --keep-in /var/lib/earshot/packets');
  }
  settlePseudonyms(command, options, plan.pseudonyms?.pseudonymise !== undefined);
  if (plan.pseudonyms?.pseudonymise !== undefined) {
    const other = showingNames(plan, options);
    if (other !== null) usage(`pseudonyms and ${other}`);
  }
  if (options.filter !== undefined && sources.interfaces.length === 0) {
    usage('--filter is for interfaces; give it to whoever captures into the pipe');
  }
  return { plan, replan: () => planned(loadConfig(options.config, process.env).config) };
}

/** What would show, or hide in another way, what pseudonyms stand for; and why. */
function showingNames({ keep, engine }: LivePlan, { redactNumbers }: LiveOptions): string | null {
  if ((keep ?? null) !== null)
    return 'keeping packets exclude each other: signalling that is kept holds every name';
  if (engine.showDigits === true) return '--show-digits exclude each other';
  return redactNumbers === true ? '--redact-numbers exclude each other: give one' : null;
}

/** What has to be ended, in reverse order, however far it came: a timer that is left would keep the process alive. */
type Closers = (() => unknown)[];

async function live(plan: LivePlan, replan: () => LivePlan, options: LiveOptions): Promise<number> {
  const closers: Closers = [];
  try {
    return await run(plan, replan, options, closers);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function run(
  plan: LivePlan,
  replan: () => LivePlan,
  options: LiveOptions,
  closers: Closers,
): Promise<number> {
  const standing = new StandingLine(process.stderr.isTTY === true && options.json !== true);
  closers.push(() => standing.clear());
  const chosen = pseudonymsOf(plan.pseudonyms ?? {}, process.env, { forgets: true });
  const cover = chosen === null ? null : liveCover(chosen);
  const placing = new PlacedLive(plan.groups, cover?.words);
  const log = logOf(plan, options, standing);
  const printer = printerOf(options, standing);
  const inForce = { plan };
  const startedMs = performance.now();
  const redactNumbers = options.redactNumbers ?? false;
  const isMeasuring = (): boolean => probe.isAlive;
  const alerting = alertingOf(options, plan, log);
  closers.push(() => alerting?.stop());
  const exporting = await exportingOf(plan.exporting ?? null, { redactNumbers, log });
  closers.push(() => exporting?.close());
  const exports = () => exporting?.counts() ?? [];
  const alerts = () => alerting?.counts() ?? {};
  const recording = recordingOf(plan.history ?? null, { redactNumbers, log });
  closers.push(() => recording?.stop());
  const saving = savingOf(plan.saving ?? null, log);
  closers.push(() => saving?.stop());
  const serving = await servingOf(plan.serving ?? null, { redactNumbers, isMeasuring, exports, alerts });
  closers.push(() => serving?.close());
  const probe: LiveProbe = new LiveProbe({
    canRestart: !plan.sources.pipe,
    release: releaseRingOf,
    spawn: (memory) => startMeasuring(memory, inForce.plan, options.count ?? null),
    listener: {
      records: (measured) => {
        const placed = placing.records(cover === null ? measured : cover.records(measured));
        const records = withHeld(placed, [recording, saving]);
        printer.ran(performance.now() - startedMs);
        serving?.records(records);
        exporting?.records(records);
        alerting?.records(exporting === null ? records : withExports(records, exporting));
        recording?.records(records);
        saving?.records(records);
        try {
          printer.print(records);
        } catch (error) {
          if (!(error instanceof ReaderGone)) throw error;
          probe.stop();
        }
      },
      notice: (notice) => log.notice(cover === null ? notice : cover.notice(notice)),
    },
  });
  const service = await serviceNotifier(process.env, (text) =>
    log.notice({ level: 'warn', text, fields: {} }),
  );
  if (serving !== null) {
    log.notice({ level: 'info', text: 'serving', fields: { address: await serving.listen() } });
  }
  closers.push(stopOnSignals(probe, log, service));
  const grouping = [placing, serving, alerting, exporting].filter((each) => each !== null);
  closers.push(reloadOnHangup({ inForce, replan, measuring: probe, grouping, log, service }));
  await probe.start();
  if (chosen !== null) log.notice({ level: 'info', text: pseudonymNote(chosen), fields: {} });
  log.notice({ level: 'info', text: 'measuring', fields: { sources: nameOf(plan.sources) } });
  service.send('READY=1');
  const watchdog = watch(probe, service);
  const timer = options.duration === undefined ? null : setTimeout(() => probe.stop(), options.duration);
  const { failed, capture } = await probe.ended;
  if (timer !== null) clearTimeout(timer);
  if (watchdog !== null) clearInterval(watchdog);
  sayHowItEnded({ failed, capture }, log);
  return failed === null ? EXIT_DONE : EXIT_FAILED;
}

function logOf({ logLevel }: LivePlan, options: LiveOptions, standing: StandingLine): Log {
  return new Log({
    level: logLevel ?? options.logLevel,
    plain: process.stderr.isTTY === true,
    redactNumbers: options.redactNumbers ?? false,
    write: (line) => {
      standing.clear();
      process.stderr.write(line);
    },
  });
}

function printerOf({ json, allCalls, redactNumbers }: LiveOptions, standing: StandingLine): LivePrinter {
  return new LivePrinter({
    json: json ?? false,
    allCalls: allCalls ?? false,
    redactNumbers: redactNumbers ?? false,
    style: textStyle(),
    write: writeOut,
    standing: (text) => standing.show(text),
  });
}

function sayHowItEnded({ failed, capture }: Outcome, log: Log): void {
  if (failed !== null) log.notice({ level: 'error', text: failed, fields: {} });
  if (capture === null) return;
  const { packets, dropped, restarts, trust } = capture;
  const fields = { packets, dropped, restarts, trust: trust.verdict };
  log.notice({ level: 'info', text: 'stopped', fields });
}

/** Metrics and pages, where somebody may ask. What they need takes time to load. */
async function servingOf(plan: ServingPlan | null, parts: ServingParts): Promise<Serving | null> {
  if (plan === null) return null;
  const { Serving } = await import('./serving.ts');
  return new Serving(plan, parts);
}

/** Writing to others, where somebody is to get something. */
async function exportingOf(plan: ExportingPlan | null, parts: ExportingParts): Promise<Exporting | null> {
  if (plan === null) return null;
  const { Exporting } = await import('./exporting.ts');
  return Exporting.open(plan, parts);
}

/** Statuses say to alert rules which exports fail. */
function withExports(records: readonly LiveRecord[], exporting: Exporting): readonly { type: string }[] {
  return records.map((record) => {
    return record.type === 'status' ? { ...record, exports: exporting.failing() } : record;
  });
}

function nameOf({ interfaces, hep, pipe }: SourceChoice): string {
  const names = [...interfaces.map(({ name }) => name), ...hep.map(({ address }) => hepAddressText(address))];
  return [...names, ...(pipe ? ['standard input'] : [])].join(', ');
}

/** The first signal ends in order, the second one at once. */
function stopOnSignals(probe: LiveProbe, log: Log, service: ServiceNotifier): () => void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    log.notice({ level: 'info', text: 'stopping; a second signal leaves at once', fields: { signal } });
    service.send('STOPPING=1');
    probe.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

/** systemd hears from us as long as measuring lives. */
function watch(probe: LiveProbe, service: ServiceNotifier): NodeJS.Timeout | null {
  if (service.watchdogMs === null) return null;
  return setInterval(() => {
    if (probe.isAlive) service.send('WATCHDOG=1');
  }, service.watchdogMs / 3);
}

import { type Command, InvalidArgumentError } from 'commander';
import { type HepAddress, parseHepAddress } from '../capture/live/hep-address.ts';
import { UNIT_MS } from '../config/duration.ts';
import type { LogOptions } from '../live/log.ts';
import { parseListen } from '../web/http-options.ts';
import { type AlertingOptions, addAlertingOptions } from './alerting.ts';
import { laneCount } from './lane-threads.ts';
import { addMeasuringOptions, type MeasuringOptions } from './measuring-options.ts';
import { addPseudonymOptions, type PseudonymOptions } from './pseudonym-options.ts';

const ENGINES = ['auto', 'ring', 'pcap', 'cap', 'pipe'] as const;
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** Options of `earshot live`, as commander hands them over. */
export interface LiveOptions extends MeasuringOptions, AlertingOptions, PseudonymOptions {
  config?: string;
  interface: string[];
  engine: (typeof ENGINES)[number];
  hep: HepAddress[];
  hepKey?: string;
  hepKeyFile?: string;
  filter?: string;
  duration?: number;
  count?: number;
  keylog?: string;
  json?: boolean;
  allCalls?: boolean;
  redactNumbers?: boolean;
  logLevel: LogOptions['level'];
  listen?: { host: string; port: number };
  keep?: number;
  keepIn?: string;
  keepBadIn?: string;
  history?: string;
  threads?: number;
}

/** Adds them. */
export function addLiveOptions(command: Command): Command {
  command
    .option('--config <file>', 'configuration; earshot.yaml or /etc/earshot/earshot.yaml otherwise')
    .option('-i, --interface <name>', 'interface to capture from; may be repeated', each, [])
    .option('--engine <name>', `how to capture: ${ENGINES.join(', ')}`, oneOf(ENGINES), 'auto')
    .option('--hep <address>', 'listen for HEP: udp:HOST:PORT or tcp:HOST:PORT; may be repeated', hep, [])
    .option('--hep-key-file <file>', 'the key that every HEP message must carry; or EARSHOT_HEP_KEY')
    .option('--hep-key <key>', 'the same; whoever lists processes can read it')
    .option('--filter <expression>', 'what to capture, in the language of tcpdump')
    .option('--duration <time>', 'stop after so long: 90s, 10m, 2h', duration)
    .option('--count <n>', 'stop after so many packets', positive)
    .option('--keylog <file>', 'TLS secrets (SSLKEYLOGFILE) to read SIP over TLS and WSS with')
    .option('--json', 'one JSON object per line, with the fields of earshot.report/1')
    .option('--all-calls', 'a line for healthy calls, too')
    .option('--redact-numbers', 'leave out the numbers and names of users, in every output')
    .option('--listen <address>', 'serve metrics, recent calls and a status page at HOST:PORT', listen)
    .option(
      '--keep <time>',
      'keep the packets of the last 10m or 2h on disk, of media headers only',
      duration,
    )
    .option('--keep-in <directory>', 'where they are kept')
    .option('--keep-bad-in <directory>', 'save the packets of calls with critical findings there, for longer')
    .option('--threads <n>', 'threads that measure beside the one that captures', laneCount)
    .option('--history <directory>', 'keep what is told, for "earshot calls" and "earshot rules test"')
    .option('--log-level <level>', `what to log: ${LEVELS.join(', ')}`, oneOf(LEVELS), 'info');
  return addPseudonymOptions(addMeasuringOptions(addAlertingOptions(command)));
}

function each(text: string, before: string[]): string[] {
  return [...before, text];
}

function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new InvalidArgumentError(`expected one of ${names.join(', ')}.`);
    return found;
  };
}

function hep(text: string, before: HepAddress[]): HepAddress[] {
  const parsed = parseHepAddress(text);
  if (!parsed.ok) throw new InvalidArgumentError(`${parsed.message}.`);
  return [...before, parsed.address];
}

function listen(text: string): { host: string; port: number } {
  const parsed = parseListen(text);
  if (parsed === null) throw new InvalidArgumentError('expected HOST:PORT, such as 127.0.0.1:10047.');
  return parsed;
}

/** What a timer can wait for. */
const DURATION_MAX_MS = 2 ** 31 - 1;

/** A duration in ms. Throws `InvalidArgumentError`. */
export function duration(text: string): number {
  const parts = /^(\d{1,6}(?:\.\d+)?)([smhd])$/.exec(text);
  const ms = parts === null ? Number.NaN : Number(parts[1]) * UNIT_MS[parts[2]!]!;
  if (!(ms > 0)) throw new InvalidArgumentError('expected a number and s, m, h or d: 90s, 10m.');
  if (ms > DURATION_MAX_MS)
    throw new InvalidArgumentError('expected 24 days at most; leave it out to run on.');
  return ms;
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('expected a number from 1 up.');
  return Number(text);
}

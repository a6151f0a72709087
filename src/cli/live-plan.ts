import { type HepAddress, parseHepAddress } from '../capture/live/hep-address.ts';
import type { EarshotConfig } from '../config/earshot-schema.ts';
import { type ConfiguredEngine, engineOptions } from '../config/engine-options.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import type { PacketRingOptions } from '../store/packet-ring.ts';
import { type ExportingPlan, exportingPlan } from './exporting-plan.ts';
import type { LiveOptions } from './live-options.ts';
import type { PseudonymOptions } from './pseudonym-options.ts';
import type { HistoryChoice } from './recording.ts';
import type { SavingChoice } from './saving-calls.ts';
import { type ServingPlan, servingPlan } from './serving-plan.ts';

/** An interface to capture from. */
export interface InterfaceChoice {
  name: string;
  engine: Exclude<LiveOptions['engine'], 'pipe'>;
  filter: string | null;
  promiscuous: boolean;
  blocks: number;
  blockBytes: number;
  retireMs: number;
  /** Sockets that share what comes in, each with such a ring. */
  sockets: number;
}

/** An address to listen on for HEP. */
export interface HepChoice {
  address: HepAddress;
  key: Uint8Array | null;
}

/** Which packets are kept on disk, and where. */
export interface KeepChoice extends PacketRingOptions {
  directory: string;
}

/** Where packets come from, as plain data. */
export interface SourceChoice {
  interfaces: readonly InterfaceChoice[];
  hep: readonly HepChoice[];
  /** Reads a capture from standard input. */
  pipe: boolean;
}

/** What `earshot live` is to do: the configuration with what the command line says instead. Plain data. */
export interface LivePlan {
  sources: SourceChoice;
  engine: Pick<ConfiguredEngine, 'scoring' | 'signalling' | 'rtp' | 'showDigits'>;
  keylog: string | null;
  /** Threads that measure beside the one that captures. */
  threads?: number;
  /** Whether anybody wants to hear of every interval of every stream. */
  intervals?: boolean;
  /** Packets to keep on disk; null for none. */
  keep?: KeepChoice | null;
  /** Bad calls to save out of them for longer; null for none. Neither this is for the thread. */
  saving?: SavingChoice | null;
  /** Records to keep on disk; null for none. Not for the thread. */
  history?: HistoryChoice | null;
  /** Not for the thread that measures; null where nobody can ask. */
  serving?: ServingPlan | null;
  /** Neither is this; null where nobody gets anything. */
  exporting?: ExportingPlan | null;
  /** For alerts; neither is it for the thread. */
  groups?: GroupsConfig;
  /** For those who take records. */
  pseudonyms?: PseudonymOptions;
  logLevel?: LiveOptions['logLevel'];
  probe?: string | null;
}

/** The options by name that stood on the command line; all others hold defaults. */
export type Given = (option: keyof LiveOptions) => boolean;

/**
 * Puts configuration and command line together. Sources on the command line take the place of all of the file's; of
 * everything else, what is given counts.
 *
 * @param hepKey the key for addresses on the command line
 */
export function livePlan(
  config: EarshotConfig,
  options: LiveOptions,
  given: Given,
  { pipe, hepKey }: { pipe: boolean; hepKey: Uint8Array | null },
): LivePlan {
  const named = pipe || options.interface.length > 0 || options.hep.length > 0;
  const sources = named ? commandSources(config, options, pipe, hepKey) : configSources(config);
  const history = historyChoice(config, options);
  const serving = servingPlan(config, options.listen ?? null);
  const exporting = exportingPlan(config);
  return {
    sources,
    intervals:
      options.json === true ||
      options.rules !== undefined ||
      serving !== null ||
      exporting !== null ||
      history?.intervals === true,
    engine: engineOptions(overridden(config, options, given)),
    keylog: options.keylog ?? config.tls.keylog,
    threads: options.threads ?? config.measuring.threads,
    keep: keepChoice(config, options),
    saving: savingChoice(config, options),
    history,
    groups: config.groups,
    probe: config.probe.name,
    pseudonyms: pseudonymChoice(config, options),
    logLevel: given('logLevel') ? options.logLevel : config.log.level,
    serving,
    exporting,
  };
}

/** What pseudonyms stand for, and where their key is. */
function pseudonymChoice({ privacy }: EarshotConfig, options: LiveOptions): PseudonymOptions {
  const keyFile = options.pseudonymKeyFile ?? privacy.pseudonymKeyFile;
  const configured = privacy.pseudonymise === 'names' ? true : privacy.pseudonymise;
  const what = options.pseudonymise ?? configured;
  return {
    ...(what === 'nothing' ? {} : { pseudonymise: what }),
    ...(keyFile === null ? {} : { pseudonymKeyFile: keyFile }),
  };
}

/** What of packets is kept; null for nothing, or where nobody says where. */
function keepChoice({ keep }: EarshotConfig, options: LiveOptions): KeepChoice | null {
  const keepMs = options.keep ?? keep.for;
  const directory = options.keepIn ?? keep.directory;
  if (keepMs === 0 || directory === null) return null;
  return { keepUs: keepMs * 1000, maxBytes: keep.maxMiB * 2 ** 20, directory };
}

/** Which calls are saved; null for none, or where no packets are kept. */
function savingChoice(config: EarshotConfig, options: LiveOptions): SavingChoice | null {
  const { badCalls } = config.keep;
  const kept = keepChoice(config, options);
  const directory = options.keepBadIn ?? badCalls.directory;
  if (kept === null || directory === null) return null;
  const { severity: least, maxMiB } = badCalls;
  return { keptIn: kept.directory, directory, least, maxBytes: maxMiB * 2 ** 20 };
}

function historyChoice({ history }: EarshotConfig, options: LiveOptions): HistoryChoice | null {
  const directory = options.history ?? history.directory;
  if (directory === null) return null;
  const { intervals } = history;
  return { directory, keepMs: history.for, maxBytes: history.maxMiB * 2 ** 20, intervals };
}

function commandSources(
  config: EarshotConfig,
  { interface: names, engine, filter, hep }: LiveOptions,
  pipe: boolean,
  key: Uint8Array | null,
): SourceChoice {
  const interfaces = names.flatMap((name) => {
    return interfaceChoices(config, [name]).map((base) => {
      const wish = engine === 'auto' || engine === 'pipe' ? base.engine : engine;
      return { ...base, engine: wish, filter: filter ?? base.filter };
    });
  });
  return { interfaces, pipe, hep: hep.map((address) => ({ address, key })) };
}

/** The interfaces of these names as they are configured, or with defaults; without names, all that are configured. */
export function interfaceChoices(config: EarshotConfig, names: readonly string[]): InterfaceChoice[] {
  if (names.length === 0) return config.interfaces.map(interfaceChoice);
  return names.map((name) => {
    const known = config.interfaces.find((each) => each.name === name);
    return known === undefined ? { ...UNCONFIGURED, name } : interfaceChoice(known);
  });
}

const UNCONFIGURED: Omit<InterfaceChoice, 'name'> = {
  engine: 'auto',
  filter: null,
  promiscuous: true,
  blocks: 256,
  blockBytes: 256 << 10,
  retireMs: 60,
  sockets: 1,
};

function interfaceChoice({
  name,
  engine,
  filter,
  promiscuous,
  ring,
}: EarshotConfig['interfaces'][number]): InterfaceChoice {
  const { blocks, blockKiB, retire, sockets } = ring;
  const shape = { blocks, blockBytes: blockKiB << 10, retireMs: retire, sockets };
  return { name, engine, filter, promiscuous, ...shape };
}

function configSources({ interfaces, hep }: EarshotConfig): SourceChoice {
  return {
    interfaces: interfaces.map(interfaceChoice),
    hep: hep.flatMap(({ listen, key }) => {
      const parsed = parseHepAddress(listen);
      return parsed.ok
        ? [{ address: parsed.address, key: key === null ? null : Buffer.from(key, 'utf8') }]
        : [];
    }),
    pipe: false,
  };
}

function overridden(config: EarshotConfig, options: LiveOptions, given: Given): EarshotConfig {
  const quality = { ...config.quality, plcByCodec: { ...config.quality.plcByCodec, ...options.plcOf } };
  if (given('assumedDelay')) {
    quality.assumeDelay = options.assumedDelay !== null;
    quality.assumedDelay = options.assumedDelay ?? quality.assumedDelay;
  }
  if (given('plc')) quality.plc = options.plc;
  if (given('playout')) quality.playout = options.playout;
  if (given('badR')) quality.badR = options.badR;
  const privacy = { ...config.privacy };
  if (given('payload')) privacy.payload = options.payload;
  if (given('showDigits')) privacy.showDigits = options.showDigits ?? false;
  const marking = { ...config.marking, ...options.marking };
  return { ...config, quality, privacy, marking, thresholds: { ...config.thresholds, ...options.threshold } };
}

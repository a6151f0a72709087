import { DEFAULT_MARKING } from '../calls/marking.ts';
import { DEFAULT_SIGNALLING } from '../calls/options.ts';
import { parseHepAddress } from '../capture/live/hep-address.ts';
import { DEFAULT_SCORING, isCodecRow, MODEL_NAMES } from '../engine/scoring.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from '../engine/thresholds.ts';
import { DSCP_PATTERN, dscpName } from '../records/dscp.ts';
import { LANES_MAX } from '../rtp/lanes/lanes.ts';
import { DEFAULT_RTP_OPTIONS } from '../rtp/plane.ts';
import { INFLUXDB, influxdbContradictions } from './influxdb-schema.ts';
import type { ConfigProblem } from './problem.ts';
import { type Environment, readConfig } from './read.ts';
import { choice, duration, flag, list, map, number, object, required, text, type ValueOf } from './schema.ts';
import { GROUPS, HTTP, METRICS_SETTINGS, servingContradictions } from './serving-schema.ts';

const DAY_MS = 86_400_000;
const KEPT_MIB = 1024;
const HISTORY_MIB = 4096;
const LISTEN = {
  pattern: /^(udp|tcp):(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/,
  expected: 'udp:HOST:PORT or tcp:HOST:PORT, IPv6 in brackets',
};

const INTERFACE = object('An interface that a switch port is mirrored to.', {
  name: required('Name of the interface, such as eth1.', {
    form: { pattern: /^[^\s/]{1,64}$/, expected: 'the name of an interface' },
  }),
  engine: choice(
    'How packets are taken: ring is AF_PACKET on Linux, pcap is libpcap, cap the package of that name; auto takes the best there is and says why.',
    ['auto', 'ring', 'pcap', 'cap'],
    'auto',
  ),
  filter: text('Packets to look at, as tcpdump takes it; all when left out.', null),
  promiscuous: flag(
    'Take packets that are not addressed to this machine: what a mirror port delivers.',
    true,
  ),
  ring: object('The ring that the kernel fills (engine ring).', {
    blocks: number('Number of blocks.', { default: 256, min: 4, max: 8192, whole: true }),
    blockKiB: number('Size of a block, a power of two.', {
      ...{ default: 256, min: 64, max: 4096, whole: true, unit: 'KiB' },
    }),
    retire: duration('A block that is not full is handed over after this time.', {
      ...{ default: 60, minMs: 1, maxMs: 1000 },
    }),
    sockets: number(
      'Sockets with a ring of this size each, among which packets are shared by flow (PACKET_FANOUT): for cards with several queues.',
      { default: 1, min: 1, max: 16, whole: true },
    ),
  }),
});

const HEP = object('An address where capture agents (HEP) send what they see.', {
  listen: required('Where to listen: udp:127.0.0.1:9060. Other machines need an address of an interface.', {
    form: LISTEN,
  }),
  key: text(
    'Authentication key that messages must carry. Take it from the environment, not from this file: see above.',
    null,
    { secret: true },
  ),
});

const QUALITY = object('What scores assume where nothing is measured. It is printed beside every score.', {
  playout: choice('The receiver buffer whose discards and delay scores count.', MODEL_NAMES, 'adaptive'),
  plc: flag('Endpoints conceal lost packets.', DEFAULT_SCORING.plc),
  plcByCodec: map(
    'Concealment by row of docs/scores.md where endpoints are known to differ.',
    flag('', true),
    {
      ...{ keys: null, keyDoc: 'a row of docs/scores.md', max: 100 },
    },
  ),
  assumeDelay: flag('Assume a network delay where none was measured.', true),
  assumedDelay: duration('That delay, one way.', { default: 50, minMs: 0, maxMs: 2000 }),
  badR: number('R on the narrowband scale below which time is bad.', {
    ...{ default: DEFAULT_SCORING.badR, min: 0, max: 100 },
  }),
});

const SIGNALLING = object('What is known of the signalling here.', {
  emergencyNumbers: list(
    'Users that are emergency numbers.',
    required('', { form: { pattern: /^\+?[\d*#]{2,15}$/, expected: 'a number such as "112", in quotes' } }),
    50,
    DEFAULT_SIGNALLING.emergencyNumbers,
  ),
  telephones: list(
    'Telephones, as user@host of what they are asked with OPTIONS, such as 1???@* or *@10.20.*: they are no trunks, though no registration was seen. * and ? stand for any characters.',
    required('', { form: { pattern: /^.{1,200}$/, expected: 'a pattern of 1 to 200 characters' } }),
    50,
    DEFAULT_SIGNALLING.telephones,
  ),
  legHeaders: list(
    'Headers of an INVITE that link the legs of one call across a B2BUA or SBC.',
    required('', { form: { pattern: /^[A-Za-z0-9!%*_+`'~.-]{1,64}$/, expected: 'the name of a header' } }),
    50,
    DEFAULT_SIGNALLING.legHeaders,
  ),
  legWindow: duration('The next leg of a call, told by its parties and hosts, follows within this time.', {
    ...{ default: DEFAULT_SIGNALLING.legWindowUs / 1000, minMs: 0, maxMs: 60_000 },
  }),
});

const DSCP = {
  form: { pattern: DSCP_PATTERN, expected: 'EF, VA, LE, CS1 to CS7, AF11 to AF43, or "0" to "63" in quotes' },
};

const VOICE: readonly string[] = DEFAULT_MARKING.voice.map(dscpName);

const MARKING = object(
  'How packets are marked here (DSCP), for findings `dscp_unmarked`. Where nothing is listed, nothing is judged.',
  {
    voice: list('Markings of voice, the usual one first.', required('', DSCP), 16, VOICE),
    signalling: list('Markings of SIP, such as CS3 or AF31.', required('', DSCP), 16),
  },
);

/** All that `earshot.yaml` may hold. */
export const EARSHOT_SCHEMA = object('Configuration of the live probe.', {
  probe: object('This probe.', {
    name: text(
      'Its name in metrics, alerts and reports of captures; in the first two the name of the machine when left out.',
      null,
      {
        form: { pattern: /^[\w.:-]{1,64}$/, expected: 'up to 64 letters, digits, and . : _ -' },
      },
    ),
  }),
  interfaces: list('Where packets come from.', INTERFACE, 64),
  hep: list('Where capture agents report to.', HEP, 16),
  tls: object('SIP over TLS.', {
    keylog: text('File of TLS secrets (SSLKEYLOGFILE format). It is read once, when measuring begins.', null),
  }),
  quality: QUALITY,
  signalling: SIGNALLING,
  marking: MARKING,
  thresholds: map(
    'From where on something is a finding. docs/thresholds.md lists the names, units and defaults.',
    number('', { default: 0, min: 0, max: 1e9 }),
    { keys: Object.keys(DEFAULT_THRESHOLDS), keyDoc: 'a name of docs/thresholds.md', max: 200 },
  ),
  measuring: object('How the work is spread over processors.', {
    threads: number(
      'Threads that measure beside the one that captures and decodes; each owns streams of its own. The results are the same.',
      { default: 0, min: 0, max: LANES_MAX, whole: true },
    ),
  }),
  limits: object('What the probe may hold at one time.', {
    streams: number('RTP streams measured at one time; further ones are counted.', {
      ...{ default: DEFAULT_RTP_OPTIONS.streamsMax, min: 64, max: 1_000_000, whole: true },
    }),
    streamIdle: duration('A stream that no call claims is over after so long without a packet.', {
      ...{ default: DEFAULT_RTP_OPTIONS.idleUs / 1000, minMs: 1000, maxMs: DAY_MS },
    }),
    claimedStreamIdle: duration('One that a call claims, after longer: it may be on hold.', {
      ...{ default: DEFAULT_RTP_OPTIONS.claimedIdleUs / 1000, minMs: 1000, maxMs: DAY_MS },
    }),
  }),
  privacy: object('What is never looked at or shown.', {
    payload: flag(
      'A few octets of speech may be looked at as numbers (dead air, codec modes). Nothing is kept.',
      true,
    ),
    showDigits: flag('Show the keys that callers press. They are PINs and card numbers.', false),
    pseudonymise: choice(
      'What pseudonyms stand for in everything that the probe prints, serves, sends and keeps: names are numbers and names, addresses are IP addresses and host names as well (docs/privacy.md).',
      ['nothing', 'names', 'addresses'],
      'nothing',
    ),
    pseudonymKeyFile: text(
      'File with the key of pseudonyms, 16 characters at least; else EARSHOT_PSEUDONYM_KEY, else one that is forgotten at the end.',
      null,
    ),
  }),
  keep: object(
    'The last minutes of packets, in pcapng files on disk, to look at a bad call afterwards. Signalling and RTCP are whole, of RTP there are headers only: nothing that was said.',
    {
      for: duration('For how long. 0s keeps nothing.', { default: 0, minMs: 0, maxMs: 31 * DAY_MS }),
      directory: text('Where. Files of other names in it are left alone.', null),
      maxMiB: number('The oldest file goes when there is more than this.', {
        ...{ default: KEPT_MIB, min: 20, max: 100_000_000, whole: true, unit: 'MiB' },
      }),
      badCalls: object('Calls whose packets are saved out of these, before they go.', {
        directory: text(
          'Where; none are saved when left out. Files of other names in it are left alone.',
          null,
        ),
        severity: choice('The mildest finding that is enough.', ['critical', 'warning'], 'critical'),
        maxMiB: number('The oldest file goes when there is more than this.', {
          ...{ default: KEPT_MIB, min: 1, max: 100_000_000, whole: true, unit: 'MiB' },
        }),
      }),
    },
  ),
  history: object(
    'What the probe tells, kept on disk: calls, streams, findings and where it stood. `earshot calls` searches it, `earshot rules test` tries rules on it.',
    {
      directory: text(
        'Where; nothing is kept when left out. Files of other names in it are left alone.',
        null,
      ),
      for: duration('For how long.', { default: 30 * DAY_MS, minMs: 60_000, maxMs: 3650 * DAY_MS }),
      maxMiB: number('The oldest file goes when there is more than this.', {
        ...{ default: HISTORY_MIB, min: 20, max: 100_000_000, whole: true, unit: 'MiB' },
      }),
      intervals: flag(
        'Every five seconds of every stream as well: ten times as much, for rules on intervals.',
        false,
      ),
    },
  ),
  http: HTTP,
  metrics: METRICS_SETTINGS,
  groups: GROUPS,
  influxdb: INFLUXDB,
  log: object('The log on standard error.', {
    level: choice('The least that is worth a line.', ['debug', 'info', 'warn', 'error'], 'info'),
  }),
});

export type EarshotConfig = Omit<ValueOf<typeof EARSHOT_SCHEMA>, 'thresholds'> & {
  thresholds: Partial<Thresholds>;
};

/** A configuration that may be used, or all that is wrong with it. */
export type CheckedConfig =
  | { ok: true; config: EarshotConfig }
  | { ok: false; problems: readonly ConfigProblem[] };

/** Reads `earshot.yaml` and checks what its parts mean together. */
export function readEarshotConfig(source: string, environment: Environment): CheckedConfig {
  const { value, problems, placeOf } = readConfig(source, EARSHOT_SCHEMA, environment);
  if (problems.length > 0) return { ok: false, problems };
  const config = value as EarshotConfig;
  const contradictions = contradictionsIn(config).map(({ path, text: said }) => {
    return { ...placeOf(path), path, text: said };
  });
  return contradictions.length > 0 ? { ok: false, problems: contradictions } : { ok: true, config };
}

interface Contradiction {
  path: string;
  text: string;
}

function contradictionsIn(config: EarshotConfig): Contradiction[] {
  const { interfaces, hep, keep, privacy, quality } = config;
  const found: Contradiction[] = [];
  for (const [i, { name, ring }] of interfaces.entries()) {
    const first = interfaces.findIndex((other) => other.name === name);
    if (first < i)
      found.push({ path: `interfaces[${i}].name`, text: `"${name}" is interfaces[${first}] already` });
    if (!Number.isInteger(Math.log2(ring.blockKiB))) {
      const text = `expected a power of two such as 128, 256 or 512, got "${ring.blockKiB}"`;
      found.push({ path: `interfaces[${i}].ring.blockKiB`, text });
    }
  }
  for (const [i, { listen }] of hep.entries()) {
    const port = Number(listen.slice(listen.lastIndexOf(':') + 1));
    const path = `hep[${i}].listen`;
    const parsed = parseHepAddress(listen);
    if (port < 1 || port > 65_535)
      found.push({ path, text: `expected a port from 1 to 65535, got "${port}"` });
    else if (!parsed.ok) found.push({ path, text: parsed.message });
    const first = hep.findIndex((other) => other.listen === listen);
    if (first < i) found.push({ path, text: `"${listen}" is hep[${first}] already` });
  }
  if (keep.for > 0 && keep.directory === null)
    found.push({ path: 'keep.for', text: 'keep.directory must say where packets are kept' });
  if (keep.badCalls.directory !== null && keep.for === 0)
    found.push({ path: 'keep.badCalls.directory', text: 'keep.for must say that packets are kept' });
  if (privacy.pseudonymise !== 'nothing') {
    const path = 'privacy.pseudonymise';
    if (keep.for > 0) found.push({ path, text: 'packets that are kept hold every name; leave out keep' });
    if (privacy.showDigits)
      found.push({ path, text: 'keys that callers press would be shown; leave out privacy.showDigits' });
  }
  for (const codec of Object.keys(quality.plcByCodec)) {
    if (isCodecRow(codec)) continue;
    found.push({ path: `quality.plcByCodec.${codec}`, text: `"${codec}" is no row of docs/scores.md` });
  }
  return [...found, ...servingContradictions(config), ...influxdbContradictions(config.influxdb)];
}

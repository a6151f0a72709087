import { parseAddress } from './address.ts';
import {
  boolean,
  type Check,
  fail,
  integer,
  list,
  matching,
  nullable,
  number,
  object,
  oneOf,
} from './checks.ts';

export { ScenarioError } from './checks.ts';

import { codecNames, findCodec } from './codecs.ts';
import type { Scenario, StreamSpec } from './scenario.ts';
import { RESTART_JUMP, SKIP_JUMP, ticksContradict } from './sender.ts';
import { returnChecks } from './validate-returned.ts';
import { signallingChecks } from './validate-signalling.ts';

/** An object whose `kind` decides its fields. All of them are needed but those in `optional`. */
function variant(kinds: Record<string, Record<string, Check>>, optional: readonly string[] = []): Check {
  return (value, path) => {
    if (typeof value !== 'object' || value === null) fail(path, 'must be an object with a kind');
    const kind = (value as { kind?: unknown }).kind;
    oneOf(...Object.keys(kinds))(kind, `${path}.kind`);
    const fields = kinds[kind as string]!;
    const required = Object.keys(fields).filter((name) => !optional.includes(name));
    object({ kind: () => {}, ...fields }, required)(value, path);
  };
}

const text = matching(/^[^\r\n]*$/, 'text in one line');
const address: Check = (value, path) => {
  if (typeof value !== 'string' || parseAddress(value) === null) {
    fail(path, `must be an IPv4 or IPv6 address, got ${JSON.stringify(value)}`);
  }
};
const codecName: Check = (value, path) => {
  if (typeof value !== 'string' || findCodec(value) === undefined) {
    fail(path, `must be one of ${codecNames()}, got ${JSON.stringify(value)}`);
  }
};
const YEAR_MS = 366 * 86_400_000;
const duration = number(0, YEAR_MS);
const port = integer(1, 65535);
/** RTCP goes to the port above. */
const mediaPort = integer(1, 65534);
const ratio = number(0, 1);
const index = integer(0, 2 ** 31);
const u16 = integer(0, 0xffff);
const u32 = integer(0, 0xffffffff);
const side = oneOf('caller', 'callee');

const span = object({ atMs: duration, durationMs: duration }, ['atMs', 'durationMs']);

const loss = variant(
  {
    random: { ratio, fromMs: duration, untilMs: duration },
    gilbert: { p: ratio, q: ratio, fromMs: duration, untilMs: duration },
    exact: { positions: list(index) },
    periodic: { every: integer(1, 2 ** 31), count: index },
    beat: { everyMs: number(1, YEAR_MS), forMs: duration, atMs: duration },
    windows: { windows: list(span) },
  },
  ['count', 'fromMs', 'untilMs', 'atMs'],
);

const jitter = variant({
  none: {},
  uniform: { maxMs: duration },
  gauss: { sigmaMs: duration },
  spikes: { everyPackets: integer(1, 2 ** 31), delayMs: duration },
  exact: { delaysMs: list(duration) },
  ramp: { everyMs: number(1, YEAR_MS), riseMs: duration },
  beat: { everyMs: number(1, YEAR_MS), forMs: duration, delayMs: duration },
});

const restart: Check = (value, path) => {
  object({ index, seqJump: integer(0, 65_000), tsJump: u32 }, ['index', 'seqJump', 'tsJump'])(value, path);
  const jump = value as NonNullable<StreamSpec['restartAt']>;
  const { seqJump } = jump;
  const skips = ticksContradict(jump);
  // In between, and above, it hangs on the losses around it whether a receiver sees a gap, a restart or reordering.
  if (!skips && seqJump > 1000 && seqJump < RESTART_JUMP) {
    fail(`${path}.seqJump`, `must be up to 1000 (a gap) or from 3000 (a restart), got ${seqJump}`);
  }
  if (skips && ((seqJump > 40 && seqJump < SKIP_JUMP) || (seqJump > 2900 && seqJump < RESTART_JUMP))) {
    fail(
      `${path}.seqJump`,
      `must be up to 40 (a gap), 60 to 2900 or from 3000 (a restart) where timestamps do not go along, got ${seqJump}`,
    );
  }
};

const transport = object({ ip: address, port }, ['ip', 'port']);
const pathChange = object(
  {
    atMs: duration,
    dscp: integer(0, 63),
    ttl: integer(1, 255),
    delayMs: number(-YEAR_MS, YEAR_MS),
  },
  ['atMs'],
);
const pause = object({ atMs: duration, durationMs: duration, clockRunsOn: boolean }, ['atMs', 'durationMs']);
const codecChange = object({ atMs: duration, codec: codecName, durationMs: duration }, ['atMs', 'codec']);
const tone = object({ atMs: duration, durationMs: duration, hz: number(1, 4000) }, [
  'atMs',
  'durationMs',
  'hz',
]);

const streamFields: Record<string, Check> = {
  ssrc: u32,
  startSeq: u16,
  startTimestamp: u32,
  offsetMs: number(-YEAR_MS, YEAR_MS),
  durationMs: duration,
  dscp: integer(0, 63),
  ttl: integer(1, 255),
  skewPpm: number(-500_000, 500_000),
  baseDelayMs: duration,
  loss,
  lossAfterTap: loss,
  jitter,
  reorder: object({ positions: list(index), by: integer(1, 1000) }, ['positions', 'by']),
  duplicate: object({ positions: list(index), afterMs: duration, mirror: boolean }, ['positions', 'afterMs']),
  dtx: object({ talkMs: duration, silenceMs: duration, comfortNoise: boolean }, ['talkMs', 'silenceMs']),
  restartAt: restart,
  ssrcChangeAt: index,
  codec: codecName,
  payloadType: integer(0, 127),
  ptimeMs: number(1, 1000),
  clockRate: integer(1000, 192_000),
  codecChange,
  quiet: span,
  tone,
  tones: list(tone),
  pauses: list(pause),
  encrypted: boolean,
  from: transport,
  to: transport,
  pathChange,
};
const stream = object(streamFields);

const endpoint = object({
  user: matching(/^[A-Za-z0-9_.!~*+-]+$/, 'a SIP user name'),
  domain: matching(/^[A-Za-z0-9.-]+$/, 'a host name'),
  ip: address,
  sipPort: port,
  rtpPort: mediaPort,
});

const ring: Check = (value, path) => {
  if (!Array.isArray(value)) return duration(value, path);
  if (value.length !== 2) fail(path, 'must be one number or a pair of numbers');
  list(duration)(value, path);
};

const rtcp = object({
  intervalMs: number(10, YEAR_MS),
  tapToCallerMs: duration,
  tapToCalleeMs: duration,
  mux: boolean,
  xr: list(oneOf('reference_time', 'voip_metrics', 'statistics', 'loss_runs')),
  heardOnly: boolean,
});

const { icmp, t38 } = returnChecks({ address, duration, index, loss, port, u16 });
const { signalling, registration, trunk } = signallingChecks({ address, duration, port, side });
const way = oneOf('callerToCallee', 'calleeToCaller');
const codecTypes: Check = (value, path) => {
  if (typeof value !== 'object' || value === null) fail(path, 'must be an object');
  for (const [name, type] of Object.entries(value)) {
    codecName(name, path);
    integer(0, 127)(type, `${path}.${name}`);
  }
};
const sdp = object({
  address,
  profile: matching(/^[A-Z/]+$/, 'a profile such as RTP/SAVP'),
  crypto: boolean,
  fingerprint: boolean,
  ptimeMs: nullable(number(1, 1000)),
  maxptimeMs: number(1, 1000),
  events: nullable(integer(96, 127)),
  types: codecTypes,
  silenceSuppression: boolean,
  flow: oneOf('sendrecv', 'sendonly', 'recvonly', 'inactive'),
});
const reinvite = object(
  {
    atMs: duration,
    by: side,
    codec: codecName,
    image: oneOf('accepted', 'refused'),
    withAudio: boolean,
    sdp,
    rtpPort: mediaPort,
  },
  ['atMs'],
);
const digitText = matching(/^[0-9*#A-D]+$/, 'digits 0-9 * # A-D');

const call = object({
  note: text,
  callId: matching(/^[A-Za-z0-9_.!~*+@:-]+$/, 'a SIP Call-ID'),
  startMs: duration,
  ringMs: ring,
  durationMs: duration,
  transport: oneOf('udp', 'tcp', 'ws', 'tls', 'wss'),
  tlsVersion: oneOf('1.2', '1.3'),
  outcome: oneOf(
    'answered',
    'busy',
    'not_found',
    'canceled',
    'no_answer',
    'ringing',
    'none',
    'open',
    'midcall',
    'unreachable',
  ),
  finalCode: integer(300, 699),
  releasedBy: side,
  earlyMedia: boolean,
  caller: endpoint,
  callee: endpoint,
  offer: list(codecName),
  codec: codecName,
  ptimeMs: number(1, 1000),
  lateSdp: boolean,
  natCaller: object({ ip: address, port: mediaPort }, ['ip', 'port']),
  hold: object({ atMs: duration, durationMs: duration, by: side }, ['atMs', 'durationMs']),
  signalling,
  rtcp: (value, path) => {
    if (value !== false) rtcp(value, path);
  },
  dtmf: object(
    {
      atMs: duration,
      digits: digitText,
      payloadType: integer(96, 127),
      toneMs: number(10, 1000),
      gapMs: number(0, 60_000),
      from: side,
    },
    ['atMs', 'digits'],
  ),
  infoDigits: object({ atMs: duration, digits: digitText, from: side, answer: integer(200, 699) }, [
    'atMs',
    'digits',
  ]),
  video: boolean,
  sdp: object({ caller: sdp, callee: sdp }),
  reinvites: list(reinvite),
  icmp: list(icmp),
  t38,
  extraStreams: list(object({ way, ...streamFields }, ['way'])),
  callerToCallee: nullable(stream),
  calleeToCaller: nullable(stream),
});

const capture = object({
  mirrorLoss: object({ everyMs: number(1, YEAR_MS), forMs: duration, ratio }, ['everyMs', 'forMs', 'ratio']),
  countDrops: boolean,
  standstills: list(object({ atMs: duration, durationMs: duration }, ['atMs', 'durationMs'])),
  sample: object({ ratio, of: oneOf('all', 'media') }, ['ratio']),
  hideWay: way,
  hideSide: side,
  snapLength: integer(14, 65_535),
  clockSteps: list(object({ atMs: duration, byMs: number(-YEAR_MS, YEAR_MS) }, ['atMs', 'byMs'])),
  skewPpm: number(-500_000, 500_000),
  resolutionMs: number(0.001, 1000),
  batchMs: number(0.01, 10_000),
});

const scenario = object(
  {
    seed: integer(0, Number.MAX_SAFE_INTEGER),
    startTime: (value, path) => {
      const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
      matching(zoned, 'an ISO 8601 time with zone, such as 2026-03-02T09:00:00Z')(value, path);
      if (!(Date.parse(value as string) >= 0))
        fail(path, `is no time after 1970, got ${JSON.stringify(value)}`);
    },
    nanoseconds: boolean,
    linkType: oneOf('ethernet'),
    vlans: list(integer(0, 4094), 4),
    ipv6: boolean,
    hep: boolean,
    background: object({ dns: index, quic: index, randomUdp: index, icmp: index }),
    capture,
    calls: list(call),
    registrations: list(registration),
    trunks: list(trunk),
    untilMs: duration,
  },
  ['calls'],
);

/**
 * Checks a value read from JSON field by field and returns it as a scenario.
 * Throws `ScenarioError` with one line that names the first field at fault.
 */
export function checkScenario(value: unknown): Scenario {
  scenario(value, 'scenario');
  return value as Scenario;
}

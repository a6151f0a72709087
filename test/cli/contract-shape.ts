/**
 * The contract `earshot.report/1` as design.md lists it. `number?` may be null; `time` is ISO 8601 UTC with
 * microseconds. Fields may be added, so what is not listed is ignored.
 */
export type Shape = string | readonly [Shape] | { readonly [field: string]: Shape };

const ENDPOINT: Shape = { ip: 'text', port: 'number' };
const DISTRIBUTION = { p50: 'number?', p95: 'number?', p99: 'number?', max: 'number?' };

export const CAPTURE: Shape = {
  files: [{ path: 'text', format: 'text', linkTypes: ['text'], packets: 'number', bytes: 'number' }],
  startTime: 'time?',
  endTime: 'time?',
  packets: 'number',
  bytes: 'number',
  decoded: { sip: 'number', rtp: 'number', rtcp: 'number', t38: 'number', other: 'number' },
  discarded: 'counts',
  mirrorDuplicates: 'number',
  mirrorDuplicatesRatio: 'number',
  fragments: { packets: 'number', datagrams: 'number' },
  encrypted: {
    tlsConnections: 'number',
    tlsDecrypted: 'number',
    sipTlsSuspected: 'number',
    unread: 'counts',
    tlsElsewhere: 'number',
  },
  voiceClass: {
    dscp: ['number'],
    audioPackets: 'number',
    audioOctets: 'number',
    otherPackets: 'number',
    otherOctets: 'number',
    otherRatio: 'number?',
    sources: [
      { ip: 'text', octets: 'number', tcpPackets: 'number', udpPackets: 'number', videoPackets: 'number' },
    ],
    furtherSources: 'number',
  },
  hep: { messages: 'number', clocksCorrected: 'number' },
  trust: { verdict: 'trusted|degraded|untrusted', reasons: [{ code: 'text', text: 'text' }] },
};

export const CALL: Shape = {
  id: 'text',
  callId: 'text',
  from: 'text?',
  to: 'text?',
  startTime: 'time',
  answerTime: 'time?',
  endTime: 'time?',
  durationMs: 'number?',
  state: 'answered|failed|canceled|ringing|open',
  finalCode: 'number?',
  releasedBy: 'caller|callee|null',
  setup: {
    postDialDelayMs: 'number?',
    answerDelayMs: 'number?',
    mediaDelayMs: { callerToCallee: 'number?', calleeToCaller: 'number?' },
  },
  roundTripMs: 'number?',
  roundTripSidesMs: { toCaller: 'number?', toCallee: 'number?' },
  endpointReports: [{ time: 'time', reporter: 'caller|callee|null', source: 'text' }],
  mediaRefusals: [
    { reason: 'text', from: 'text', countAtLeast: 'number', startTime: 'time', endTime: 'time' },
  ],
  verdict: 'healthy|signalling|media|both|unknown',
  streams: ['text'],
  findings: ['text'],
};

const QUALITY: Shape = {
  model: 'text',
  scale: 'NB|WB|FB',
  codecRow: 'text',
  grounded: 'boolean',
  rFactor: 'number?',
  rFactorLq: 'number',
  mosLq: 'number',
  mosCq: 'number?',
  assumptions: { plc: 'boolean', delayMs: 'number?', playout: 'text' },
  impairments: { codec: 'number', loss: 'number', discard: 'number', delay: 'number' },
  worst: { startTime: 'time', rFactor: 'number', mosLq: 'number' },
};

export const STREAM: Shape = {
  id: 'text',
  callId: 'text?',
  direction: 'callerToCallee|calleeToCaller|null',
  src: ENDPOINT,
  dst: ENDPOINT,
  ssrc: 'ssrc',
  interface: 'text?',
  vlans: ['number'],
  encapsulation: ['text'],
  codec: 'text?',
  payloadTypes: ['number'],
  clockRate: 'number?',
  clockRateMeasured: 'number?',
  clockRateSource: 'sdp|static|inferred|null',
  ptimeMs: 'number?',
  startTime: 'time',
  endTime: 'time',
  durationMs: 'number',
  packets: 'number',
  octets: 'number',
  ipKbps: 'number?',
  expected: 'number',
  lost: 'number',
  lostRatio: 'number',
  lostRfc: 'number',
  duplicates: 'number',
  mirrorDuplicates: 'number',
  reordered: 'number',
  tooOld: 'number',
  restarts: 'number',
  jitterMs: { mean: 'number?', ...DISTRIBUTION },
  jitterRfcMs: { last: 'number?', mean: 'number?', max: 'number?' },
  pdvMs: { ...DISTRIBUTION, samples: 'number' },
  ipdvMs: { p5: 'number?', p50: 'number?', p95: 'number?', absP95: 'number?', samples: 'number' },
  maxDeltaMs: 'number',
  burst: {
    gmin: 'number',
    bursts: 'number',
    burstDensity: 'number?',
    burstDurationMs: 'number?',
    gapDensity: 'number?',
    gapDurationMs: 'number?',
    longestLossRun: 'number',
    burstR: 'number',
    lossRuns: 'number',
    runLengths: ['number'],
    criticalLossDensity: 'number?',
  },
  playout: 'object',
  whatIf: 'object?',
  media: 'object',
  skewPpm: 'number?',
  dscp: ['number'],
  ttl: ['number'],
  events: [{ digit: 'text', startTime: 'time', durationMs: 'number?' }],
  rtcp: {
    senderReports: 'number',
    receiverReports: 'number',
    xrReports: 'number',
    srtcp: 'number',
    lostRatio: 'number?',
    fractionLostMax: 'number?',
    jitterMs: 'number?',
    jitterMaxMs: 'number?',
    lossCompared: 'number?',
    lossBeforeProbe: 'number?',
    lossBeforeProbeRatio: 'number?',
    lossAfterProbe: 'number?',
    lossAfterProbeRatio: 'number?',
    lossOnlyAtProbe: 'number?',
    worst: 'object?',
    unheard: 'object?',
    senderRoundTripMs: 'object?',
    roundTripsDropped: 'counts',
    srClockPpm: 'number?',
    flags: ['text'],
    cname: 'text?',
    goodbyeReason: 'text?',
    applications: ['text'],
    endpoint: 'object?',
  },
  roundTripMs: 'object?',
  quality: QUALITY,
  intervals: [
    {
      startTime: 'time',
      durationMs: 'number',
      packets: 'number',
      expected: 'number',
      lost: 'number',
      discarded: 'number',
      jitterMs: 'number?',
      pdvP95Ms: 'number?',
      rFactor: 'number?',
      mosLq: 'number?',
      pdvP50Ms: 'number?',
      pdvP99Ms: 'number?',
      ipdvP95Ms: 'number?',
      impairments: 'object?',
    },
  ],
};

export const FINDING: Shape = {
  code: 'text',
  severity: 'info|warning|critical',
  callId: 'text?',
  streamId: 'text?',
  direction: 'callerToCallee|calleeToCaller|null',
  startTime: 'time',
  endTime: 'time?',
  text: 'text',
  evidence: 'object',
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Where a value departs from its shape; null when it does not. */
export function departure(value: unknown, shape: Shape, path: string): string | null {
  if (typeof shape === 'string')
    return isKind(value, shape) ? null : `${path}: ${JSON.stringify(value)} is no ${shape}`;
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${path} is no list`;
    return first(value.map((entry, i) => departure(entry, shape[0], `${path}[${i}]`)));
  }
  if (typeof value !== 'object' || value === null) return `${path} is no object`;
  const fields = value as Record<string, unknown>;
  return first(
    Object.entries(shape).map(([name, inner]) =>
      name in fields ? departure(fields[name], inner, `${path}.${name}`) : `${path}.${name} is missing`,
    ),
  );
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function first(found: readonly (string | null)[]): string | null {
  return found.find((entry) => entry !== null) ?? null;
}

function isKind(value: unknown, kind: string): boolean {
  if (kind.endsWith('?')) return value === null || isKind(value, kind.slice(0, -1));
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'time':
      return typeof value === 'string' && TIME.test(value);
    case 'ssrc':
      return typeof value === 'string' && /^0x[\da-f]{8}$/.test(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'counts':
      return (
        isKind(value, 'object') && Object.values(value as object).every((count) => isKind(count, 'number'))
      );
    default:
      return kind.split('|').includes(String(value));
  }
}

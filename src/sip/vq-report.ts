/**
 * Voice quality reports that endpoints send in SIP: `application/vq-rtcpxr` bodies of PUBLISH and NOTIFY (RFC 6035),
 * read as widely as implementations write them.
 */
import type { VqAddress, VqMetrics, VqReport } from '../records/endpoint-reports.ts';
import type { SipMessage } from './message.ts';
import { hasContentType } from './message.ts';
import { bufferOver, decodeText, unquote } from './text.ts';

const BODY_MAX = 16_384;
const LINES_MAX = 256;
const LINE_MAX = 2048;
const PAIRS_MAX = 48;
const TEXT_MAX = 256;

/** Code of signal levels, echo return loss, R and MOS that are not known. */
const UNAVAILABLE = 127;

/** What is being filled while lines are read. */
interface Draft {
  report: VqReport;
  /** Metrics stand in sections; what describes the call may stand before or within them. */
  section: 'local' | 'remote';
  seen: Set<'local' | 'remote'>;
}

/** The report in a message's body; null when it has none, or none that can be read. */
export function vqReportOf(message: SipMessage): VqReport | null {
  if (message.body === null || !hasContentType(message, 'application/vq-rtcpxr')) return null;
  const body = bufferOver(message.body, 0, Math.min(message.body.length, BODY_MAX));
  return parseVqReport(decodeText(body, 0, body.length));
}

/**
 * Reads a vq-rtcpxr body: `Name:Key=Value Key=Value` lines in any order and case, with or without CR, space after
 * the colon, or space between pairs. Unknown lines and keys are passed over.
 *
 * @returns null unless the first line names a kind of report
 */
export function parseVqReport(text: string): VqReport | null {
  const lines = text.slice(0, BODY_MAX).split(/\r\n|\n|\r/, LINES_MAX);
  const first = lines.findIndex((line) => line.trim() !== '');
  const head = /^\s*VQ(Session|Interval|Alert)Report\s*(?::(.*))?$/i.exec(lines[first] ?? '');
  if (head === null) return null;
  const kind = head[1]!.toLowerCase() as VqReport['kind'];
  const draft: Draft = { report: emptyReport(kind, head[2] ?? ''), section: 'local', seen: new Set() };
  for (const line of lines.slice(first + 1)) {
    const parts = /^\s*([A-Za-z][\w-]{0,63})\s*:(.*)$/.exec(line.slice(0, LINE_MAX));
    if (parts !== null) takeLine(draft, parts[1]!.toLowerCase(), parts[2]!.trim());
  }
  if (!draft.seen.has('local')) draft.report.local = null;
  if (!draft.seen.has('remote')) draft.report.remote = null;
  return draft.report;
}

function emptyReport(kind: VqReport['kind'], rest: string): VqReport {
  const pairs = readPairs(rest);
  return {
    source: 'vq-rtcpxr',
    kind,
    callTerm: /\bCallTerm\b/i.test(rest),
    alert:
      kind === 'alert'
        ? { type: text(pairs, 'type'), severity: text(pairs, 'severity'), direction: text(pairs, 'dir') }
        : null,
    callId: null,
    localId: null,
    remoteId: null,
    originId: null,
    localGroup: null,
    remoteGroup: null,
    localAddress: null,
    remoteAddress: null,
    local: emptyMetrics(),
    remote: emptyMetrics(),
  };
}

function takeLine(draft: Draft, name: string, value: string): void {
  const { report } = draft;
  switch (name) {
    case 'localmetrics':
      draft.section = 'local';
      return;
    case 'remotemetrics':
      draft.section = 'remote';
      return;
    case 'callid':
      report.callId ??= clipped(value);
      return;
    case 'dialogid':
      report.callId ??= clipped(value.split(';', 1)[0]!.trim());
      return;
    case 'localid':
    case 'toid':
      report.localId ??= clipped(value);
      return;
    case 'remoteid':
    case 'fromid':
      report.remoteId ??= clipped(value);
      return;
    case 'origid':
      report.originId ??= clipped(value);
      return;
    case 'localgroup':
      report.localGroup ??= clipped(value);
      return;
    case 'remotegroup':
      report.remoteGroup ??= clipped(value);
      return;
    case 'localaddr':
      report.localAddress ??= address(readPairs(value));
      return;
    case 'remoteaddr':
      report.remoteAddress ??= address(readPairs(value));
      return;
  }
  const metrics = draft.section === 'local' ? report.local! : report.remote!;
  if (takeMetrics(metrics, name, readPairs(value))) draft.seen.add(draft.section);
}

/** Takes a line of metrics; false when it is none. */
function takeMetrics(metrics: VqMetrics, name: string, pairs: Pairs): boolean {
  const read = METRIC_LINES[name];
  if (read === undefined) return false;
  Object.assign(metrics, read(pairs));
  return true;
}

type Pairs = ReadonlyMap<string, string>;

const METRIC_LINES: Readonly<Record<string, (pairs: Pairs) => Partial<VqMetrics>>> = {
  timestamps: (p) => ({ startTime: text(p, 'start'), stopTime: text(p, 'stop') }),
  sessiondesc: (p) => ({
    payloadType: number(p, 'pt', 0, 127),
    codec: text(p, 'pd'),
    sampleRate: number(p, 'sr', 1, 1e6),
    packetsPerSecond: number(p, 'pps', 0, 1e5),
    plc: number(p, 'plc', 0, 3),
    silenceSuppression: onOrOff(p, 'ssup'),
  }),
  jitterbuffer: (p) => ({
    jitterBufferAdaptive: number(p, 'jba', 0, 3),
    jitterBufferRate: number(p, 'jbr', 0, 15),
    jitterBufferNominalMs: number(p, 'jbn', 0, 65_535),
    jitterBufferMaximumMs: number(p, 'jbm', 0, 65_535),
    jitterBufferAbsoluteMaximumMs: number(p, 'jbx', 0, 65_535),
  }),
  packetloss: (p) => ({ lossRatio: ratio(p, 'nlr'), discardRatio: ratio(p, 'jdr') }),
  burstgaploss: (p) => ({
    burstDensity: ratio(p, 'bld'),
    burstDurationMs: number(p, 'bd', 0, 1e9),
    gapDensity: ratio(p, 'gld'),
    gapDurationMs: number(p, 'gd', 0, 1e9),
    gmin: number(p, 'gmin', 0, 255),
  }),
  delay: (p) => ({
    roundTripMs: number(p, 'rtd', 0, 65_535),
    endSystemDelayMs: number(p, 'esd', 0, 65_535),
    oneWayDelayMs: number(p, 'owd', 0, 65_535),
    symmetricOneWayDelayMs: number(p, 'sowd', 0, 65_535),
    jitterMs: number(p, 'iaj', 0, 65_535),
    meanAbsoluteJitterMs: number(p, 'maj', 0, 65_535),
  }),
  signal: (p) => ({
    signalLevelDbm0: level(p, 'sl'),
    noiseLevelDbm0: level(p, 'nl'),
    residualEchoReturnLossDb: level(p, 'rerl'),
  }),
  qualityest: (p) => ({
    rLq: number(p, 'rlq', 0, 120),
    rCq: number(p, 'rcq', 0, 120),
    externalRIn: number(p, 'extri', 0, 120),
    externalROut: number(p, 'extro', 0, 120),
    mosLq: number(p, 'moslq', 1, 5),
    mosCq: number(p, 'moscq', 1, 5),
    algorithm: text(p, 'qoeestalg') ?? text(p, 'moscqestalg') ?? text(p, 'moslqestalg'),
  }),
};

function emptyMetrics(): VqMetrics {
  const none = new Map<string, string>();
  // Every line is read from nothing once: the fields are all there, and all null.
  return Object.assign({}, ...Object.values(METRIC_LINES).map((read) => read(none))) as VqMetrics;
}

/**
 * `KEY=value KEY="quoted value"` as a map with lower-case keys; the first of repeated keys wins. Some telephones
 * forget the space between a number and the next key (`JBM=20JBX=240`).
 */
function readPairs(line: string): Pairs {
  const pairs = new Map<string, string>();
  const pattern = /([A-Za-z][\w-]{0,31})=("[^"]*"|[-+]?\d+(?:\.\d+)?(?=[A-Za-z]\w*=)|[^\s;,"]*)/g;
  for (const [, key, value] of line.matchAll(pattern)) {
    if (pairs.size >= PAIRS_MAX) break;
    const name = key!.toLowerCase();
    if (!pairs.has(name)) pairs.set(name, unquote(value!));
  }
  return pairs;
}

function text(pairs: Pairs, key: string): string | null {
  return clipped(pairs.get(key) ?? '');
}

function clipped(value: string): string | null {
  return value === '' ? null : value.slice(0, TEXT_MAX);
}

/** A number within its range; null for anything else. */
function number(pairs: Pairs, key: string, min: number, max: number): number | null {
  const value = pairs.get(key);
  if (value === undefined || !/^[-+]?\d{1,12}(?:\.\d{0,9})?$/.test(value)) return null;
  const parsed = Number(value);
  return parsed >= min && parsed <= max ? parsed : null;
}

/** Percent as a ratio. */
function ratio(pairs: Pairs, key: string): number | null {
  const percent = number(pairs, key, 0, 100);
  return percent === null ? null : percent / 100;
}

function level(pairs: Pairs, key: string): number | null {
  const value = number(pairs, key, -128, UNAVAILABLE);
  return value === UNAVAILABLE ? null : value;
}

function onOrOff(pairs: Pairs, key: string): boolean | null {
  const value = pairs.get(key)?.toLowerCase();
  return value === 'on' ? true : value === 'off' ? false : null;
}

function address(pairs: Pairs): VqAddress {
  return { ip: text(pairs, 'ip'), port: number(pairs, 'port', 0, 65_535), ssrc: text(pairs, 'ssrc') };
}

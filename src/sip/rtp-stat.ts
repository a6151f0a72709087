/**
 * Statistics that telephones and gateways add to a BYE and to its response as a header of their own making:
 * `X-RTP-Stat`, `P-RTP-Stat` (Sipura and its heirs, AudioCodes, AVM, Obihai, baresip), `X-Siemens-RTP-stats`, and
 * `RTP-RxStat`, `RTP-TxStat` (Cisco).
 */
import type { RtpStat } from '../records/endpoint-reports.ts';
import type { SipMessage } from './message.ts';

const HEADERS: ReadonlyMap<string, RtpStat['source']> = new Map([
  ['x-rtp-stat', 'x-rtp-stat'],
  ['x-rtp-stats', 'x-rtp-stat'],
  ['p-rtp-stat', 'p-rtp-stat'],
  ['x-siemens-rtp-stats', 'x-siemens-rtp-stats'],
  ['x-siemens-rtp-stats-list', 'x-siemens-rtp-stats'],
  ['rtp-rxstat', 'rtp-rxstat'],
  ['rtp-txstat', 'rtp-txstat'],
]);

const VALUE_MAX = 2048;
const FIELDS_MAX = 64;
const TEXT_MAX = 128;

/** The statistics in a message's headers; mostly none. */
export function rtpStatsOf(message: SipMessage): RtpStat[] {
  const stats: RtpStat[] = [];
  for (const [name, source] of HEADERS) {
    const value = message.headers.get(name)?.[0];
    const parsed = value === undefined ? null : parseRtpStat(source, value);
    if (parsed !== null) stats.push(parsed);
  }
  return stats;
}

/**
 * Reads `KEY=value` fields separated by semicolons or commas; a part without a key belongs to the field before it
 * (`JI=23,2`). Of a pair of losses, discards or jitters the first is what this end received, the second what it was
 * told of what it sent. Fields that hold anything but numbers become none; all are kept as written.
 *
 * @returns null without a single field
 */
export function parseRtpStat(source: RtpStat['source'], value: string): RtpStat | null {
  const fields = readFields(value.slice(0, VALUE_MAX));
  if (fields.size === 0) return null;
  const byName = new Map([...fields].map(([key, text]) => [key.toLowerCase(), text]));
  const number = (...keys: string[]): number | null => firstNumber(byName, keys);
  const received = source === 'rtp-rxstat';
  const sent = source === 'rtp-txstat';
  const seconds = number('dur', 'du');
  return {
    source,
    packetsSent: sent ? number('pkt', 'total_tx_pkts', 'ps') : number('ps', 'total_tx_pkts'),
    octetsSent: sent ? number('oct', 'os') : number('os'),
    packetsReceived: received ? number('pkt', 'total_rx_pkts', 'pr') : number('pr', 'total_rx_pkts'),
    octetsReceived: received ? number('oct', 'or') : number('or'),
    packetsLost: number('lostpkt', 'rx_pkts_lost') ?? firstOfPair(byName.get('pl')),
    packetsDiscarded: number('vopktdis') ?? firstOfPair(byName.get('pd')),
    packetsLate: number('latepkt'),
    jitterMs: number('avgjit') ?? firstOfPair(byName.get('ji')),
    latencyMs: number('voonewaydelayms', 'la'),
    durationMs: seconds === null ? null : seconds * 1000,
    encoder: byName.get('votxcodec') ?? byName.get('en') ?? null,
    decoder: byName.get('vorxcodec') ?? byName.get('de') ?? null,
    mosLq: score(number('moslq', 'mos', 'mlqk')),
    mosCq: score(number('moscq')),
    fields: Object.fromEntries(fields),
  };
}

/** Fields in order; those within a quoted list (`VQMetrics="CCR=0;CS=2"`) count as fields of the header. */
function readFields(value: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last: string | null = null;
  // Quotes only group here: what they hold has the same form as what is outside.
  for (const part of value.replaceAll('"', ';').split(/[;,]/)) {
    const text = part.trim();
    if (text === '') continue;
    const pair = /^([A-Za-z][\w.-]{0,31})\s*=\s*(.*)$/.exec(text);
    if (pair === null) {
      if (last !== null) fields.set(last, clipped(`${fields.get(last)},${text}`));
      continue;
    }
    last = null;
    if (fields.has(pair[1]!) || fields.size >= FIELDS_MAX) continue;
    last = pair[1]!;
    fields.set(last, clipped(pair[2]!));
  }
  return fields;
}

/** `5`, or the 5 of `5,4`. */
function firstOfPair(value: string | undefined): number | null {
  const parts = /^(\d{1,12}(?:\.\d{1,9})?)(?:,-?\d{1,12}(?:\.\d{1,9})?)?$/.exec(value ?? '');
  return parts === null ? null : Number(parts[1]);
}

function firstNumber(fields: ReadonlyMap<string, string>, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = fields.get(key);
    if (value !== undefined && /^\d{1,12}(?:\.\d{1,9})?$/.test(value)) return Number(value);
  }
  return null;
}

function score(mos: number | null): number | null {
  return mos !== null && mos >= 1 && mos <= 5 ? mos : null;
}

function clipped(text: string): string {
  return text.slice(0, TEXT_MAX);
}

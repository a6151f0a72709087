import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { CALL_REF_LENGTH } from '../live/call-ref.ts';
import { CONTENT_TYPE, formatFor, type Pieces } from '../metrics/exposition.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Verdict } from '../records/types.ts';
import { jsonText } from '../report/wire-text.ts';
import { callPage } from './call-page.ts';
import { CONTENT_SECURITY_POLICY } from './html.ts';
import type { LiveView } from './live-view.ts';
import { type RecentCall, type RecentCalls, recentCallRow, recentCallText } from './recent-calls.ts';
import { statusPage } from './status-page.ts';

/** What the server shows. */
export interface Shown {
  metrics: Metrics;
  recent: RecentCalls;
  view: LiveView;
  /** Is measuring alive? */
  isReady: () => boolean;
}

/** What is asked; header names in lower case. */
export interface Asked {
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Answer {
  status: number;
  type: string;
  body: string | Pieces;
  headers?: Readonly<Record<string, string>>;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';
/** Calls in one answer. */
const LISTED_MAX = 500;
const LISTED = 50;
const GZIP_FROM_BYTES = 4096;
const REFRESH_MIN_S = 5;
const VERDICTS: readonly Verdict[] = ['healthy', 'signalling', 'media', 'both', 'unknown'];

/** Paths that say nothing but whether the probe works; asked without credentials. */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/-/healthy', '/-/ready']);

/** Answers one request. */
export async function answer(asked: Asked, shown: Shown): Promise<Answer> {
  const { path } = asked;
  switch (path) {
    case '/':
      return htmlAnswer(200, statusPage(shown.view, shown.recent, refreshOf(asked.query)));
    case '/metrics':
      return metricsAnswer(asked, shown.metrics);
    case '/-/healthy':
      return { status: 200, type: TEXT, body: 'healthy\n' };
    case '/-/ready': {
      const ready = shown.isReady();
      return {
        status: ready ? 200 : 503,
        type: TEXT,
        body: ready ? 'ready\n' : 'measuring is not running\n',
      };
    }
    case '/api/calls':
      return listAnswer(asked.query, shown.recent);
  }
  const named = /^\/(api\/)?calls\/([0-9a-f]+)$/.exec(path);
  if (named === null || named[2]!.length !== CALL_REF_LENGTH) return problem(404, 'there is no such page');
  const call = shown.recent.find(named[2]!);
  // Exemplars of intervals name calls that are up.
  if (call === null)
    return problem(
      404,
      'this call may still be up, and is shown when it is over; else it is not kept, or not any more',
    );
  return named[1] === undefined
    ? htmlAnswer(200, callPage(call))
    : { status: 200, type: JSON_TYPE, body: recentCallText(call) };
}

/** An answer that says what is wrong. */
export function problem(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, type: JSON_TYPE, body: `${jsonText({ error: text })}\n`, headers };
}

function htmlAnswer(status: number, body: string): Answer {
  return { status, type: HTML_TYPE, body, headers: { 'content-security-policy': CONTENT_SECURITY_POLICY } };
}

const packed = new WeakMap<Pieces, Promise<Pieces>>();

async function metricsAnswer({ headers }: Asked, metrics: Metrics): Promise<Answer> {
  const format = formatFor(single(headers.accept));
  const body = await metrics.render(format);
  const vary = { vary: 'accept, accept-encoding' };
  const type = CONTENT_TYPE[format];
  const packs = /(?:^|,)\s*gzip\s*(?:,|;\s*q=(?:1|0\.[1-9])|$)/i.test(
    single(headers['accept-encoding']) ?? '',
  );
  if (!packs || sizeOf(body) < GZIP_FROM_BYTES) return { status: 200, type, body, headers: vary };
  const known = packed.get(body);
  const text = known ?? zipped(body);
  if (known === undefined) packed.set(body, text);
  return { status: 200, type, body: await text, headers: { ...vary, 'content-encoding': 'gzip' } };
}

/** Packs pieces in the threads that node keeps for it. */
async function zipped(pieces: Pieces): Promise<Pieces> {
  const packed: Buffer[] = [];
  const packer = Readable.from(pieces).pipe(createGzip({ level: 1, chunkSize: 64 * 1024 }));
  for await (const piece of packer) packed.push(piece as Buffer);
  return packed;
}

/** Bytes of all pieces. */
export function sizeOf(pieces: Pieces): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

function refreshOf(query: URLSearchParams): number | null {
  const seconds = Number(query.get('refresh') ?? 0);
  return seconds > 0 && seconds < 86_400 ? Math.max(REFRESH_MIN_S, Math.round(seconds)) : null;
}

const LIST_PARAMETERS: ReadonlySet<string> = new Set(['worst', 'newest', 'verdict', 'finding']);

function listAnswer(query: URLSearchParams, recent: RecentCalls): Answer {
  for (const name of query.keys()) {
    if (!LIST_PARAMETERS.has(name)) {
      return problem(
        400,
        `there is no parameter "${name.slice(0, 40)}"; there are worst, newest, verdict, finding`,
      );
    }
  }
  const [worst, newest, verdict] = ['worst', 'newest', 'verdict'].map((name) => query.get(name));
  const count = worst ?? newest ?? String(LISTED);
  if (!/^[1-9]\d{0,2}$/.test(count) || Number(count) > LISTED_MAX) {
    return problem(400, `worst and newest take a number from 1 to ${LISTED_MAX}`);
  }
  if (verdict != null && !VERDICTS.includes(verdict as Verdict)) {
    return problem(400, `verdict is one of ${VERDICTS.join(', ')}`);
  }
  const finding = query.get('finding');
  const passes = ({ call }: RecentCall): boolean =>
    (verdict == null || call.verdict === verdict) && (finding === null || call.findings.includes(finding));
  const calls = worst != null ? recent.worst(Number(count), passes) : recent.newest(Number(count), passes);
  const head = `{"kept":${recent.size},"evicted":${recent.evicted},"calls":[`;
  const rows = calls.map((call) => jsonText(recentCallRow(call)));
  return { status: 200, type: JSON_TYPE, body: `${head}${rows.join(',\n')}]}\n` };
}

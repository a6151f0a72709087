import type { Batch } from './batch.ts';
import type { WriteOutcome } from './delivery.ts';
import { type Answer, post } from './post.ts';

/** Where points go to. */
export interface InfluxEndpoint {
  url: string;
  /** 1 for InfluxDB 1.x and what takes the same (VictoriaMetrics); 2 for InfluxDB 2 and 3. */
  api: '1' | '2';
  database: string | null;
  retentionPolicy: string | null;
  username: string | null;
  password: string | null;
  bucket: string | null;
  org: string | null;
  token: string | null;
  timeoutMs: number;
}

const SHOWN_CHARACTERS_MAX = 300;

/** Address and headers of a request that writes. */
export function writeRequest(endpoint: InfluxEndpoint): { url: string; headers: Record<string, string> } {
  const { url, api, database, retentionPolicy, username, password, bucket, org, token } = endpoint;
  const address = new URL(`${url.replace(/\/+$/, '')}${api === '1' ? '/write' : '/api/v2/write'}`);
  const query = {
    ...(api === '1' ? { db: database, rp: retentionPolicy } : { org, bucket }),
    precision: 'ns',
  };
  for (const [name, value] of Object.entries(query)) {
    if (value !== null) address.searchParams.set(name, value);
  }
  const credentials =
    token !== null
      ? `${api === '1' ? 'Bearer' : 'Token'} ${token}`
      : username === null
        ? null
        : `Basic ${Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64')}`;
  return {
    url: address.href,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-encoding': 'gzip',
      ...(credentials === null ? {} : { authorization: credentials }),
    },
  };
}

/** Writes a batch. Never throws. */
export async function writeToInflux(
  endpoint: InfluxEndpoint,
  { body, points }: Batch,
  signal: AbortSignal,
): Promise<WriteOutcome> {
  const { url, headers } = writeRequest(endpoint);
  const answer = await post(url, { headers, body, timeoutMs: endpoint.timeoutMs, signal });
  if ('error' in answer) return { kind: 'failed', error: answer.error, retryAfterMs: null };
  return outcomeOf(answer, points);
}

/**
 * What an answer means. Servers write the good points of a request and say how many they refused: with 400, InfluxDB 2 also
 * with 422, its early versions with 500 (telegraf issue 8571). To send such a request again would give the same answer for
 * ever. All other errors are the server's or the configuration's, and points wait until that is over.
 */
export function outcomeOf({ status, text, retryAfterMs }: Answer, points: number): WriteOutcome {
  if (status >= 200 && status < 300) return { kind: 'taken', rejected: 0, error: null };
  const error = `${status} ${text.slice(0, SHOWN_CHARACTERS_MAX)}`.trim();
  if (status === 413) return { kind: 'tooLarge', error };
  const refused = refusedIn(text);
  const isPartial = refused !== null && /partial write/i.test(text);
  // A page of HTML is what a proxy says of the request, not the server of the points.
  const isOfPoints = (status === 400 || status === 422) && !text.trimStart().startsWith('<');
  if (!isOfPoints && !isPartial) return { kind: 'failed', error, retryAfterMs };
  return { kind: 'taken', rejected: Math.min(points, refused ?? points), error };
}

/** How many points an answer says were refused; null where it does not say. */
function refusedIn(text: string): number | null {
  const dropped = /\bdropped=(\d{1,9})/.exec(text);
  if (dropped !== null) return Number(dropped[1]);
  // InfluxDB 1 and 2 list lines they cannot read, InfluxDB 3 those it does not take.
  const unreadable = text.match(/unable to parse '/g)?.length ?? text.match(/"line_number"\s*:/g)?.length;
  return unreadable ?? null;
}

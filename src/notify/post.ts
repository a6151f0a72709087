import { post } from '../delivery/post.ts';
import type { PostOutcome } from './notifier.ts';

const TIMEOUT_MS = 10_000;
const SHOWN_CHARACTERS_MAX = 200;
/** What is wrong with the body stays wrong however often it is sent. */
const NEVER: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/** Posts JSON and says how that ended. Never throws. */
export async function postJson(url: string, token: string | null, body: unknown): Promise<PostOutcome> {
  const answer = await post(url, {
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    timeoutMs: TIMEOUT_MS,
  });
  if ('error' in answer) return { kind: 'failed', error: answer.error };
  const { status, text, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const error = `${status} ${text.slice(0, SHOWN_CHARACTERS_MAX)}`.trim();
  return NEVER.has(status) ? { kind: 'refused', error } : { kind: 'failed', error, retryAfterMs };
}

import type { PostOutcome } from './notifier.ts';

const TIMEOUT_MS = 10_000;
/** What is wrong with the body stays wrong however often it is sent. */
const NEVER: ReadonlySet<number> = new Set([400, 413, 415, 422]);

/** Posts JSON and says how that ended. Redirections are not followed: alerts go where they were told to. */
export async function postJson(url: string, token: string | null, body: unknown): Promise<PostOutcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await response.text()).slice(0, 200);
    if (response.ok) return { kind: 'taken' };
    const error = `${response.status} ${text}`.trim();
    return { kind: NEVER.has(response.status) ? 'refused' : 'failed', error };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { kind: 'failed', error: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** More of an answer is not read. */
const ANSWER_BYTES_MAX = 65_536;

/** What a server said. */
export interface Answer {
  status: number;
  /** The beginning of the body. */
  text: string;
  /** How long it asks to wait, ms; null where it does not. */
  retryAfterMs: number | null;
}

export interface PostOptions {
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array<ArrayBuffer>;
  timeoutMs: number;
  /** Gives up. */
  signal?: AbortSignal;
}

/**
 * Posts and waits for the answer. Redirections are not followed: what is measured goes where it was told to. Never throws.
 *
 * @returns the answer, or why there is none
 */
export async function post(
  url: string,
  { headers, body, timeoutMs, signal }: PostOptions,
): Promise<Answer | { error: string }> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body,
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    const text = await beginningOf(response);
    return { status: response.status, text, retryAfterMs: secondsMs(response.headers.get('retry-after')) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { error: cause instanceof Error ? cause.message || cause.name : String(cause) };
  }
}

async function beginningOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    // To leave the loop closes what is left of the answer.
    for await (const piece of response.body) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= ANSWER_BYTES_MAX) break;
    }
  } catch (error) {
    // It was taken: what broke off, or never came, are words about that. To send it again would not change them.
    if (!response.ok) throw error;
  }
  return Buffer.concat(pieces).subarray(0, ANSWER_BYTES_MAX).toString('utf8');
}

/** Retry-After in seconds; a date in it is passed over: clocks differ. */
function secondsMs(value: string | null): number | null {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : null;
}

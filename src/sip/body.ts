/**
 * Finding the session description in a body: application/sdp, or the SDP part of a multipart (RFC 2046
 * 5.1, RFC 5621), as ISUP gateways, SIPREC and emergency calls send it.
 */
import { readHeaderLines } from './header-lines.ts';
import { MULTIPART_DEPTH_MAX, MULTIPART_PARTS_MAX } from './limits.ts';
import { ProblemList } from './problems.ts';
import { decodeText, parseParameters } from './text.ts';

/** What the headers of a body, or of a part of one, say about it. */
export interface BodyDescription {
  readonly contentType: string | null;
  readonly encoding: string | null;
  readonly disposition: string | null;
}

const LF = 0x0a;
const CR = 0x0d;
const IDENTITY_ENCODINGS: ReadonlySet<string> = new Set(['', 'identity', '7bit', '8bit', 'binary']);

/** `type/subtype` in lower case, without parameters. */
export function mediaType(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

function startsLikeSdp(body: Buffer): boolean {
  return (
    body.length > 4 &&
    body[0] === 0x76 &&
    body[1] === 0x3d &&
    body[2] === 0x30 &&
    (body[3] === CR || body[3] === LF)
  );
}

/** Whether a part is for something else than the session, as early media in RFC 3959 is. */
function isOtherSession(disposition: string | null): boolean {
  return disposition !== null && mediaType(disposition) === 'early-session';
}

/** The parts between the boundary lines, as offsets; the last may lack its closing line. */
function splitParts(body: Buffer, boundary: string, limit: number): { start: number; end: number }[] {
  const parts: { start: number; end: number }[] = [];
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  let partStart = -1;
  let at = body.indexOf(delimiter, 0);
  while (at >= 0) {
    const atLineStart = at === 0 || body[at - 1] === LF;
    const after = at + delimiter.length;
    const closing = body[after] === 0x2d && body[after + 1] === 0x2d;
    const next = body[after];
    // A longer boundary of a nested multipart may begin with this one.
    const whole =
      closing || next === undefined || next === CR || next === LF || next === 0x20 || next === 0x09;
    if (atLineStart && whole) {
      if (partStart >= 0) {
        // The line end before the boundary belongs to the boundary.
        let end = Math.max(partStart, at - 1);
        if (end > partStart && body[end - 1] === CR) end--;
        parts.push({ start: partStart, end });
        if (parts.length >= limit) return parts;
      }
      if (closing) return parts;
      const lineEnd = body.indexOf(LF, after);
      if (lineEnd < 0) return parts;
      partStart = lineEnd + 1;
    }
    at = body.indexOf(delimiter, after);
  }
  if (partStart >= 0 && partStart < body.length) parts.push({ start: partStart, end: body.length });
  return parts;
}

/** One search through a body: how much of it is left to spend. */
class SdpSearch {
  readonly #problems: ProblemList;
  #partsLeft = MULTIPART_PARTS_MAX;

  constructor(problems: ProblemList) {
    this.#problems = problems;
  }

  find(body: Buffer, description: BodyDescription, depth: number): string | null {
    if (isOtherSession(description.disposition)) return null;
    const type = description.contentType === null ? null : mediaType(description.contentType);
    const isSdp = type === 'application/sdp' || (type === null && depth === 0 && startsLikeSdp(body));
    const isMultipart = type?.startsWith('multipart/') === true;
    if (!isSdp && !isMultipart) return null;
    if (!IDENTITY_ENCODINGS.has((description.encoding ?? '').trim().toLowerCase())) {
      this.#problems.add('body_encoded');
      return null;
    }
    if (isSdp) {
      if (type === null) this.#problems.add('no_content_type');
      return decodeText(body, 0, body.length);
    }
    return this.#findInParts(body, description.contentType!, depth);
  }

  #findInParts(body: Buffer, contentType: string, depth: number): string | null {
    const semicolon = contentType.indexOf(';');
    const parameters = parseParameters(semicolon < 0 ? '' : contentType.slice(semicolon));
    const boundary = parameters.get('boundary') ?? '';
    // RFC 2046 5.1.1: 1 to 70 characters. Some senders use more; that costs nothing.
    if (boundary === '' || boundary.length > 256) {
      this.#problems.add('multipart_malformed');
      return null;
    }
    if (depth >= MULTIPART_DEPTH_MAX || this.#partsLeft <= 0) {
      this.#problems.add('multipart_limit');
      return null;
    }
    const parts = splitParts(body, boundary, this.#partsLeft + 1);
    if (parts.length === 0) this.#problems.add('multipart_malformed');
    for (const { start, end } of parts) {
      if (this.#partsLeft <= 0) {
        this.#problems.add('multipart_limit');
        return null;
      }
      this.#partsLeft--;
      const found = this.#findInPart(body.subarray(start, end), depth);
      if (found !== null) return found;
    }
    return null;
  }

  #findInPart(part: Buffer, depth: number): string | null {
    // Odd headers of a part say nothing about the message: they are not reported.
    const section = readHeaderLines(part, 0, false, new ProblemList());
    const value = (name: string): string | null =>
      section.lines.find((line) => line.name === name)?.value ?? null;
    const description: BodyDescription = {
      contentType: value('content-type'),
      encoding: value('content-transfer-encoding') ?? value('content-encoding'),
      disposition: value('content-disposition'),
    };
    return this.find(part.subarray(section.bodyAt), description, depth + 1);
  }
}

/**
 * The session description of a body, or null when it has none. Multiparts are searched 3 deep and 32 parts
 * in all; encoded bodies are left alone. What hindered the search is added to `problems`.
 */
export function findSdp(body: Buffer, description: BodyDescription, problems: ProblemList): string | null {
  return new SdpSearch(problems).find(body, description, 0);
}

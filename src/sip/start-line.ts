/**
 * The first line of a message (RFC 3261 7.1, 7.2).
 */
import { METHOD_MAX, REQUEST_URI_MAX } from './limits.ts';
import type { ProblemList, SipReason } from './problems.ts';

/** A request line or a status line. */
export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reasonPhrase: string };

const VERSION = /^SIP\/(\d{1,4})\.(\d{1,4})$/i;
const STATUS_LINE = /^(SIP\/\d{1,4}\.\d{1,4})([ \t]+)([1-6]\d\d)(?:([ \t]+)(.*))?$/i;
const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

function isVersion2(text: string): boolean {
  const version = VERSION.exec(text);
  return version !== null && Number(version[1]) === 2 && Number(version[2]) === 0;
}

function parseRequestLine(line: string, problems: ProblemList): StartLine | SipReason {
  // Lengths are known to be small here, so looking for the outer words by index stays linear.
  const methodEnd = line.search(/[ \t]/);
  const versionAt = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t')) + 1;
  if (methodEnd <= 0 || versionAt <= methodEnd + 1) return 'bad_start_line';
  const method = line.slice(0, methodEnd);
  const version = line.slice(versionAt);
  if (method.length > METHOD_MAX || !TOKEN.test(method) || !VERSION.test(version)) return 'bad_start_line';
  if (!isVersion2(version)) return 'unsupported_version';
  const middle = line.slice(methodEnd + 1, versionAt - 1);
  const uri = middle.trim();
  if (uri === '') return 'bad_start_line';
  if (uri.length > REQUEST_URI_MAX) return 'uri_too_long';
  if (uri.length !== middle.length || line[methodEnd] === '\t' || line[versionAt - 1] === '\t') {
    problems.add('start_line_spaces');
  }
  if (/[ \t]/.test(uri)) problems.add('uri_spaces');
  return { kind: 'request', method, uri };
}

/**
 * Reads a start line. Extra white space is tolerated and noted; the version is case-insensitive (RFC 3261
 * 7.1) and must be 2.0.
 *
 * @returns the parts, or why it is no start line
 */
export function parseStartLine(text: string, problems: ProblemList): StartLine | SipReason {
  const line = text.trimEnd();
  // A status line without reason phrase still ends in a space; only more than that is odd.
  if (text.length - line.length > 1) problems.add('start_line_spaces');
  const status = STATUS_LINE.exec(line);
  if (status === null) {
    if (line.length !== text.length) problems.add('start_line_spaces');
    return parseRequestLine(line, problems);
  }
  if (!isVersion2(status[1]!)) return 'unsupported_version';
  if (status[2] !== ' ' || (status[4] !== undefined && status[4] !== ' ')) problems.add('start_line_spaces');
  return { kind: 'response', status: Number(status[3]), reasonPhrase: status[5] ?? '' };
}

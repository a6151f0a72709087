import type { SipMessage } from '../sip/message.ts';

/** One line of a message that is not the same at both points. */
export interface LineChange {
  part: 'request' | 'header' | 'sdp';
  /** Long name of the header in lower case, or the beginning of the SDP line: `c=`, `m=audio`, `a=rtcp`. */
  name: string;
  kind: 'changed' | 'added' | 'removed';
  /** What every SIP proxy does (RFC 3261 16.6); all else was rewritten. */
  usual: boolean;
  first: string | null;
  second: string | null;
}

const PROXIES_CHANGE = new Set([
  'via',
  'route',
  'record-route',
  'max-forwards',
  'content-length',
  'proxy-authorization',
  'proxy-authenticate',
]);
/** Keys and answers to challenges are compared and not shown. */
const SECRET_HEADERS = new Set(['authorization', 'proxy-authorization', 'authentication-info']);
const SECRET_LINE = /^a=(?:crypto|key-mgmt|ice-pwd)|^k=/;
const MASKED = '(not shown)';
/** What is shown of a line. */
const SHOWN_MAX = 240;
/** Lines of one message that are listed. */
const CHANGES_MAX = 64;

/** What is different in a message at the second point: the request line, headers by name, lines of SDP. */
export function messageChanges(first: SipMessage, second: SipMessage): LineChange[] {
  const changes: LineChange[] = [];
  if (first.requestUri !== second.requestUri)
    changes.push(change('request', 'request-uri', false, first.requestUri, second.requestUri));
  const names = new Set([...first.headers.keys(), ...second.headers.keys()]);
  for (const name of names) {
    const [before, after] = [first.headers.get(name) ?? [], second.headers.get(name) ?? []];
    if (before.length === after.length && before.every((value, at) => value === after[at])) continue;
    const shown = (values: readonly string[]): string | null =>
      values.length === 0 ? null : SECRET_HEADERS.has(name) ? MASKED : values.join(', ');
    changes.push(change('header', name, PROXIES_CHANGE.has(name), shown(before), shown(after)));
  }
  changes.push(...sdpChanges(first.sdp, second.sdp));
  return changes.slice(0, CHANGES_MAX);
}

function change(
  part: LineChange['part'],
  name: string,
  usual: boolean,
  first: string | null,
  second: string | null,
): LineChange {
  const kind = first === null ? 'added' : second === null ? 'removed' : 'changed';
  return { part, name, kind, usual, first: cut(first), second: cut(second) };
}

function cut(text: string | null): string | null {
  return text === null || text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}...`;
}

/** Lines that only one of the two has, those that begin alike side by side, in order of appearance. */
function sdpChanges(first: string | null, second: string | null): LineChange[] {
  const removed = linesOf(first);
  const added: string[] = [];
  for (const line of linesOf(second)) {
    const same = removed.indexOf(line);
    if (same >= 0) removed.splice(same, 1);
    else added.push(line);
  }
  const changes: LineChange[] = [];
  for (const line of removed) {
    const other = added.findIndex((each) => lineName(each) === lineName(line));
    const [partner = null] = other < 0 ? [] : added.splice(other, 1);
    changes.push(change('sdp', lineName(line), false, shownLine(line), shownLine(partner)));
  }
  for (const line of added) changes.push(change('sdp', lineName(line), false, null, shownLine(line)));
  return changes;
}

function linesOf(sdp: string | null): string[] {
  return sdp === null ? [] : sdp.split(/\r?\n/).filter((line) => line !== '');
}

/** `c=`, `m=audio`, `a=rtpmap`: what tells one line of an SDP from another. */
function lineName(line: string): string {
  return /^(?:a=[^:]*|m=\S*|[a-z]=)/.exec(line)?.[0] ?? line.slice(0, 2);
}

function shownLine(line: string | null): string | null {
  return line !== null && SECRET_LINE.test(line) ? MASKED : line;
}

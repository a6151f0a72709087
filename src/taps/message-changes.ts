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

/** How lines are shown where not everybody may read them: the name of a line, and what it says. */
export interface LineCover {
  name(part: LineChange['part'], name: string): string;
  text(part: LineChange['part'], name: string, text: string): string;
}

export const AS_IT_IS: LineCover = { name: (_, name) => name, text: (_part, _name, text) => text };

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

/**
 * What is different in a message at the second point: the request line, headers by name, lines of SDP. Lines are
 * compared as they were, and shown as `cover` has them.
 */
export function messageChanges(
  first: SipMessage,
  second: SipMessage,
  cover: LineCover = AS_IT_IS,
): LineChange[] {
  const changes: LineChange[] = [];
  const name = 'request-uri';
  if (first.requestUri !== second.requestUri) {
    const shown = (uri: string | null): string | null =>
      uri === null ? null : cover.text('request', name, uri);
    changes.push(change('request', name, false, shown(first.requestUri), shown(second.requestUri)));
  }
  const names = new Set([...first.headers.keys(), ...second.headers.keys()]);
  for (const name of names) {
    const [before, after] = [first.headers.get(name) ?? [], second.headers.get(name) ?? []];
    if (before.length === after.length && before.every((value, at) => value === after[at])) continue;
    const usual = PROXIES_CHANGE.has(name);
    changes.push(
      change('header', name, usual, headerText(name, before, cover), headerText(name, after, cover)),
    );
  }
  changes.push(...sdpChanges(first.sdp, second.sdp, cover));
  return changes.slice(0, CHANGES_MAX);
}

function headerText(name: string, values: readonly string[], cover: LineCover): string | null {
  if (values.length === 0) return null;
  if (SECRET_HEADERS.has(name)) return MASKED;
  return values.map((value) => cover.text('header', name, value)).join(', ');
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
function sdpChanges(first: string | null, second: string | null, cover: LineCover): LineChange[] {
  const removed = linesOf(first);
  const added: string[] = [];
  for (const line of linesOf(second)) {
    const same = removed.indexOf(line);
    if (same >= 0) removed.splice(same, 1);
    else added.push(line);
  }
  const changes: LineChange[] = [];
  const note = (line: string, before: string | null, after: string | null): void => {
    const name = lineName(line);
    changes.push(change('sdp', name, false, shownLine(name, before, cover), shownLine(name, after, cover)));
  };
  for (const line of removed) {
    const other = added.findIndex((each) => lineName(each) === lineName(line));
    const [partner = null] = other < 0 ? [] : added.splice(other, 1);
    note(line, line, partner);
  }
  for (const line of added) note(line, null, line);
  return changes;
}

function linesOf(sdp: string | null): string[] {
  return sdp === null ? [] : sdp.split(/\r?\n/).filter((line) => line !== '');
}

/** `c=`, `m=audio`, `a=rtpmap`: what tells one line of an SDP from another. */
function lineName(line: string): string {
  return /^(?:a=[^:]*|m=\S*|[a-z]=)/.exec(line)?.[0] ?? line.slice(0, 2);
}

function shownLine(name: string, line: string | null, cover: LineCover): string | null {
  if (line === null) return null;
  return SECRET_LINE.test(line) ? MASKED : cover.text('sdp', name, line);
}

import type { FindingRecord, Severity } from '../records/types.ts';
import { SCAN_METHODS, type ScanSource } from './scan-source.ts';

const CODES_SHOWN = 4;
const CHALLENGED: ReadonlySet<number> = new Set([401, 407]);
const UNKNOWN_USER: ReadonlySet<number> = new Set([404, 410, 604]);

/**
 * Who looked for servers, users or a way out, and what came of it.
 * @param notTold scans of other hosts that were not told, for there were too many
 * @param isJudged whether its calls are judged, all but the newest
 */
export function sipScan(source: ScanSource, notTold: number, isJudged: boolean): FindingRecord {
  const { ip, agent, kind, startUs, lastUs, requests, hosts, called, registered } = source;
  const letIn = [...source.letIn].map(([method, { user }]) => `${method} ${user}`);
  const usersTold = toldApart(source);
  const ringing = called.count((status) => status > 100 && status < 200);
  const hostsAnswered = hosts.count((status) => status > 0);
  const methods = SCAN_METHODS.filter((method) => requests[method] > 0);
  const evidence = {
    source: ip,
    userAgent: agent,
    scannerAgent: kind === 'scanner',
    methods: methods.map((method) => `${method} ${requests[method]}`).join(', '),
    hosts: hosts.size,
    hostsAnswered,
    users: called.size + registered.size,
    usersTold,
    ringing,
    answers: answersOf(source),
    letIn: letIn.length === 0 ? null : letIn.join(', '),
    spanMs: (lastUs - startUs) / 1000,
    isCut: hosts.isFull || called.isFull || registered.isFull,
    callsLeftOut: isJudged ? source.leftOut : null,
    callsToldBefore: isJudged ? source.judgedBefore : null,
    notTold,
  };
  const severity: Severity =
    letIn.length > 0 ? 'critical' : usersTold > 0 || ringing > 0 ? 'warning' : 'info';
  return {
    ...{ code: 'sip_scan', severity, callId: null, streamId: null, direction: null },
    ...{ startUs, endUs: lastUs, text: textOf(source, evidence), evidence, party: null },
  };
}

interface Figures {
  methods: string;
  hostsAnswered: number;
  usersTold: number;
  ringing: number;
  answers: string | null;
  letIn: string | null;
  isCut: boolean;
}

function textOf({ ip, kind, startUs, lastUs, hosts, called, registered }: ScanSource, said: Figures): string {
  const users = called.size + registered.size;
  const least = said.isCut ? 'at least ' : '';
  const what =
    users > 1 ? `${users} users or numbers at ${plural(hosts.size, 'host')}` : plural(hosts.size, 'host');
  const span = Math.max(1, Math.round((lastUs - startUs) / 1e6));
  const by = kind === 'scanner' ? ' with a program for scans' : '';
  const parts = [`${ip} looked for SIP${by}: ${said.methods} for ${least}${what} within ${span} s`];
  if (said.hostsAnswered === 0) parts.push('nothing answered');
  else parts.push(`${plural(said.hostsAnswered, 'host')} answered (${said.answers})`);
  if (said.usersTold > 0)
    parts.push(`the answers tell ${plural(said.usersTold, 'user')} from those that are unknown`);
  if (said.ringing > 0) parts.push(`${plural(said.ringing, 'telephone')} rang`);
  if (said.letIn !== null) parts.push(`it was let in: ${said.letIn}`);
  return parts.join('; ');
}

/** Users who were asked for a password where others are said to be unknown: who scans knows them now. */
function toldApart({ called, registered }: ScanSource): number {
  let told = 0;
  for (const tried of [called, registered]) {
    if (tried.count((status) => UNKNOWN_USER.has(status)) > 0)
      told += tried.count((status) => CHALLENGED.has(status));
  }
  return told;
}

/** Answers by how many users, or where no user was tried hosts, had them; the most frequent first. */
function answersOf({ hosts, called, registered }: ScanSource): string | null {
  const codes = new Map<number, number>();
  called.addTo(codes);
  registered.addTo(codes);
  if (codes.size === 0) hosts.addTo(codes);
  const sorted = [...codes].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, CODES_SHOWN);
  return sorted.length === 0 ? null : sorted.map(([code, count]) => `${code} ${times(count)}`).join(', ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function plural(count: number, noun: string): string {
  return `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;
}

import { formatAddress } from './address.ts';
import { type Exchange, TURNAROUND_MS } from './exchange.ts';
import type { Side } from './scenario.ts';
import { addressOfRecord, type SipRequest } from './sip-message.ts';
import { repeatsOfMethod } from './timers.ts';

const NOTIFY_MS = 200;

function other(side: Side): Side {
  return side === 'caller' ? 'callee' : 'caller';
}

/** Another telephone that a forking proxy lets ring. */
export function anotherBranch(exchange: Exchange, invite: SipRequest, timeMs: number, number: number): void {
  exchange.response(timeMs, invite, 180, {}, exchange.branchTag(number));
}

/** The requests of the scenario within the call, answered or not. */
export function inDialogRequests(exchange: Exchange): void {
  const { call } = exchange;
  for (const { atMs, method, by = 'caller', answer } of call.signalling.requests ?? []) {
    const request = exchange.newRequest(method, by, true);
    ask(exchange, call.mediaMs + atMs, request, answer);
  }
}

/** A request and its answer; one without is repeated for as long as its sender waits. */
function ask(
  exchange: Exchange,
  timeMs: number,
  request: SipRequest,
  answer: number | null,
  headers: string[] = [],
): void {
  exchange.request(timeMs, request, { headers }, answer === null ? repeatsOfMethod(request.method) : []);
  if (answer === null) return;
  exchange.response(timeMs + TURNAROUND_MS, request, answer);
  if (request.method !== 'INVITE') return;
  const ack = answer < 300 ? exchange.ackOf(request) : exchange.failureAckOf(request);
  exchange.request(timeMs + 2 * TURNAROUND_MS, ack);
}

/** A BYE of somebody else in the name of a side, and its answer, which goes to where it came from. */
export function foreignBye(exchange: Exchange): void {
  const { call } = exchange;
  const spec = call.signalling.foreignBye;
  if (spec === undefined) return;
  const { atMs, ip, by = 'caller' } = spec;
  const bye = exchange.newRequest('BYE', by, true);
  const timeMs = call.mediaMs + atMs;
  exchange.request(timeMs, bye);
  exchange.response(timeMs + TURNAROUND_MS, bye, 200);
  const target = formatAddress(call[other(by)].wireIp);
  const [request, response] = exchange.messages.slice(-2);
  request!.hop = { src: ip, dst: target };
  response!.hop = { src: target, dst: ip };
}

/** Refreshes of the session at half its time, as long as the call lasts (RFC 4028 10). */
export function sessionRefreshes(exchange: Exchange): void {
  const { call } = exchange;
  const timer = call.signalling.sessionTimer;
  if (timer === undefined || timer.refreshed === false) return;
  const by: Side = (timer.refresher ?? 'uac') === 'uac' ? 'caller' : 'callee';
  const header = `Session-Expires: ${timer.seconds};refresher=uac`;
  const method = timer.method ?? 'UPDATE';
  for (let at = call.answerMs + timer.seconds * 500; at < call.byeMs; at += timer.seconds * 500) {
    const request = exchange.newRequest(method, by, true);
    exchange.request(at, request, { headers: [header] });
    exchange.response(at + TURNAROUND_MS, request, 200, { headers: [header] });
    if (method === 'INVITE') exchange.request(at + 2 * TURNAROUND_MS, exchange.ackOf(request));
  }
}

/** REFER, and the NOTIFYs of the other side (RFC 3515). */
export function transfer(exchange: Exchange): void {
  const { call } = exchange;
  const spec = call.signalling.transfer;
  if (spec === undefined) return;
  const { by = 'caller', target, replaces, answer, notify = [] } = spec;
  const refer = exchange.newRequest('REFER', by, true);
  const dialog =
    replaces === undefined ? '' : `?Replaces=${encodeURIComponent(`${replaces};to-tag=1;from-tag=2`)}`;
  const atMs = call.mediaMs + spec.atMs;
  ask(exchange, atMs, refer, answer, [
    `Refer-To: <${target}${dialog}>`,
    `Referred-By: <${addressOfRecord(call[by])}>`,
  ]);
  for (const [i, code] of notify.entries()) {
    const report = exchange.newRequest('NOTIFY', other(by), true);
    const timeMs = atMs + (i + 1) * NOTIFY_MS;
    const state = i === notify.length - 1 && code >= 200 ? 'terminated;reason=noresource' : 'active';
    exchange.request(timeMs, report, {
      headers: [`Event: refer;id=${refer.cseq}`, `Subscription-State: ${state}`],
      body: `SIP/2.0 ${code} Whatever\r\n`,
      contentType: 'message/sipfrag;version=2.0',
    });
    exchange.response(timeMs + TURNAROUND_MS, report, 200);
  }
}

import { findCodec } from './codecs.ts';
import { Exchange, type SipMessage, TURNAROUND_MS } from './exchange.ts';
import { anotherBranch, foreignBye, inDialogRequests, sessionRefreshes, transfer } from './in-dialog.ts';
import { isAnswered, type ResolvedCall } from './resolve.ts';
import type { Flow, Scenario, Side } from './scenario.ts';
import { answeredFlow, type DescriptionPlan, sessionDescription } from './sdp.ts';
import { faulty } from './sdp-fault.ts';
import type { SipRequest } from './sip-message.ts';
import { seenAtTap } from './tap.ts';
import { inviteRepeats, otherRepeats, TIMEOUT_MS } from './timers.ts';

export type { SipMessage };

/** All SIP messages of a call in order of time; none for the outcome `none`. */
export function planDialog(scenario: Scenario, call: ResolvedCall): SipMessage[] {
  if (call.outcome === 'none') return [];
  const plan = new DialogPlan(scenario, call);
  if (call.outcome !== 'midcall') plan.setup();
  if (isAnswered(call.outcome) || call.outcome === 'midcall') {
    plan.duringCall();
    sessionRefreshes(plan.exchange);
    inDialogRequests(plan.exchange);
    foreignBye(plan.exchange);
    transfer(plan.exchange);
    if (call.outcome !== 'open') plan.bye();
  }
  return seenAtTap(call, plan.exchange.messages);
}

/** When the final response of a call without answer passes the tap, ms; null when there is none. */
export function failureMs(call: ResolvedCall): number | null {
  switch (call.outcome) {
    case 'busy':
    case 'not_found':
      return call.ringingMs;
    case 'no_answer':
      return call.answerMs;
    case 'canceled':
      return call.answerMs + TURNAROUND_MS + 1;
    default:
      return null;
  }
}

/** From one try of an INVITE to the next. */
const RETRY_MS = 40;

class DialogPlan {
  readonly exchange: Exchange;
  readonly #call: ResolvedCall;
  readonly #version: Record<Side, number> = { caller: 1, callee: 1 };

  constructor(scenario: Scenario, call: ResolvedCall) {
    this.#call = call;
    this.exchange = new Exchange(scenario, call);
  }

  setup(): void {
    const call = this.#call;
    const { exchange } = this;
    const { signalling } = call;
    const invite = this.#invite();
    if (call.outcome === 'unreachable') return;
    const lastMs = Math.max(...exchange.messages.map(({ timeMs }) => timeMs));
    // The 100 is the next hop's, so it comes before anything the far end says.
    exchange.response(lastMs + Math.min(6, (call.ringingMs - lastMs) / 2), invite, 100);
    for (const [i, code] of (signalling.progress ?? []).entries()) {
      exchange.response(lastMs + 10 + i * 5, invite, code);
    }
    if (call.outcome === 'busy' || call.outcome === 'not_found') {
      this.#failure(invite);
      return;
    }
    this.#ringing(invite);
    if (call.outcome === 'ringing') return;
    if (call.outcome === 'canceled') {
      const cancel = { ...invite, method: 'CANCEL' };
      exchange.request(call.answerMs, cancel);
      exchange.response(call.answerMs + TURNAROUND_MS, cancel, 200);
      this.#failure(invite);
    } else if (call.outcome === 'no_answer') {
      this.#failure(invite);
    } else {
      this.#answer(invite);
    }
  }

  /** The INVITE, after the tries that were refused; the last one is what the responses answer. */
  #invite(): SipRequest {
    const call = this.#call;
    const { exchange } = this;
    const { refusals = [], inviteHeaders = [], resend = [], sessionTimer } = call.signalling;
    const timer = sessionTimer === undefined ? [] : [`Session-Expires: ${sessionTimer.seconds}`];
    let atMs = call.inviteMs;
    let credentials: string[] = [];
    for (const code of refusals) {
      const refused = exchange.newRequest('INVITE', 'caller', false);
      const headers = [...inviteHeaders, ...timer, ...credentials];
      exchange.request(atMs, refused, { headers, body: this.#offered() });
      exchange.response(atMs + TURNAROUND_MS, refused, code, { headers: challenge(code) });
      exchange.request(atMs + TURNAROUND_MS + 2, exchange.failureAckOf(refused));
      if (code === 401) credentials = ['Authorization: Digest username="x", nonce="n", response="0"'];
      if (code === 407) credentials = ['Proxy-Authorization: Digest username="x", nonce="n", response="0"'];
      atMs += RETRY_MS;
    }
    const invite = exchange.newRequest('INVITE', 'caller', false);
    const repeats =
      call.outcome === 'unreachable' ? inviteRepeats() : resends(resend, 'INVITE', inviteRepeats());
    const headers = [...inviteHeaders, ...timer, ...credentials];
    exchange.request(atMs, invite, { headers, body: this.#offered() }, repeats);
    return invite;
  }

  #offered(): string | null {
    return this.#call.lateSdp ? null : faulty(this.#call, 'offer', this.#offerText('caller', 'sendrecv'));
  }

  #ringing(invite: SipRequest): void {
    const call = this.#call;
    const { exchange } = this;
    const { forks = 0, prack = false } = call.signalling;
    const early = call.earlyMedia && !call.lateSdp;
    const code = early ? 183 : 180;
    const body = early ? this.#answered() : null;
    for (let i = 0; i < forks; i++) anotherBranch(exchange, invite, call.ringingMs + 1 + i, i);
    exchange.response(call.ringingMs, invite, code, {
      headers: prack ? ['Require: 100rel', 'RSeq: 1'] : [],
      body,
    });
    if (!prack) return;
    const request = exchange.newRequest('PRACK', 'caller', true);
    const headers = [`RAck: 1 ${invite.cseq} INVITE`];
    exchange.request(call.ringingMs + 5, request, { headers });
    exchange.response(call.ringingMs + 5 + TURNAROUND_MS, request, 200);
  }

  #answered(): string {
    return faulty(this.#call, 'answer', this.#answerText('callee', 'sendrecv'));
  }

  #answer(invite: SipRequest): void {
    const call = this.#call;
    const { exchange } = this;
    const { resend = [], noAck = false, answerHeaders = [], sessionTimer } = call.signalling;
    const body = call.lateSdp
      ? faulty(call, 'offer', this.#offerText('callee', 'sendrecv'))
      : this.#answered();
    const timer =
      sessionTimer === undefined
        ? []
        : [`Session-Expires: ${sessionTimer.seconds};refresher=${sessionTimer.refresher ?? 'uac'}`];
    const untilMs = Math.min(call.byeMs - call.answerMs, TIMEOUT_MS);
    const repeats = noAck
      ? otherRepeats().filter((after) => after < untilMs)
      : resends(resend, '200', otherRepeats());
    for (const after of [0, ...repeats]) {
      exchange.response(call.answerMs + after, invite, 200, { headers: [...answerHeaders, ...timer], body });
    }
    if (noAck) return;
    const ackMs = call.answerMs + (repeats.at(-1) ?? 0) + TURNAROUND_MS;
    exchange.request(ackMs, exchange.ackOf(invite), {
      body: call.lateSdp ? faulty(call, 'answer', this.#answerText('caller', 'sendrecv')) : null,
    });
  }

  /** Hold, re-INVITEs and INFOs, in order of time: CSeq grows with it. */
  duringCall(): void {
    const { hold, reinvites, infoDigits, mediaMs } = this.#call;
    const steps: { timeMs: number; take: () => void }[] = [];
    if (hold !== null) {
      steps.push({
        timeMs: hold.startMs,
        take: () => this.#reinvite(hold.startMs, hold.by, 'sendonly', 'recvonly'),
      });
      steps.push({
        timeMs: hold.endMs,
        take: () => this.#reinvite(hold.endMs, hold.by, 'sendrecv', 'sendrecv'),
      });
    }
    for (const reinvite of reinvites) {
      const timeMs = mediaMs + reinvite.atMs;
      steps.push({ timeMs, take: () => this.#renegotiate(timeMs, reinvite) });
    }
    [...(infoDigits?.digits ?? '')].forEach((digit, i) => {
      const timeMs = mediaMs + infoDigits!.atMs + i * 250;
      steps.push({ timeMs, take: () => this.#info(timeMs, infoDigits!, digit) });
    });
    steps.sort((a, b) => a.timeMs - b.timeMs);
    for (const { take } of steps) take();
  }

  bye(): void {
    const { exchange } = this;
    const { byeMs, releasedBy, signalling } = this.#call;
    const { byeReason, byeUnanswered = false, resend = [] } = signalling;
    const bye = exchange.newRequest('BYE', releasedBy, true);
    const repeats = byeUnanswered ? otherRepeats() : resends(resend, 'BYE', otherRepeats());
    const headers = byeReason === undefined ? [] : [`Reason: ${byeReason}`];
    exchange.request(byeMs, bye, { headers }, repeats);
    if (!byeUnanswered) exchange.response(byeMs + (repeats.at(-1) ?? 0) + TURNAROUND_MS, bye, 200);
  }

  #reinvite(timeMs: number, by: Side, offer: Flow, answer: Flow): void {
    const { exchange } = this;
    const other: Side = by === 'caller' ? 'callee' : 'caller';
    const invite = exchange.newRequest('INVITE', by, true);
    this.#version[by]++;
    exchange.request(timeMs, invite, { body: this.#offerText(by, offer) });
    this.#version[other]++;
    exchange.response(timeMs + TURNAROUND_MS, invite, 200, { body: this.#answerText(other, answer) });
    exchange.request(timeMs + 2 * TURNAROUND_MS, exchange.ackOf(invite));
  }

  #renegotiate(
    timeMs: number,
    { by, codec, image, withAudio, sdp, rtpPort }: ResolvedCall['reinvites'][number],
  ): void {
    const { exchange } = this;
    const other: Side = by === 'caller' ? 'callee' : 'caller';
    const invite = exchange.newRequest('INVITE', by, true);
    const codecs = [codec === undefined ? this.#call.codec : findCodec(codec)!];
    this.#version[by]++;
    const plan = { codecs, flow: 'sendrecv' as const, image: imageOf(image, withAudio) };
    const offer: DescriptionPlan = { ...plan, version: this.#version[by] };
    if (sdp !== undefined) offer.over = sdp;
    if (rtpPort !== undefined) offer.rtpPort = rtpPort;
    exchange.request(timeMs, invite, { body: sessionDescription(this.#call, by, offer) });
    if (image === 'refused') {
      exchange.response(timeMs + TURNAROUND_MS, invite, 488);
      exchange.request(timeMs + 2 * TURNAROUND_MS, exchange.failureAckOf(invite));
      return;
    }
    this.#version[other]++;
    const flow = answeredFlow(sdp?.flow ?? 'sendrecv');
    const body = sessionDescription(this.#call, other, { ...plan, flow, version: this.#version[other] });
    exchange.response(timeMs + TURNAROUND_MS, invite, 200, { body });
    exchange.request(timeMs + 2 * TURNAROUND_MS, exchange.ackOf(invite));
  }

  #info(timeMs: number, { from, answer }: { from: Side; answer: number }, digit: string): void {
    const info = this.exchange.newRequest('INFO', from, true);
    const body = `Signal=${digit}\r\nDuration=160\r\n`;
    this.exchange.request(timeMs, info, { body, contentType: 'application/dtmf-relay' });
    this.exchange.response(timeMs + TURNAROUND_MS, info, answer);
  }

  /** A final response other than 2xx, and its ACK, which is part of the INVITE's transaction (17.1.1.3). */
  #failure(invite: SipRequest): void {
    const { exchange } = this;
    const timeMs = failureMs(this.#call)!;
    const { finalCode, signalling } = this.#call;
    exchange.response(timeMs, invite, finalCode ?? 500, { headers: signalling.answerHeaders ?? [] });
    exchange.request(timeMs + TURNAROUND_MS, exchange.failureAckOf(invite));
  }

  #offerText(side: Side, flow: Flow): string {
    return sessionDescription(this.#call, side, {
      codecs: this.#call.offer,
      flow,
      version: this.#version[side],
    });
  }

  #answerText(side: Side, flow: Flow): string {
    return sessionDescription(this.#call, side, {
      codecs: [this.#call.codec],
      flow,
      version: this.#version[side],
    });
  }
}

function imageOf(image: string | undefined, withAudio = false): 'alone' | 'beside' | null {
  return image === undefined ? null : withAudio ? 'beside' : 'alone';
}

/** The first of a timer's repetitions. */
function resends(
  resend: NonNullable<ResolvedCall['signalling']['resend']>,
  message: 'INVITE' | 'BYE' | '200',
  timer: readonly number[],
): number[] {
  return timer.slice(0, resend.find((each) => each.message === message)?.copies ?? 0);
}

/** What a refusal asks for. */
function challenge(code: number): string[] {
  if (code === 401) return ['WWW-Authenticate: Digest realm="example.com", nonce="n"'];
  if (code === 407) return ['Proxy-Authenticate: Digest realm="example.com", nonce="n"'];
  return code === 422 ? ['Min-SE: 1800'] : code === 302 ? ['Contact: <sip:elsewhere@203.0.113.99>'] : [];
}

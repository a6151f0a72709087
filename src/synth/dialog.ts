import { type Codec, findCodec } from './codecs.ts';
import { callRandom, isAnswered, type ResolvedCall } from './resolve.ts';
import type { Scenario, Side } from './scenario.ts';
import { type DescriptionPlan, type Flow, sessionDescription } from './sdp.ts';
import { type DialogIds, requestText, responseText, type SipRequest } from './sip-message.ts';

/** A SIP message as it passes the tap; time in ms of the scenario. */
export interface SipMessage {
  timeMs: number;
  from: Side;
  text: string;
}

/** From a response to the request it causes, and from an in-dialog request to its response. */
const TURNAROUND_MS = 12;

/** All SIP messages of a call in order of time; none for the outcome `none`. */
export function planDialog(scenario: Scenario, call: ResolvedCall): SipMessage[] {
  if (call.outcome === 'none') return [];
  const plan = new DialogPlan(scenario, call);
  if (call.outcome !== 'midcall') plan.setup();
  if (isAnswered(call.outcome) || call.outcome === 'midcall') {
    plan.duringCall();
    if (call.outcome !== 'open') plan.bye();
  }
  return plan.messages;
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

class DialogPlan {
  readonly messages: SipMessage[] = [];
  readonly #call: ResolvedCall;
  readonly #ids: DialogIds;
  readonly #branch: () => string;
  readonly #cseq: Record<Side, number>;
  readonly #version: Record<Side, number> = { caller: 1, callee: 1 };

  constructor(scenario: Scenario, call: ResolvedCall) {
    const random = callRandom(scenario, call, 'sip');
    this.#call = call;
    this.#ids = { callerTag: random.hex(10), calleeTag: random.hex(10) };
    this.#branch = () => random.hex(16);
    this.#cseq = { caller: 1 + random.int(1000), callee: 1 + random.int(1000) };
  }

  setup(): void {
    const call = this.#call;
    const invite = this.#newRequest('INVITE', 'caller', false);
    this.#request(call.inviteMs, invite, call.lateSdp ? null : this.#offer('caller', 'sendrecv'));
    // The 100 is the next hop's, so it comes before anything the far end says.
    this.#response(call.inviteMs + Math.min(6, (call.ringingMs - call.inviteMs) / 2), invite, 100, null);
    if (call.outcome === 'busy' || call.outcome === 'not_found') {
      this.#failure(invite);
      return;
    }
    const early = call.earlyMedia && !call.lateSdp;
    this.#response(
      call.ringingMs,
      invite,
      early ? 183 : 180,
      early ? this.#answer('callee', 'sendrecv') : null,
    );
    if (call.outcome === 'ringing') return;
    if (call.outcome === 'canceled') {
      const cancel = { ...invite, method: 'CANCEL' };
      this.#request(call.answerMs, cancel, null);
      this.#response(call.answerMs + TURNAROUND_MS, cancel, 200, null);
      this.#failure(invite);
    } else if (call.outcome === 'no_answer') {
      this.#failure(invite);
    } else {
      const body = call.lateSdp ? this.#offer('callee', 'sendrecv') : this.#answer('callee', 'sendrecv');
      this.#response(call.answerMs, invite, 200, body);
      this.#ack(
        call.answerMs + TURNAROUND_MS,
        invite,
        call.lateSdp ? this.#answer('caller', 'sendrecv') : null,
      );
    }
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
      steps.push({ timeMs, take: () => this.#info(timeMs, infoDigits!.from, digit) });
    });
    steps.sort((a, b) => a.timeMs - b.timeMs);
    for (const { take } of steps) take();
  }

  bye(): void {
    const bye = this.#newRequest('BYE', this.#call.releasedBy, true);
    this.#request(this.#call.byeMs, bye, null);
    this.#response(this.#call.byeMs + TURNAROUND_MS, bye, 200, null);
  }

  #reinvite(timeMs: number, by: Side, offer: Flow, answer: Flow): void {
    const other: Side = by === 'caller' ? 'callee' : 'caller';
    const invite = this.#newRequest('INVITE', by, true);
    this.#version[by]++;
    this.#request(timeMs, invite, this.#offer(by, offer));
    this.#version[other]++;
    this.#response(timeMs + TURNAROUND_MS, invite, 200, this.#answer(other, answer));
    this.#ack(timeMs + 2 * TURNAROUND_MS, invite, null);
  }

  #renegotiate(timeMs: number, { by, codec, image, sdp, rtpPort }: ResolvedCall['reinvites'][number]): void {
    const other: Side = by === 'caller' ? 'callee' : 'caller';
    const invite = this.#newRequest('INVITE', by, true);
    const codecs = [codec === undefined ? this.#call.codec : findCodec(codec)!];
    this.#version[by]++;
    const plan = { codecs, flow: 'sendrecv' as const, image: image !== undefined };
    const offer: DescriptionPlan = { ...plan, version: this.#version[by] };
    if (sdp !== undefined) offer.over = sdp;
    if (rtpPort !== undefined) offer.rtpPort = rtpPort;
    this.#request(timeMs, invite, sessionDescription(this.#call, by, offer));
    if (image === 'refused') {
      this.#response(timeMs + TURNAROUND_MS, invite, 488, null);
      this.#request(timeMs + 2 * TURNAROUND_MS, { ...invite, method: 'ACK' }, null);
      return;
    }
    this.#version[other]++;
    const answer = sessionDescription(this.#call, other, { ...plan, version: this.#version[other] });
    this.#response(timeMs + TURNAROUND_MS, invite, 200, answer);
    this.#ack(timeMs + 2 * TURNAROUND_MS, invite, null);
  }

  #info(timeMs: number, from: Side, digit: string): void {
    const info = this.#newRequest('INFO', from, true);
    const text = requestText(this.#call, this.#ids, info, null);
    const body = `Signal=${digit}\r\nDuration=160\r\n`;
    this.messages.push({
      timeMs,
      from,
      text: text.replace(
        'Content-Length: 0\r\n\r\n',
        `Content-Type: application/dtmf-relay\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
    });
    this.#response(timeMs + TURNAROUND_MS, info, 200, null);
  }

  /** A final response other than 2xx, and its ACK, which is part of the INVITE's transaction (17.1.1.3). */
  #failure(invite: SipRequest): void {
    const timeMs = failureMs(this.#call)!;
    this.#response(timeMs, invite, this.#call.finalCode ?? 500, null);
    // To carries the tag of the response although the request goes to the original URI.
    this.#request(timeMs + TURNAROUND_MS, { ...invite, method: 'ACK', toTag: true }, null);
  }

  /** The ACK of a 2xx is a transaction of its own (13.2.2.4). */
  #ack(timeMs: number, invite: SipRequest, sdp: string | null): void {
    this.#request(
      timeMs,
      { ...invite, method: 'ACK', branch: this.#branch(), inDialog: true, toTag: true },
      sdp,
    );
  }

  #newRequest(method: string, from: Side, inDialog: boolean): SipRequest {
    this.#cseq[from]++;
    return { method, from, cseq: this.#cseq[from], branch: this.#branch(), inDialog, toTag: inDialog };
  }

  #request(timeMs: number, request: SipRequest, sdp: string | null): void {
    this.messages.push({
      timeMs,
      from: request.from,
      text: requestText(this.#call, this.#ids, request, sdp),
    });
  }

  #response(timeMs: number, request: SipRequest, code: number, sdp: string | null): void {
    const from: Side = request.from === 'caller' ? 'callee' : 'caller';
    this.messages.push({ timeMs, from, text: responseText(this.#call, this.#ids, request, code, sdp) });
  }

  #offer(side: Side, flow: Flow): string {
    return this.#describe(side, this.#call.offer, flow);
  }

  #answer(side: Side, flow: Flow): string {
    return this.#describe(side, [this.#call.codec], flow);
  }

  #describe(side: Side, codecs: readonly Codec[], flow: Flow): string {
    return sessionDescription(this.#call, side, { codecs, flow, version: this.#version[side] });
  }
}

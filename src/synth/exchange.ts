import { callRandom, type ResolvedCall } from './resolve.ts';
import type { Scenario, Side } from './scenario.ts';
import { type Cargo, type DialogIds, requestText, responseText, type SipRequest } from './sip-message.ts';

/** A SIP message as it passes the tap; time in ms of the scenario. */
export interface SipMessage {
  timeMs: number;
  from: Side;
  text: string;
  /** Where it passes when that is not between the two sides: addresses of the hop. */
  hop?: { src: string; dst: string };
  /** The mirror's copy of the message before it. */
  copy?: boolean;
}

/** From a response to the request it causes, and from an in-dialog request to its response. */
export const TURNAROUND_MS = 12;

/** Writes the messages of one call: numbers them, names their transactions, repeats them. */
export class Exchange {
  readonly messages: SipMessage[] = [];
  readonly call: ResolvedCall;
  readonly #ids: DialogIds;
  readonly #branch: () => string;
  readonly #cseq: Record<Side, number>;

  constructor(scenario: Scenario, call: ResolvedCall) {
    const random = callRandom(scenario, call, 'sip');
    this.call = call;
    this.#ids = { callerTag: random.hex(10), calleeTag: random.hex(10) };
    this.#branch = () => random.hex(16);
    this.#cseq = { caller: 1 + random.int(1000), callee: 1 + random.int(1000) };
  }

  /** The next request of a side. */
  newRequest(method: string, from: Side, inDialog: boolean): SipRequest {
    this.#cseq[from]++;
    return { method, from, cseq: this.#cseq[from], branch: this.#branch(), inDialog, toTag: inDialog };
  }

  /** The ACK of a 2xx is a transaction of its own (13.2.2.4). */
  ackOf(invite: SipRequest): SipRequest {
    return { ...invite, method: 'ACK', branch: this.#branch(), inDialog: true, toTag: true };
  }

  /** The ACK of any other final response belongs to the INVITE's transaction (17.1.1.3). */
  failureAckOf(invite: SipRequest): SipRequest {
    // To carries the tag of the response although the request goes to the original URI.
    return { ...invite, method: 'ACK', toTag: true };
  }

  /** A request at a time, and again after each of `repeats` ms: over TCP nothing is repeated. */
  request(timeMs: number, request: SipRequest, cargo: Cargo = {}, repeats: readonly number[] = []): void {
    const text = requestText(this.call, this.#ids, request, cargo);
    for (const after of this.call.transport === 'tcp' ? [0] : [0, ...repeats]) {
      this.messages.push({ timeMs: timeMs + after, from: request.from, text });
    }
  }

  /** A response; `calleeTag` in place of the dialog's when another branch of a fork answers. */
  response(timeMs: number, request: SipRequest, code: number, cargo: Cargo = {}, calleeTag?: string): void {
    const from: Side = request.from === 'caller' ? 'callee' : 'caller';
    const ids = calleeTag === undefined ? this.#ids : { ...this.#ids, calleeTag };
    this.messages.push({ timeMs, from, text: responseText(this.call, ids, request, code, cargo) });
  }

  /** The tag of another branch. */
  branchTag(number: number): string {
    return `${this.#ids.calleeTag}-${number}`;
  }

  /** Both tags as a dialog names them in Replaces. */
  get tags(): DialogIds {
    return this.#ids;
  }
}

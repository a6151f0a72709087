import type { CallTable } from '../calls/call-table.ts';
import type { HeardHosts } from '../calls/heard-hosts.ts';
import { SIP_METHODS, type SipCounts } from '../records/sip-counts.ts';
import type { Registrations } from '../registrations/registrations.ts';
import type { Scans } from '../scans/scans.ts';
import { type Hop, receiverHost } from '../sip/hop.ts';
import { parseSipMessage, type SipMessage } from '../sip/message.ts';
import type { Trunks } from '../trunks/trunks.ts';

/** What became of SIP packets: for the capture's account. */
export interface SignallingCounters {
  messages: number;
  /** Messages that could not be used, by reason. */
  discarded: Map<string, number>;
  /** Messages used in spite of something wrong with them, by problem. */
  salvaged: Map<string, number>;
  /** Requests by method, and responses by status less 100. */
  requests: Map<string, number>;
  responses: Uint32Array;
}

const METHODS: ReadonlySet<string> = new Set(SIP_METHODS);
const STATUS_MIN = 100;
const STATUS_MAX = 699;

/** Who takes the messages of which story. */
export interface SignallingPlanes {
  calls: CallTable;
  registrations: Registrations;
  trunks: Trunks;
  scans: Scans;
  heard: HeardHosts;
}

/** Parses SIP messages and hands them to the calls, the registrations or the trunks. */
export class Signalling {
  readonly counters: SignallingCounters = {
    messages: 0,
    discarded: new Map(),
    salvaged: new Map(),
    requests: new Map(),
    responses: new Uint32Array(STATUS_MAX - STATUS_MIN + 1),
  };
  private readonly planes: SignallingPlanes;

  constructor(planes: SignallingPlanes) {
    this.planes = planes;
  }

  /** Takes one message; `truncated` when the capture cut it short, `hop` where it passed, if that is known. */
  take(
    bytes: Uint8Array,
    offset: number,
    length: number,
    truncated: boolean,
    timeUs: number,
    hop: Hop | null = null,
  ): void {
    const result = parseSipMessage(bytes, offset, length, { truncated });
    if (!result.ok) {
      count(this.counters.discarded, result.reason);
      return;
    }
    this.counters.messages++;
    for (const problem of result.message.problems) count(this.counters.salvaged, problem);
    this.count(result.message);
    if (hop !== null) this.planes.heard.add(receiverHost(hop));
    this.route(result.message, timeUs, hop);
  }

  /** Messages so far. */
  sipCounts(): SipCounts {
    const responses: Record<string, number> = {};
    for (const [i, n] of this.counters.responses.entries()) if (n > 0) responses[i + STATUS_MIN] = n;
    return { requests: Object.fromEntries(this.counters.requests), responses };
  }

  private count({ kind, method, status }: SipMessage): void {
    const { requests, responses } = this.counters;
    if (kind === 'request') count(requests, METHODS.has(method) ? method : 'other');
    else if (status !== null && status >= STATUS_MIN && status <= STATUS_MAX)
      responses[status - STATUS_MIN]!++;
  }

  private route(message: SipMessage, timeUs: number, hop: Hop | null): void {
    const { calls, registrations, trunks, scans } = this.planes;
    scans.message(message, timeUs, hop);
    if (message.method === 'REGISTER') registrations.message(message, timeUs, hop);
    // Within a call OPTIONS asks whether the call is still up.
    else if (message.method === 'OPTIONS' && !calls.knows(message.callId))
      trunks.message(message, timeUs, hop);
    else calls.message(message, timeUs, hop);
  }
}

function count(counters: Map<string, number>, name: string): void {
  counters.set(name, (counters.get(name) ?? 0) + 1);
}

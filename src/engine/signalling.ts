import type { Hop } from '../calls/call.ts';
import type { CallTable } from '../calls/call-table.ts';
import { parseSipMessage } from '../sip/message.ts';

/** What became of SIP packets: for the capture's account. */
export interface SignallingCounters {
  messages: number;
  /** Messages that could not be used, by reason. */
  discarded: Map<string, number>;
  /** Messages used in spite of something wrong with them, by problem. */
  salvaged: Map<string, number>;
}

/** Parses SIP messages and hands them to the calls. */
export class Signalling {
  readonly counters: SignallingCounters = { messages: 0, discarded: new Map(), salvaged: new Map() };
  private readonly calls: CallTable;

  constructor(calls: CallTable) {
    this.calls = calls;
  }

  /** Takes one message; `truncated` when the capture cut it short. */
  take(
    bytes: Uint8Array,
    offset: number,
    length: number,
    truncated: boolean,
    timeUs: number,
    hop: Hop | null,
  ): void {
    const result = parseSipMessage(bytes, offset, length, { truncated });
    if (!result.ok) {
      count(this.counters.discarded, result.reason);
      return;
    }
    this.counters.messages++;
    for (const problem of result.message.problems) count(this.counters.salvaged, problem);
    this.calls.message(result.message, timeUs, hop);
  }
}

function count(counters: Map<string, number>, name: string): void {
  counters.set(name, (counters.get(name) ?? 0) + 1);
}

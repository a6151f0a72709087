import { dropOldest } from '../records/oldest.ts';
import type { AlertInput } from './input.ts';

/** Calls whose parties are remembered for alerts; the oldest makes room. */
const CALLS_KNOWN_MAX = 20_000;

/** What other records said about a call. */
export interface KnownCall {
  id: string | null;
  parties: readonly string[];
  lossBefore: boolean;
  lossAfter: boolean;
}

/** Remembers of calls what alerts say about them. */
export class KnownCalls {
  private readonly calls = new Map<string, KnownCall>();

  note(record: AlertInput): void {
    if (record.type === 'call') {
      const parties = [record.from, record.to].filter((party) => party !== null);
      this.change(record.callId, { id: record.id, parties });
    } else if (record.type === 'ongoing') {
      const parties = [record.from, record.to].filter((party) => party !== null);
      this.change(record.callId, { parties });
    } else if (record.type === 'finding' && record.callId !== null) {
      if (record.code === 'loss_before_probe') this.change(record.callId, { lossBefore: true });
      if (record.code === 'loss_after_probe') this.change(record.callId, { lossAfter: true });
    }
  }

  private change(callId: string, news: Partial<KnownCall>): void {
    const before = this.calls.get(callId) ?? { id: null, parties: [], lossBefore: false, lossAfter: false };
    this.calls.delete(callId);
    if (this.calls.size >= CALLS_KNOWN_MAX) {
      dropOldest(this.calls);
    }
    this.calls.set(callId, { ...before, ...news });
  }

  get(callId: string | null): KnownCall | null {
    return callId === null ? null : (this.calls.get(callId) ?? null);
  }
}

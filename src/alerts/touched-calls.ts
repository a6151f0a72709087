/** Calls that one series knows by name; how many there are beyond them is counted no further. */
const CALLS_MAX = 256;

/** A call with samples beyond the threshold. */
export interface TouchedCall {
  callId: string | null;
  streamId: string | null;
  /** Its worst value, and when that was noted. */
  worst: number;
  worstUs: number;
  samples: number;
  /** Pane of its last sample beyond the threshold. */
  lastPane: number;
  /** The score of the moment was bad, too. */
  heard: boolean;
  /** Final response, where the signal is about calls. */
  code: string | null;
}

/** The calls that made a series bad within its window. */
export class TouchedCalls {
  private readonly calls = new Map<string, TouchedCall>();
  private overflowPane = Number.NEGATIVE_INFINITY;

  /** Notes a sample beyond the threshold. `isWorse` says whether it is the worst of its call so far. */
  note(
    { callId, streamId, code }: Pick<TouchedCall, 'callId' | 'streamId' | 'code'>,
    value: number,
    isWorse: (value: number, than: number) => boolean,
    { pane, timeUs, heard, oldest }: { pane: number; timeUs: number; heard: boolean; oldest: number },
  ): void {
    const name = callId ?? streamId;
    if (name === null) return;
    const known = this.calls.get(name);
    if (known !== undefined && known.lastPane >= oldest) {
      known.lastPane = pane;
      known.samples++;
      known.heard ||= heard;
      if (isWorse(value, known.worst)) {
        known.worst = value;
        known.worstUs = timeUs;
      }
      return;
    }
    if (known === undefined && this.calls.size >= CALLS_MAX) this.forget(oldest);
    if (known === undefined && this.calls.size >= CALLS_MAX) {
      this.overflowPane = pane;
      return;
    }
    const noted = { worst: value, worstUs: timeUs, samples: 1, lastPane: pane, heard };
    this.calls.set(name, { callId, streamId, code, ...noted });
  }

  /** Forgets calls whose last sample fell into a pane before `oldest`. */
  forget(oldest: number): void {
    for (const [name, { lastPane }] of this.calls) if (lastPane < oldest) this.calls.delete(name);
  }

  /** Forgets calls that were touched in a pane from `pane` on. */
  forgetFrom(pane: number): void {
    for (const [name, { lastPane }] of this.calls) if (lastPane >= pane) this.calls.delete(name);
  }

  /** Calls touched since the pane `oldest`; `more` when there were others that found no room. */
  since(oldest: number): { calls: number; heard: number; more: boolean } {
    let calls = 0;
    let heard = 0;
    for (const call of this.calls.values()) {
      if (call.lastPane < oldest) continue;
      calls++;
      if (call.heard) heard++;
    }
    return { calls, heard, more: this.overflowPane >= oldest };
  }

  /** Those calls themselves. */
  list(oldest: number): TouchedCall[] {
    return [...this.calls.values()].filter(({ lastPane }) => lastPane >= oldest);
  }

  save(): TouchedCall[] {
    return [...this.calls.values()];
  }

  restore(calls: readonly TouchedCall[]): void {
    for (const call of calls.slice(0, CALLS_MAX)) {
      const name = call.callId ?? call.streamId;
      if (name !== null) this.calls.set(name, { ...call });
    }
  }
}

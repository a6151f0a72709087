import { FanoutGroup } from './fanout-group.ts';
import type { LiveCaptureError, LiveCounters, LiveSource } from './live-source.ts';
import type { RingHandles } from './packet-socket.ts';
import { type RingOptions, RingSource } from './ring-source.ts';
import { RingTurns } from './ring-turns.ts';

/**
 * Several rings on one interface, among which the kernel shares what comes in by flow (PACKET_FANOUT): processors that bring
 * in the packets of a card's queues do not wait for each other, and one that is flooded fills its own ring only. To the
 * rest it is one source: packets of all rings come in the order of their stamps, to within a block.
 */
export class RingGroup implements LiveSource {
  readonly engine = 'ring';
  readonly stamps = 'kernel';
  readonly name: string;
  readonly #members: readonly RingSource[];

  /** @param sockets how many rings, each as large as the options say */
  constructor(options: Omit<RingOptions, 'fanout'>, sockets: number) {
    this.name = options.interface;
    const member = { ...options, turns: options.turns ?? new RingTurns(), fanout: new FanoutGroup() };
    this.#members = Array.from({ length: sockets }, () => new RingSource(member));
  }

  start(...[deliver, ended]: Parameters<LiveSource['start']>): void {
    let running = this.#members.length;
    let failed: LiveCaptureError | null = null;
    const memberEnded = (reason: LiveCaptureError | null): void => {
      running--;
      failed ??= reason;
      if (running === 0) ended(failed);
      // Without one of them a share of the flows is missing.
      else if (reason !== null) void this.stop();
    };
    for (const member of this.#members) member.start(deliver, memberEnded);
  }

  get isPressed(): boolean {
    return this.#members.some(({ isPressed }) => isPressed);
  }

  counters(): LiveCounters {
    const [first, ...others] = this.#members.map((member) => member.counters());
    return others.reduce(together, first!);
  }

  handles(): readonly RingHandles[] {
    return this.#members.flatMap((member) => member.handles());
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }
}

/** Counters of two rings on the same interface. */
function together(one: LiveCounters, other: LiveCounters): LiveCounters {
  const sum = (a: number | null | undefined, b: number | null | undefined): number => (a ?? 0) + (b ?? 0);
  return {
    packets: one.packets + other.packets,
    bytes: one.bytes + other.bytes,
    dropped: sum(one.dropped, other.dropped),
    ringFull: sum(one.ringFull, other.ringFull),
    ringHighWaterRatio: Math.max(one.ringHighWaterRatio ?? 0, other.ringHighWaterRatio ?? 0),
    up: one.up,
    glued: sum(one.glued, other.glued),
    malformed: sum(one.malformed, other.malformed),
  };
}

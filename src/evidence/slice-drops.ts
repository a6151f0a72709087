import { statisticsBlock } from './file-blocks.ts';

/** Packets lost between two times, us; how many came beside them; and the input that says so. */
interface Turn {
  fromUs: number;
  toUs: number;
  dropped: number;
  packets: number;
  input: number;
}

/** What an input says of all its packets, as capture sources describe it. */
export interface InputCounts {
  readonly packets: number;
  readonly dropped: number | null;
  readonly delivered: number | null;
}

/** What was told of one input so far, and when its packets were. */
interface Told {
  dropped: number;
  packets: number;
  startUs: number;
  endUs: number;
  linkType: number;
}

/** Turns that wait for a frame; the oldest make room. Nobody remembers more of them. */
const WAITING_MAX = 4096;
/** What was lost so long before the first frame, or after the last, is of no call of the slice: it is only added up. */
const NEAR_US = 60_000_000;
const ETHERNET = 1;

/**
 * What the captures say of packets that they lost, carried into a slice of them. A slice holds a part of the packets, and
 * nothing between two of its frames would tell when among them the others were lost, and beside how many. So each turn of
 * drops is written as two readings of the interface's counters, before and after it, with all packets of the source beside
 * them, and at the end the account of the whole capture: whoever measures the slice knows of drops what the source knew.
 */
export class SliceDrops {
  private readonly write: (block: Uint8Array) => void;
  private readonly interfaceOf: (input: number, linkType: number) => number;
  private readonly waiting: Turn[] = [];
  private readonly told: Told[] = [];
  /** Time of the newest frame that was copied; NaN before the first. */
  private newestUs = Number.NaN;

  /** @param interfaceOf number of an interface for an input's statistics; `linkType` is for one that has none yet */
  constructor(write: (block: Uint8Array) => void, interfaceOf: (input: number, linkType: number) => number) {
    this.write = write;
    this.interfaceOf = interfaceOf;
  }

  /** Packets were lost, by what an input says. */
  note(fromUs: number, toUs: number, dropped: number, packets: number, input: number): void {
    const { waiting } = this;
    if (waiting.length === WAITING_MAX) waiting.shift();
    waiting.push({ fromUs, toUs, dropped, packets, input });
  }

  /** The source has a packet, copied or not. */
  sees(input: number, timeUs: number, linkType: number): void {
    const told = this.toldOf(input);
    told.linkType = linkType;
    if (timeUs < told.startUs) told.startUs = timeUs;
    if (timeUs > told.endUs) told.endUs = timeUs;
  }

  /** A frame of this time is about to be copied: what was lost since the last one belongs before it. */
  beforeFrame(timeUs: number): void {
    const since = Number.isNaN(this.newestUs) ? timeUs - NEAR_US : Number.NEGATIVE_INFINITY;
    this.newestUs = Number.isNaN(this.newestUs) ? timeUs : Math.max(this.newestUs, timeUs);
    if (this.waiting.length === 0) return;
    for (const turn of this.waiting) if (turn.toUs >= since) this.tell(turn);
    this.waiting.length = 0;
  }

  /** The captures are read: what they say of their ends, and of all their packets. */
  finish(inputs: readonly InputCounts[]): void {
    for (const turn of this.waiting) if (turn.fromUs <= this.newestUs + NEAR_US) this.tell(turn);
    this.waiting.length = 0;
    if (inputs.every(({ dropped }) => dropped === null)) return;
    // What some of them lost is held against what all of them had.
    for (const [input, counts] of inputs.entries()) {
      const { dropped, packets, startUs, endUs, linkType } = this.toldOf(input);
      if (!(endUs >= startUs)) continue;
      const all = {
        dropped: counts.dropped === null ? null : Math.max(dropped, counts.dropped),
        delivered: Math.max(packets, counts.packets, counts.delivered ?? 0),
      };
      const number = this.interfaceOf(input, linkType);
      this.write(statisticsBlock(number, endUs, all, { startUs, endUs }));
    }
  }

  private tell({ fromUs, toUs, dropped, packets, input }: Turn): void {
    if (!(fromUs >= 0)) return;
    const told = this.toldOf(input);
    const number = this.interfaceOf(input, told.linkType);
    this.write(statisticsBlock(number, fromUs, { dropped: told.dropped, delivered: told.packets }));
    told.dropped = Math.min(told.dropped + dropped, Number.MAX_SAFE_INTEGER);
    told.packets += packets;
    this.write(statisticsBlock(number, toUs, { dropped: told.dropped, delivered: told.packets }));
  }

  private toldOf(input: number): Told {
    this.told[input] ??= {
      dropped: 0,
      packets: 0,
      startUs: Number.POSITIVE_INFINITY,
      endUs: Number.NEGATIVE_INFINITY,
      linkType: ETHERNET,
    };
    return this.told[input];
  }
}

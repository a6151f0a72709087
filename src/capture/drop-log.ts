/** Times of drops that are kept until somebody takes them; the oldest make room. */
const KEPT_MAX = 4096;
/** Packets are counted beside drops for so long, as from one reading of a live source's counters to the next. */
const TURN_US = 1_000_000;
/** An interface that was silent for longer may have lost its packets at any time: only the last of it is meant. */
const SPAN_MAX_US = 60_000_000;
/** The longest turn: what was lost within a second, each of it since as long ago as may be. */
export const TURN_SPAN_MAX_US = SPAN_MAX_US + 2 * TURN_US;

/**
 * Takes when packets were lost: between two times (capture time), how many packets came in that turn, and of which input
 * they are.
 */
export type DropListener = (
  fromUs: number,
  toUs: number,
  dropped: number,
  packets: number,
  input: number,
) => void;

interface Drops {
  fromUs: number;
  toUs: number;
  dropped: number;
  packets: number;
}

/**
 * When a capture file says that packets were lost, gathered into turns of a second, so that a packet lost now and then
 * among thousands can be told from a moment in which many were.
 */
export class DropLog {
  readonly #input: number;
  readonly #kept: Drops[] = [];
  #turn: Drops | null = null;
  #endUs = 0;
  #firstFrame = 0;

  /** @param input number of the input whose drops these are */
  constructor(input = 0) {
    this.#input = input;
  }

  /**
   * Packets were lost before the packet of this time and number.
   *
   * @param sinceUs time of the packet before it
   */
  note(sinceUs: number, atUs: number, frame: number, dropped: number): void {
    if (!Number.isFinite(atUs)) return;
    // Behind it, or before it: the clock was set, or one of the stamps is far off.
    if (atUs >= this.#endUs || atUs < this.#endUs - 2 * TURN_US) this.end(frame);
    const fromUs = sinceUs <= atUs ? Math.max(sinceUs, atUs - SPAN_MAX_US) : atUs;
    if (this.#turn === null) {
      this.#turn = { fromUs, toUs: atUs, dropped, packets: 0 };
      this.#firstFrame = frame;
      this.#endUs = atUs + TURN_US;
      return;
    }
    const turn = this.#turn;
    turn.fromUs = Math.min(turn.fromUs, fromUs);
    turn.toUs = Math.max(turn.toUs, atUs);
    turn.dropped = Math.min(turn.dropped + dropped, Number.MAX_SAFE_INTEGER);
  }

  /** Packets `from` to `to` of a batch's columns came: ends the turn where one of them is past it. */
  count(timeUs: Float64Array, frame: Int32Array, from: number, to: number): void {
    if (this.#turn === null) return;
    for (let i = from; i < to; i++) {
      if (timeUs[i]! < this.#endUs) continue;
      this.end(frame[i]!);
      return;
    }
  }

  /** The turn is over with the packet before this number. */
  end(frame: number): void {
    if (this.#turn === null) return;
    this.#turn.packets = frame - this.#firstFrame;
    this.#keep(this.#turn);
    this.#turn = null;
  }

  /** A whole turn, as somebody counted it: `dropped` packets were lost beside `packets` that came. */
  add(fromUs: number, toUs: number, dropped: number, packets: number): void {
    this.#keep({ fromUs, toUs, dropped, packets });
  }

  /** Hands on the turns that are over, and forgets them. */
  take(listener: DropListener): void {
    for (const { fromUs, toUs, dropped, packets } of this.#kept)
      listener(fromUs, toUs, dropped, packets, this.#input);
    this.#kept.length = 0;
  }

  #keep(turn: Drops): void {
    if (this.#kept.length === KEPT_MAX) this.#kept.shift();
    this.#kept.push(turn);
  }
}

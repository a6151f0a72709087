import type { MediaKind } from './contract.ts';

/** Packets of one stream within some time: the first and the last frame, of the input that the first lies in. */
export interface FrameSpan {
  readonly input: number;
  readonly first: number;
  readonly last: number;
  /** Frames of the stream in it. */
  readonly count: number;
  /** There are more in further inputs. */
  readonly goesOn: boolean;
}

/** A time within a stream that frames are wanted of. */
export interface WantedSpan {
  readonly stream: number;
  readonly fromUs: number;
  readonly toUs: number;
}

const FIELDS = 4;
const NO_INPUT = -1;

/** First and last frames of streams, and of times within them (those that findings are about). */
export class FrameSpans {
  private readonly fromUs: Float64Array;
  private readonly toUs: Float64Array;
  /** Per span: input, first, last, count. */
  private readonly values: Int32Array;
  private readonly goesOn: Uint8Array;
  /** Where each stream's spans begin in `order`; one more than there are streams. */
  private readonly starts: Int32Array;
  private readonly order: Int32Array;

  constructor(streams: number, spans: readonly WantedSpan[]) {
    this.fromUs = Float64Array.from(spans, ({ fromUs }) => fromUs - 1);
    this.toUs = Float64Array.from(spans, ({ toUs }) => toUs + 1);
    this.values = new Int32Array(spans.length * FIELDS);
    this.goesOn = new Uint8Array(spans.length);
    for (let i = 0; i < spans.length; i++) this.values[i * FIELDS] = NO_INPUT;
    this.starts = new Int32Array(streams + 1);
    for (const { stream } of spans) this.starts[stream + 1]!++;
    for (let i = 0; i < streams; i++) this.starts[i + 1]! += this.starts[i]!;
    this.order = new Int32Array(spans.length);
    const next = this.starts.slice();
    for (const [i, { stream }] of spans.entries()) this.order[next[stream]!++] = i;
  }

  /** Notes a packet. */
  media(kind: MediaKind, stream: number, input: number, frame: number, timeUs: number): void {
    if (kind !== 'rtp') return;
    const end = this.starts[stream + 1]!;
    for (let at = this.starts[stream]!; at < end; at++) {
      const span = this.order[at]!;
      if (timeUs >= this.fromUs[span]! && timeUs <= this.toUs[span]!) this.note(span, input, frame);
    }
  }

  /** The frames of span `index`, in the order of the constructor; null where no packet was. */
  span(index: number): FrameSpan | null {
    const at = index * FIELDS;
    const [input, first, last, count] = this.values.subarray(at, at + FIELDS);
    return input === NO_INPUT
      ? null
      : { input: input!, first: first!, last: last!, count: count!, goesOn: this.goesOn[index] === 1 };
  }

  private note(span: number, input: number, frame: number): void {
    const at = span * FIELDS;
    const { values } = this;
    if (values[at] === NO_INPUT) {
      values[at] = input;
      values[at + 1] = frame;
    } else if (values[at] !== input) {
      this.goesOn[span] = 1;
      return;
    }
    values[at + 2] = frame;
    values[at + 3]!++;
  }
}

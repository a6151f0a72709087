import type { EvidenceSink, FrameRef, MediaKind, Sighting } from './contract.ts';

/** What of a call's packets is wanted in a list of frames. */
export interface FrameChoice {
  sip: boolean;
  rtp: boolean;
  rtcp: boolean;
  t38: boolean;
}

const EVERYTHING: FrameChoice = { sip: true, rtp: true, rtcp: true, t38: true };
const FIRST_CAPACITY = 1024;

/**
 * The frames of all wanted calls, each once, by input: 4 octets a frame. For whoever copies frames out of captures:
 * `frames(input)` is sorted, so that a third pass can go along it.
 */
export class FrameList implements EvidenceSink {
  private readonly choice: FrameChoice;
  private readonly lists: { values: Int32Array; length: number }[] = [];

  constructor(choice: Partial<FrameChoice> = {}) {
    this.choice = { ...EVERYTHING, ...choice };
  }

  message(_call: number, { frames }: Sighting): void {
    if (this.choice.sip) for (const frame of frames) this.add(frame);
  }

  media(kind: MediaKind, _stream: number, input: number, frame: number): void {
    if (this.choice[kind]) this.add({ input, frame });
  }

  image(_call: number, input: number, frame: number): void {
    if (this.choice.t38) this.add({ input, frame });
  }

  /** Frame numbers of one input, ascending, without repetition. */
  frames(input: number): Int32Array {
    const list = this.lists[input];
    if (list === undefined) return new Int32Array(0);
    const sorted = list.values.slice(0, list.length).sort();
    return sorted.filter((frame, i) => i === 0 || frame !== sorted[i - 1]);
  }

  private add({ input, frame }: FrameRef): void {
    while (this.lists.length <= input) this.lists.push({ values: new Int32Array(FIRST_CAPACITY), length: 0 });
    const list = this.lists[input]!;
    // Most are told in order, so that repetitions follow each other.
    if (list.length > 0 && list.values[list.length - 1] === frame) return;
    if (list.length === list.values.length) {
      const larger = new Int32Array(list.length * 2);
      larger.set(list.values);
      list.values = larger;
    }
    list.values[list.length++] = frame;
  }
}

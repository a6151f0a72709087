import type { FrameRef } from './contract.ts';

/** Flows or datagrams that frames are kept of, and frames of each. */
const PENDING_MAX = 4096;
const FRAMES_EACH_MAX = 64;

/**
 * The frames of what is not complete yet, by flow or datagram. Bounded: what got a frame longest ago makes room, and of
 * one that never completes only the newest frames stay.
 */
export class PendingFrames {
  private readonly pending = new Map<string, FrameRef[]>();

  add(key: string, frame: FrameRef): void {
    const frames = this.pending.get(key) ?? [];
    this.pending.delete(key);
    this.pending.set(key, frames);
    frames.push(frame);
    if (frames.length > FRAMES_EACH_MAX) frames.shift();
    if (this.pending.size <= PENDING_MAX) return;
    for (const oldest of this.pending.keys()) {
      this.pending.delete(oldest);
      break;
    }
  }

  /**
   * Takes the frames of what is complete now. `rest` stays, where it may hold the beginning of what comes next; null
   * where nothing does.
   */
  take(key: string, rest: FrameRef | null): readonly FrameRef[] {
    const frames = this.pending.get(key) ?? (rest === null ? [] : [rest]);
    if (rest === null) this.pending.delete(key);
    else this.pending.set(key, [rest]);
    return frames;
  }

  forget(key: string): void {
    this.pending.delete(key);
  }
}

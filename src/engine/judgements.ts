/** A call is judged so much later than it ended: what happens meanwhile says more about the capture. */
const WAIT_US = 20_000_000;
/** So many may wait; then the oldest is judged at once. */
const WAITING_MAX = 512;

interface Waiting {
  dueUs: number;
  judge: () => void;
}

/** Judgements that wait, first come, first served. */
export class Judgements {
  private waiting: Waiting[] = [];
  private next = 0;

  /** Judges later; `nowUs` is capture time. */
  add(nowUs: number, judge: () => void): void {
    this.waiting.push({ dueUs: nowUs + WAIT_US, judge });
    if (this.waiting.length - this.next > WAITING_MAX) this.judgeNext();
  }

  /** Capture time moves on. */
  sweep(nowUs: number): void {
    while (this.next < this.waiting.length) {
      const { dueUs } = this.waiting[this.next]!;
      // A clock that was set back must not keep anything waiting.
      if (nowUs < dueUs && nowUs > dueUs - 2 * WAIT_US) return;
      this.judgeNext();
    }
  }

  /** Judges all that wait. */
  finish(): void {
    while (this.next < this.waiting.length) this.judgeNext();
  }

  private judgeNext(): void {
    const { judge } = this.waiting[this.next]!;
    this.next++;
    if (this.next >= WAITING_MAX || this.next === this.waiting.length) {
      this.waiting = this.waiting.slice(this.next);
      this.next = 0;
    }
    judge();
  }
}

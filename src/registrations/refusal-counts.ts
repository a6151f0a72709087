import { dropOldest } from '../records/oldest.ts';

const KEYS_MAX = 16_384;
const OTHERS_MAX = 1024;
/** Where nothing was refused for so many windows, it has stopped: what fails there later is a failure again. */
const QUIET_WINDOWS = 10;

/** What was refused to one host, or for one user. */
export interface Refusals {
  readonly key: string;
  startUs: number;
  lastUs: number;
  failures: number;
  /** The users a host tried, or the hosts that tried a user; counted up to a limit. */
  readonly others: Set<string>;
  /** Those of the others that had registered there before. */
  readonly own: Set<string>;
  /** So many within the window that it looks like guessing. */
  isMarked: boolean;
  isTold: boolean;
}

/** Counts refusals by host or by user, and marks those that had too many within a window. */
export class RefusalCounts {
  private readonly counts = new Map<string, Refusals>();
  private readonly windowUs: number;
  private readonly isMany: (refusals: Refusals) => boolean;

  /** @param isMany whether what was counted within one window, `windowUs` long, looks like guessing */
  constructor(windowUs: number, isMany: (refusals: Refusals) => boolean) {
    this.windowUs = windowUs;
    this.isMany = isMany;
  }

  /**
   * One more refusal. The oldest key is forgotten when there are too many.
   * @param isOwn whether this user had been registered by this host before
   */
  add(key: string, other: string, isOwn: boolean, timeUs: number): void {
    const known = this.counts.get(key);
    if (known === undefined || !this.isOf(known, timeUs)) {
      if (known === undefined && this.counts.size >= KEYS_MAX) dropOldest(this.counts);
      this.counts.delete(key);
      const others = new Set([other]);
      const own = new Set(isOwn ? [other] : []);
      const times = { startUs: timeUs, lastUs: timeUs };
      this.counts.set(key, { key, ...times, failures: 1, others, own, isMarked: false, isTold: false });
      return;
    }
    known.failures++;
    known.lastUs = timeUs;
    if (known.others.size < OTHERS_MAX) {
      known.others.add(other);
      if (isOwn) known.own.add(other);
    }
    if (this.isMany(known)) known.isMarked = true;
  }

  /** Does a refusal at this time go on with what was counted? */
  private isOf({ isMarked, startUs, lastUs }: Refusals, timeUs: number): boolean {
    return isMarked
      ? Math.abs(timeUs - lastUs) <= QUIET_WINDOWS * this.windowUs
      : Math.abs(timeUs - startUs) <= this.windowUs;
  }

  /** Is this key marked, and was it not quiet for long? */
  marked(key: string, atUs: number): Refusals | null {
    const known = this.counts.get(key);
    if (known === undefined || !known.isMarked) return null;
    return atUs - known.lastUs <= QUIET_WINDOWS * this.windowUs ? known : null;
  }

  /** Marked ones that were not told of yet and began at least `afterUs` ago. They count as told from now on. */
  *untold(
    nowUs: number,
    afterUs: number,
    isMeant: (refusals: Refusals) => boolean = () => true,
  ): Generator<Refusals> {
    for (const refusals of this.counts.values()) {
      if (!refusals.isMarked || refusals.isTold || !isMeant(refusals)) continue;
      if (nowUs - refusals.startUs < afterUs) continue;
      refusals.isTold = true;
      yield refusals;
    }
  }
}

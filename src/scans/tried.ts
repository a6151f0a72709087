import { InOrder } from './in-order.ts';

/** Room for users and hosts of one source; how many more there were is not counted. */
const EACH_MAX = 1024;
const CHALLENGED: ReadonlySet<number> = new Set([401, 407]);

/** Users and hosts that are remembered of all sources together. */
export interface Room {
  left: number;
  /** Requests whose user or host found no room. */
  refused: number;
}

/** What one source asked for, within the room of all sources, and the last word on each of them. */
class Asked<Told extends { status: number }> {
  /** Status 0 before any answer. */
  protected readonly told = new Map<string, Told>();
  readonly order = new InOrder();
  private readonly room: Room;

  constructor(room: Room) {
    this.room = room;
  }

  get size(): number {
    return this.told.size;
  }

  get isFull(): boolean {
    return this.told.size >= EACH_MAX;
  }

  /** @returns whether there was room */
  protected enter(name: string, told: Told): boolean {
    if (!hasRoom(this.room, this.told.size)) return false;
    this.told.set(name, told);
    return true;
  }

  /** Those whose last answer is one of these. */
  count(isMeant: (status: number) => boolean): number {
    let count = 0;
    for (const { status } of this.told.values()) if (isMeant(status)) count++;
    return count;
  }

  /** Adds how many had which answer. */
  addTo(codes: Map<number, number>): void {
    for (const { status } of this.told.values())
      if (status > 0) codes.set(status, (codes.get(status) ?? 0) + 1);
  }

  clear(): void {
    this.room.left += this.told.size;
    this.told.clear();
  }
}

/** Users that one source tried with one method. */
export class TriedUsers extends Asked<{ status: number }> {
  served = 0;
  /** Those who are asked for by themselves: From and To are alike. */
  selves = 0;

  /** A request for a user. One that was challenged before and comes with credentials goes on. */
  asked(user: string, isSelf: boolean, hasCredentials: boolean): void {
    const known = this.told.get(user);
    if (known === undefined) {
      if (!this.enter(user, { status: 0 })) return;
      this.order.addUser(user);
      if (isSelf) this.selves++;
    } else if (hasCredentials && CHALLENGED.has(known.status)) known.status = 0;
  }

  /** An answer. What came after somebody was reached says nothing of whether he is known. */
  answered(user: string, status: number): void {
    const known = this.told.get(user);
    if (known === undefined || isServed(known.status)) return;
    if (isServed(status)) this.served++;
    if (isServed(status) || status >= 300) known.status = status;
  }
}

/** Answers of whoever was reached. */
const REACHED: ReadonlySet<number> = new Set([480, 486, 600, 603]);

/** Does an answer let the user in, make a telephone ring, or come from somebody there? */
export function isServed(status: number): boolean {
  return (status >= 180 && status < 300) || REACHED.has(status);
}

interface AskedHost {
  firstUs: number;
  status: number;
  isAskedAgain: boolean;
}

/** Copies of a request are over by then (timer F): what comes later is asked again. */
const COPIES_US = 32_000_000;

/** Hosts that one source asked, and whether they answered. */
export class AskedHosts extends Asked<AskedHost> {
  /** Hosts that were asked again later: whoever does that knows them. */
  again = 0;

  /** @param word the last word of the host's address */
  asked(host: string, word: number, timeUs: number): void {
    const known = this.told.get(host);
    if (known === undefined) {
      if (this.enter(host, { firstUs: timeUs, status: 0, isAskedAgain: false })) this.order.addHost(word);
    } else if (!known.isAskedAgain && timeUs - known.firstUs > COPIES_US) {
      known.isAskedAgain = true;
      this.again++;
    }
  }

  answered(host: string, status: number): void {
    const known = this.told.get(host);
    if (known === undefined) return;
    if (known.status === 0 || status < 300) known.status = status;
  }
}

function hasRoom(room: Room, size: number): boolean {
  if (size < EACH_MAX && room.left > 0) {
    room.left--;
    return true;
  }
  // What one source tries beyond what can be told of it is no loss to others.
  if (size < EACH_MAX) room.refused++;
  return false;
}

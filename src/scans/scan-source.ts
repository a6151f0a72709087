import type { AgentKind } from './scanner-agents.ts';
import { AskedHosts, isServed, type Room, TriedUsers } from './tried.ts';

/** Methods that scans ask with. */
export const SCAN_METHODS = ['OPTIONS', 'INVITE', 'REGISTER'] as const;
export type ScanMethod = (typeof SCAN_METHODS)[number];

/** So many hosts, users or numbers look like somebody who looks for what there is. */
const MANY = 20;
/** So many hosts do so without any order among them. */
const MANY_HOSTS = 50;
/** Whoever asks many at once is served a moment later. */
const USERS_AGE_US = 5_000_000;
/** Whoever knows those hosts asks them again within this: keep-alives are five minutes apart at most. */
const HOSTS_AGE_US = 330_000_000;
/** Whoever was served before so many were refused is a user or a trunk. */
const REFUSED_BEFORE = 10;

/** One host that asks, or one program there that is made for scans. */
export class ScanSource {
  readonly ip: string;
  readonly agent: string | null;
  readonly kind: AgentKind;
  readonly startUs: number;
  lastUs: number;
  readonly requests: Record<ScanMethod, number> = { OPTIONS: 0, INVITE: 0, REGISTER: 0 };
  readonly hosts: AskedHosts;
  readonly called: TriedUsers;
  readonly registered: TriedUsers;
  /** It looks for what there is. Once true it stays so. */
  isScan = false;
  isTold = false;
  /** When it was first seen to be over, or to go on for long. */
  overUs: number | null = null;
  /** The first user of each method that was let in, and when. */
  readonly letIn = new Map<ScanMethod, { user: string; timeUs: number }>();
  /** Its calls whose findings were held back, and those that were judged before it was known. */
  leftOut = 0;
  judgedBefore = 0;

  constructor(ip: string, agent: string | null, kind: AgentKind, timeUs: number, room: Room) {
    this.ip = ip;
    this.agent = agent;
    this.kind = kind;
    this.startUs = timeUs;
    this.lastUs = timeUs;
    this.isScan = kind === 'scanner';
    this.hosts = new AskedHosts(room);
    this.called = new TriedUsers(room);
    this.registered = new TriedUsers(room);
  }

  /** Whoever was served before, or among others of whom many are, is nobody who scans. */
  get isServedUsually(): boolean {
    if (this.isScan) return false;
    const size = this.called.size + this.registered.size;
    const served = this.called.served + this.registered.served;
    const refused = this.called.count(isRefused) + this.registered.count(isRefused);
    return served > 0 && (refused < REFUSED_BEFORE || served * 5 >= size);
  }

  /** Looks at what it did; at the end of a capture without waiting for what may come. */
  judge(nowUs: number, isEnd: boolean): boolean {
    if (this.isScan) return true;
    const ageUs = Math.abs(nowUs - this.startUs);
    const hint = this.kind === 'hint';
    if (isEnd || ageUs >= USERS_AGE_US) {
      this.isScan = isSearch(this.called, hint) || isSearch(this.registered, hint);
    }
    if (isEnd || ageUs >= HOSTS_AGE_US) this.isScan ||= this.isSweep(hint);
    return this.isScan;
  }

  /** Hosts that do not answer, most of them, and are not asked again. */
  private isSweep(hint: boolean): boolean {
    const { size, again, order } = this.hosts;
    if (size < MANY || again * 10 > size) return false;
    if (this.hosts.count((status) => status > 0 && status < 300) * 2 > size) return false;
    return hint || order.steps * 2 >= size || size >= MANY_HOSTS;
  }

  clear(): void {
    this.hosts.clear();
    this.called.clear();
    this.registered.clear();
  }
}

/**
 * Users or numbers of whom nearly all are refused, for being unknown or without credentials. A trunk whose calls are all
 * refused looks so, too; what it lacks is the order, and programs that call everybody by his own name.
 */
function isSearch(tried: TriedUsers, hint: boolean): boolean {
  const { size, served, order, selves } = tried;
  if (size < MANY || served * 20 > size) return false;
  if (tried.count(isRefused) * 2 < size || tried.count(isWithoutService) * 10 > size) return false;
  return hint || order.steps * 2 >= size || (selves > 0 && selves * 2 >= size);
}

/** Refused for what it is: neither answered by somebody, nor taken back, nor for lack of service. */
function isRefused(status: number): boolean {
  return status >= 300 && status !== 487 && !isServed(status) && !isWithoutService(status);
}

/** The server is in trouble: who asks is not to blame. */
function isWithoutService(status: number): boolean {
  return status === 408 || (status >= 500 && status < 600);
}

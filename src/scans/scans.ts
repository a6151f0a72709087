import { destinationIp, sourceIp } from '../packet/address.ts';
import { dropOldest } from '../records/oldest.ts';
import type { FindingRecord } from '../records/types.ts';
import { hasCredentials, userAgent } from '../sip/accessors.ts';
import type { Hop } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { sipScan } from './scan-finding.ts';
import { SCAN_METHODS, type ScanMethod, ScanSource } from './scan-source.ts';
import { agentKind } from './scanner-agents.ts';
import { isServed, type Room } from './tried.ts';
import { TrustedHosts } from './trusted-hosts.ts';

const SOURCES_MAX = 4096;
/** Users and hosts remembered of all sources together. */
const TRIED_MAX = 131_072;
/** Requests of strangers whose answers may come, by Call-ID. */
const WAITING_MAX = 4096;
/** Scans told within an hour, but for those that were let in; further ones are counted. */
const TOLD_MAX = 256;
const HOUR_US = 3_600_000_000;
/** Quiet for so long, a scan is over; one that goes on is told so long after it began. */
const QUIET_US = 30_000_000;
/** By then its last calls are judged: those that were challenged wait for 32 s, all for another 28 s. */
const SETTLED_US = 61_000_000;
const TOLD_AFTER_US = 600_000_000;
/** Whoever was let in is told of after so long, or when it has been quiet for this. */
const LET_IN_QUIET_US = 10_000_000;
/** Quiet for so long, what asked is forgotten; a scan is over when it was quiet for an hour. */
const FORGOTTEN_US = 600_000_000;
/** Clocks of the call table and of this are one; a call begins with what was noted here. */
const SLACK_US = 1_000_000;
const USER_CHARACTERS = 64;

/** Told what scans come to, and asked what else is known. */
export interface ScanListener {
  scanFinding(finding: FindingRecord): void;
  /** Whether the registrations of a host are told as password guessing. */
  isGuessing(source: string, atUs: number): boolean;
}

/**
 * Finds strangers who look for SIP servers (OPTIONS), for users (REGISTER, INVITE) or for a prefix that gets them out
 * (INVITE), by what they ask outside of any dialog and what they are told. A program made for scans is known by its name;
 * others by trying many in order, nearly all in vain. A host that answers requests itself, or was served before, is part of
 * the service, and never one.
 */
export class Scans {
  private readonly sources = new Map<string, ScanSource>();
  private readonly trusted = new TrustedHosts();
  /** Who asked, by Call-ID: programs for scans may share an address with honest ones. */
  private readonly waiting = new Map<string, ScanSource>();
  private readonly room: Room = { left: TRIED_MAX, refused: 0 };
  private readonly listener: ScanListener;
  private told = 0;
  private notTold = 0;
  private hourUs = Number.NaN;

  constructor(listener: ScanListener) {
    this.listener = listener;
  }

  /** Requests whose user or host found no room. */
  get refused(): number {
    return this.room.refused;
  }

  /** Takes one message in capture order. Those within dialogs, and of other methods, say nothing here. */
  message(message: SipMessage, timeUs: number, hop: Hop | null): void {
    if (hop === null || !isScanMethod(message.method)) return;
    if (message.kind === 'response') this.answer(message, message.method, timeUs, hop);
    else if (message.to?.tag === null) this.request(message, message.method, timeUs, hop);
  }

  private request(message: SipMessage, method: ScanMethod, timeUs: number, hop: Hop): void {
    const ip = sourceIp(hop);
    const agent = userAgent(message);
    const kind = agentKind(agent);
    if (kind !== 'scanner' && this.trusted.has(ip)) return;
    const key = keyOf(ip, agent);
    const source = this.sources.get(key) ?? this.open(key, ip, agent, timeUs);
    this.await(message.callId, source);
    source.lastUs = timeUs;
    source.requests[method]++;
    source.hosts.asked(destinationIp(hop), hop.dst3, timeUs);
    const user = userOf(message);
    if (user === null || method === 'OPTIONS') return;
    const tried = method === 'INVITE' ? source.called : source.registered;
    const isSelf = method === 'INVITE' && message.from?.user === message.to?.user;
    tried.asked(user, isSelf, hasCredentials(message));
  }

  private open(key: string, ip: string, agent: string | null, timeUs: number): ScanSource {
    if (this.sources.size >= SOURCES_MAX) {
      for (const [oldest, source] of this.sources) {
        this.drop(oldest, source);
        break;
      }
    }
    const source = new ScanSource(ip, agent, agentKind(agent), timeUs, this.room);
    this.sources.set(key, source);
    return source;
  }

  private drop(key: string, source: ScanSource): void {
    if (source.isScan && !source.isTold) this.tell(source, false);
    source.clear();
    this.sources.delete(key);
  }

  private await(callId: string, source: ScanSource): void {
    this.waiting.delete(callId);
    this.waiting.set(callId, source);
    if (this.waiting.size > WAITING_MAX) dropOldest(this.waiting);
  }

  private answer(message: SipMessage, method: ScanMethod, timeUs: number, hop: Hop): void {
    const asker = destinationIp(hop);
    const source = this.waiting.get(message.callId);
    // Nobody is trusted for answering what was not asked.
    if (source === undefined ? !this.trusted.has(asker) : source.ip !== asker) return;
    const server = sourceIp(hop);
    this.trusted.add(server, timeUs);
    const status = message.status ?? 0;
    if (source === undefined || status <= 100) return;
    source.hosts.answered(server, status);
    const user = userOf(message);
    if (user === null || method === 'OPTIONS') return;
    const tried = method === 'INVITE' ? source.called : source.registered;
    tried.answered(user, status);
    if (!isServed(status)) return;
    if (source.isServedUsually) {
      this.trusted.add(asker, timeUs);
      this.forget(keyOf(asker, source.agent));
    } else if (status >= 200 && status < 300 && !source.letIn.has(method)) {
      source.letIn.set(method, { user, timeUs });
      source.isTold = false;
    }
  }

  private forget(key: string): void {
    const source = this.sources.get(key);
    if (source !== undefined && !source.isScan) this.drop(key, source);
  }

  /** Is a request of that host, and of that program there, part of a scan? */
  isScan(ip: string | null, agent: string | null, atUs: number): boolean {
    return this.scanOf(ip, agent, atUs) !== null;
  }

  private scanOf(ip: string | null, agent: string | null, atUs: number): ScanSource | null {
    const source = ip === null ? undefined : this.sources.get(keyOf(ip, agent));
    if (source === undefined || !source.judge(source.lastUs, false)) return null;
    return atUs >= source.startUs - SLACK_US && atUs <= source.lastUs + SLACK_US ? source : null;
  }

  /** Is a call that was not answered part of a scan? It is counted as one that is left out. */
  takesCall(ip: string | null, agent: string | null, startUs: number): boolean {
    const scan = this.scanOf(ip, agent, startUs);
    if (scan !== null) scan.leftOut++;
    else if (ip !== null) {
      const source = this.sources.get(keyOf(ip, agent));
      if (source !== undefined) source.judgedBefore++;
    }
    return scan !== null;
  }

  /** Capture time moves on: scans that are over are told, and what is quiet is forgotten. */
  sweep(nowUs: number): void {
    for (const [key, source] of this.sources) {
      const quietUs = Math.abs(nowUs - source.lastUs);
      if (source.judge(nowUs, false)) {
        if (!source.isTold && isDue(source, nowUs)) this.tell(source, source.overUs !== null);
        if (quietUs > HOUR_US) this.drop(key, source);
      } else if (quietUs > FORGOTTEN_US) this.drop(key, source);
    }
  }

  /** The capture is over: who has not been judged is, before its calls are. */
  close(nowUs: number): void {
    for (const source of this.sources.values()) source.judge(nowUs, true);
  }

  /** All calls were judged: what is left is told. */
  finish(): void {
    for (const source of this.sources.values()) if (source.isScan && !source.isTold) this.tell(source, true);
    this.sources.clear();
    this.waiting.clear();
  }

  private tell(source: ScanSource, isJudged: boolean): void {
    source.isTold = true;
    const isLetIn = source.letIn.size > 0;
    const { OPTIONS, INVITE } = source.requests;
    // Users tried with REGISTER alone are told once, as password guessing.
    if (!isLetIn && OPTIONS + INVITE === 0 && this.listener.isGuessing(source.ip, source.lastUs)) return;
    if (Number.isNaN(this.hourUs) || Math.abs(source.lastUs - this.hourUs) > HOUR_US) {
      this.hourUs = source.lastUs;
      this.told = 0;
    }
    if (!isLetIn && this.told >= TOLD_MAX) {
      this.notTold++;
      return;
    }
    this.told++;
    this.listener.scanFinding(sipScan(source, this.notTold, isJudged));
    this.notTold = 0;
  }
}

function isDue(source: ScanSource, nowUs: number): boolean {
  const { letIn, lastUs, startUs } = source;
  const quietUs = Math.abs(nowUs - lastUs);
  if (letIn.size > 0) {
    for (const { timeUs } of letIn.values()) if (nowUs - timeUs >= QUIET_US) return true;
    return quietUs >= LET_IN_QUIET_US;
  }
  if (quietUs < QUIET_US && nowUs - startUs < TOLD_AFTER_US) return false;
  source.overUs ??= nowUs;
  return Math.abs(nowUs - source.overUs) >= SETTLED_US;
}

/** Programs are told apart from others that share their address. */
function keyOf(ip: string, agent: string | null): string {
  return agent === null ? ip : `${ip} ${agent}`;
}

function isScanMethod(method: string): method is ScanMethod {
  return (SCAN_METHODS as readonly string[]).includes(method);
}

function userOf({ to }: SipMessage): string | null {
  return to?.user?.slice(0, USER_CHARACTERS) ?? null;
}

import { destinationIp, sourceIp } from '../packet/address.ts';
import type { TrunkRecord } from '../records/signalling-record.ts';
import { parseSipUri } from '../sip/address.ts';
import { type Hop, hostPair, senderHost } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { branchDigest, TRANSACTION_TIMEOUT_US, textDigest } from '../sip/transaction.ts';
import { isRegisteredContact } from './contact-marks.ts';
import { type Asked, Trunk } from './trunk.ts';

const TRUNKS_MAX = 1000;
const PENDING_MAX = 16_384;
/** One OPTIONS is a question, or somebody looking for servers; from the second on it is a keep-alive. */
const REQUESTS_MIN = 2;
/** So many OPTIONS in a row without answer mean that the other side is down. */
const DOWN_AFTER = 2;
/** A timer's copy is no closer than this. */
const TIMER_MIN_US = 80_000;
/** Copies that show, where the capture ends, that nothing will come. */
const VAIN_COPIES = 5;
/** When the next OPTIONS goes out, one that waited at least so long was in vain. */
const PATIENCE_US = 3_000_000;
/** Nothing asked for so long: the trunk is reported, and begins anew with the next OPTIONS. */
const IDLE_US = 7_200_000_000;
/** Without any packet for so long the capture was interrupted. */
const BREAK_US = 600_000_000;

interface Pending {
  trunk: Trunk;
  /** Digest of the asking host. */
  host: number | null;
  firstUs: number;
  lastUs: number;
  copies: number;
  /** Answered, or given up. */
  settled: boolean;
}

/** How a trunk stands. */
export interface TrunkState {
  /** The host that is asked. */
  name: string;
  state: TrunkRecord['state'];
  /** From the last OPTIONS that was answered to its answer, ms; null before. */
  responseMs: number | null;
}

/** Follows OPTIONS outside of calls: who keeps asking whom, how fast the answer is, and when there is none. */
export class Trunks {
  /** OPTIONS passed over because the table was full. */
  refused = 0;
  private readonly trunks = new Map<number, Trunk>();
  /** OPTIONS of the last while, by Call-ID, CSeq and branch. */
  private readonly pending = new Map<string, Pending>();
  /** The newest OPTIONS of each. */
  private readonly latest = new Map<Trunk, Pending>();
  private readonly ended: (record: TrunkRecord) => void;
  /** Whether answers to what a host (`senderHost`) asks pass the tap. */
  private readonly answersVisible: (host: number) => boolean;
  /** Whether a party is where a telephone is reached. Those are looked after by their registrar. */
  private readonly isTelephone: (party: string) => boolean;
  private created = 0;
  private sweptUs = Number.NaN;

  constructor(
    ended: (record: TrunkRecord) => void,
    answersVisible: (host: number) => boolean,
    isTelephone: (party: string) => boolean = () => false,
  ) {
    this.ended = ended;
    this.answersVisible = answersVisible;
    this.isTelephone = isTelephone;
  }

  /** Takes one OPTIONS outside of a dialog, or a response to one, in capture order. */
  message(message: SipMessage, timeUs: number, hop: Hop | null): void {
    const name = `${message.cseq} ${branchDigest(message)} ${message.callId}`;
    const known = this.pending.get(name);
    if (message.kind === 'response') {
      const status = message.status ?? 0;
      if (known === undefined || known.settled || status < 200) return;
      known.settled = true;
      known.trunk.replied(status, known.firstUs, timeUs);
      return;
    }
    if (known !== undefined) {
      if (timeUs - known.lastUs < TIMER_MIN_US || message.via[0]?.transport !== 'UDP') return;
      known.lastUs = timeUs;
      known.copies++;
      known.trunk.retransmissions++;
      return;
    }
    const key = hop === null ? hostless(message) : textDigest(String(hop.dstPort), hostPair(hop));
    const uri = parseSipUri(message.requestUri ?? '');
    const { scheme, user, host: target } = uri;
    const party = user === null || target === null ? null : `${scheme}:${user}@${target}`;
    if (isRegisteredContact(message.requestUri ?? '', uri)) return;
    // What was taken for a trunk may turn out to be a telephone: it registers. The next sweep sees to that.
    if (party !== null && this.isTelephone(party)) return;
    const trunk = this.trunks.get(key) ?? this.open(key, { host: target, party }, timeUs, hop);
    if (trunk === null || this.pending.size >= PENDING_MAX) {
      this.refused++;
      return;
    }
    const latest = this.latest.get(trunk);
    if (latest !== undefined && timeUs - latest.firstUs >= PATIENCE_US) this.giveUp(latest);
    trunk.asked(party, timeUs);
    const host = hop === null ? null : senderHost(hop);
    const pending = { trunk, host, firstUs: timeUs, lastUs: timeUs, copies: 0, settled: false };
    this.pending.set(name, pending);
    this.latest.set(trunk, pending);
  }

  private open(
    key: number,
    target: Pick<Asked, 'host' | 'party'>,
    timeUs: number,
    hop: Hop | null,
  ): Trunk | null {
    if (this.trunks.size >= TRUNKS_MAX && !this.makeRoom(timeUs)) return null;
    const src = hop === null ? null : { ip: sourceIp(hop), port: hop.srcPort };
    const dst = hop === null ? null : { ip: destinationIp(hop), port: hop.dstPort };
    const trunk = new Trunk(this.created++, { src, dst, ...target }, timeUs);
    this.trunks.set(key, trunk);
    return trunk;
  }

  /** Gives up one that asked only once, a while ago: a scan. */
  private makeRoom(timeUs: number): boolean {
    for (const [key, trunk] of this.trunks) {
      if (trunk.requests >= REQUESTS_MIN || timeUs - trunk.lastUs < TRANSACTION_TIMEOUT_US) continue;
      this.trunks.delete(key);
      this.latest.delete(trunk);
      return true;
    }
    return false;
  }

  /** Capture time moves on: OPTIONS without answer are given up. */
  sweep(timeUs: number): void {
    const interrupted = timeUs - this.sweptUs > BREAK_US;
    this.sweptUs = timeUs;
    for (const [name, pending] of this.pending) {
      const ageUs = timeUs - pending.firstUs;
      if (Math.abs(ageUs) < TRANSACTION_TIMEOUT_US) break;
      this.pending.delete(name);
      // A clock that was set back must not keep them, nor those behind them.
      if (!interrupted && ageUs > 0) this.giveUp(pending);
    }
    for (const [key, trunk] of this.trunks) {
      const isOver = timeUs - trunk.lastUs > IDLE_US;
      if (!isOver && !this.isMistaken(trunk)) continue;
      this.trunks.delete(key);
      this.latest.delete(trunk);
      this.report(trunk, timeUs);
    }
  }

  /** The trunks that are followed, and how they stand. */
  states(): TrunkState[] {
    const followed = [...this.trunks.values()].filter((trunk) => this.isShown(trunk));
    return followed.map(({ name, state, responseMs }) => ({ name, state, responseMs }));
  }

  private giveUp(pending: Pending): void {
    const { trunk, host, firstUs, copies } = pending;
    if (pending.settled) return;
    pending.settled = true;
    const visible = trunk.answered > 0 || (host !== null && this.answersVisible(host));
    if (copies > 0 || visible) trunk.silent(firstUs, DOWN_AFTER);
  }

  /** The capture is over: every trunk is reported, in the order they were first seen. */
  finish(nowUs: number): void {
    for (const pending of this.pending.values()) {
      if (nowUs - pending.firstUs >= TRANSACTION_TIMEOUT_US || pending.copies >= VAIN_COPIES)
        this.giveUp(pending);
    }
    this.pending.clear();
    for (const trunk of this.trunks.values()) this.report(trunk, nowUs);
    this.trunks.clear();
    this.latest.clear();
  }

  private report(trunk: Trunk, nowUs: number): void {
    if (this.isShown(trunk)) this.ended(trunk.record(nowUs));
  }

  private isShown(trunk: Trunk): boolean {
    return trunk.requests >= REQUESTS_MIN && !this.isMistaken(trunk);
  }

  /** Was a telephone taken for a trunk? It has registered since. */
  private isMistaken({ party }: Trunk): boolean {
    return party !== null && this.isTelephone(party);
  }
}

/** Where addresses are unknown, who asks whom by their names. */
function hostless(message: SipMessage): number {
  return textDigest(`${message.via[0]?.host ?? ''} ${message.requestUri ?? ''}`);
}

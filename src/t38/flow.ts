import type { PacketView } from '../packet/view.ts';
import type { T38Record } from '../records/t38-record.ts';
import { isPageData, PROTECTION_FEC, PROTECTION_REDUNDANCY, type UdptlPacket } from './udptl.ts';

/** Sequence numbers whose fate is open: 8 s of packets of 30 ms. */
const WINDOW = 256;
/** A step forward of more is another sequence once a second packet continues it (as RFC 3550 A.1 has it). */
const DROPOUT_MAX = 1000;
/** Numbers that may come before the first packet seen. */
const MISORDER_MAX = 16;

/** Holes of which the time is kept. */
const HOLES_MAX = 64;

const RECEIVED = 1;
const RECOVERED = 2;
const PAGE = 4;

/** What is counted, all from sequence numbers in order. */
export type T38Figures = Omit<T38Record, 'src' | 'dst' | 'lostRatio' | 'unrecoveredRatio'>;

/**
 * One direction of a T.38 session over UDPTL: loss by sequence number (16 bits, unwrapped), and how much of it the
 * redundancy or parity in later packets makes good. A number's fate is settled when it leaves the window.
 */
export class T38Flow {
  private readonly states = new Uint8Array(WINDOW);
  private readonly startUs: number;
  private endUs = 0;
  /** Unwrapped: first number of this sequence, next one to be settled, and the highest. */
  private first = 0;
  private unsettled = 0;
  private highest = 0;
  /** What would continue a sequence that began far off; -1 when none did. */
  private continued = -1;
  private distinct = 0;
  private expected = 0;
  private lost = 0;
  private recovered = 0;
  private unrecovered = 0;
  private unrecoveredInPage = 0;
  private pagePackets = 0;
  private longestLossRun = 0;
  private longestUnrecoveredRun = 0;
  private duplicates = 0;
  private reordered = 0;
  private restarts = 0;
  private cutPackets = 0;
  private readonly holes: { fromUs: number; toUs: number }[] = [];
  private redundancyDepth = 0;
  private paritySpan = 0;
  /** Losses, and unrecovered losses, up to the number before `unsettled`; whether the packet before them is a page. */
  private lossRun = 0;
  private openRun = 0;
  private afterPage = false;

  /** Begins with its first packet. */
  constructor(packet: UdptlPacket, view: PacketView) {
    this.startUs = view.timeUs;
    this.begin(packet.sequence);
    this.receive(packet, view);
  }

  /** Counts one packet. */
  receive(packet: UdptlPacket, view: PacketView): void {
    const step = ((packet.sequence - this.highest) << 16) >> 16;
    if (step > DROPOUT_MAX || step <= -WINDOW) {
      if (packet.sequence !== this.continued) {
        this.continued = (packet.sequence + 1) & 0xffff;
        return;
      }
      this.restart(packet.sequence);
    } else if (!this.enter(this.highest + step)) return;
    this.continued = -1;
    if (step > 1 && step <= DROPOUT_MAX && this.holes.length < HOLES_MAX && this.distinct > 0)
      this.holes.push({ fromUs: this.endUs, toUs: view.timeUs });
    this.endUs = view.timeUs;
    const number = this.highest + (((packet.sequence - this.highest) << 16) >> 16);
    this.states[number & (WINDOW - 1)] = RECEIVED | (isPageData(packet.primary) ? PAGE : 0);
    this.distinct++;
    if (packet.cut) this.cutPackets++;
    if (packet.protection === PROTECTION_REDUNDANCY) this.takeCopies(packet, number);
    else if (packet.protection === PROTECTION_FEC) this.takeParities(packet, number);
  }

  /** What was counted; no packet before this moment is expected any more. */
  figures(): T38Figures {
    while (this.unsettled <= this.highest) this.settle();
    return {
      startUs: this.startUs,
      endUs: this.endUs,
      packets: this.distinct,
      expected: this.expected,
      lost: this.lost,
      recovered: this.recovered,
      unrecovered: this.unrecovered,
      unrecoveredInPage: this.unrecoveredInPage,
      pagePackets: this.pagePackets,
      longestLossRun: this.longestLossRun,
      longestUnrecoveredRun: this.longestUnrecoveredRun,
      duplicates: this.duplicates,
      reordered: this.reordered,
      restarts: this.restarts,
      cutPackets: this.cutPackets,
      errorCorrection: this.redundancyDepth > 0 ? 'redundancy' : this.paritySpan > 0 ? 'fec' : null,
      redundancyDepth: this.redundancyDepth,
      fecSpan: this.paritySpan,
      holes: this.holes,
    };
  }

  /** The newest packet, us. */
  get lastUs(): number {
    return this.endUs;
  }

  private begin(number: number): void {
    this.first = number;
    this.unsettled = number;
    this.highest = number;
    this.states.fill(0);
  }

  /** A new sequence; its first packet was the one before this. */
  private restart(sequence: number): void {
    while (this.unsettled <= this.highest) this.settle();
    this.flush(false);
    this.restarts++;
    this.begin((sequence - 1) & 0xffff);
    this.states[this.first & (WINDOW - 1)] = RECEIVED;
    this.distinct++;
    this.advance(this.first + 1);
  }

  /** Makes room for a number. @returns false for a copy, and for one whose fate is settled */
  private enter(number: number): boolean {
    if (number > this.highest) {
      this.advance(number);
      return true;
    }
    if (number < this.unsettled) {
      const early = this.unsettled === this.first && this.first - number <= MISORDER_MAX;
      if (!early || this.highest - number >= WINDOW) return false;
      this.first = number;
      this.unsettled = number;
      this.reordered++;
      return true;
    }
    if ((this.states[number & (WINDOW - 1)]! & RECEIVED) !== 0) {
      this.duplicates++;
      return false;
    }
    // The very first packet enters its own number.
    if (this.distinct > 0) this.reordered++;
    return true;
  }

  private advance(number: number): void {
    while (this.highest < number) {
      this.highest++;
      while (this.unsettled <= this.highest - WINDOW) this.settle();
      this.states[this.highest & (WINDOW - 1)] = 0;
    }
  }

  private takeCopies(packet: UdptlPacket, number: number): void {
    if (packet.protecting > this.redundancyDepth) this.redundancyDepth = packet.protecting;
    for (let i = 0; i < packet.protecting; i++) {
      const content = packet.secondaries[i]!;
      const copied = number - 1 - i;
      if (content < 0 || !this.isMissing(copied)) continue;
      this.states[copied & (WINDOW - 1)] = RECOVERED | (isPageData(content) ? PAGE : 0);
    }
  }

  /** Parity packet m of n is made of the packets m - n, m - 2 n, ... from this one: one missing can be made good. */
  private takeParities(packet: UdptlPacket, number: number): void {
    const { span, protecting } = packet;
    if (span > this.paritySpan) this.paritySpan = span;
    for (let m = 0; m < protecting; m++) {
      let missing = -1;
      let several = false;
      for (let j = 1; j <= span; j++) {
        const member = number + m - j * protecting;
        if (member < this.first || member <= this.highest - WINDOW) several = true;
        else if (this.isMissing(member)) {
          several ||= missing >= 0;
          missing = member;
        }
      }
      if (missing >= 0 && !several) this.states[missing & (WINDOW - 1)] = RECOVERED;
    }
  }

  private isMissing(number: number): boolean {
    if (number < this.unsettled || number > this.highest) return false;
    return this.states[number & (WINDOW - 1)] === 0;
  }

  /** Counts the fate of the next number. */
  private settle(): void {
    const state = this.states[this.unsettled & (WINDOW - 1)]!;
    this.unsettled++;
    this.expected++;
    if ((state & RECEIVED) === 0) {
      this.lost++;
      this.lossRun++;
      if (this.lossRun > this.longestLossRun) this.longestLossRun = this.lossRun;
    } else this.lossRun = 0;
    if (state === 0) {
      this.unrecovered++;
      this.openRun++;
      if (this.openRun > this.longestUnrecoveredRun) this.longestUnrecoveredRun = this.openRun;
      return;
    }
    const isPage = (state & PAGE) !== 0;
    if (isPage) this.pagePackets++;
    if ((state & RECOVERED) !== 0) this.recovered++;
    this.flush(isPage);
    this.afterPage = isPage;
  }

  /** Unrecovered losses next to a packet of a page were of that page. */
  private flush(beforePage: boolean): void {
    if (this.afterPage || beforePage) this.unrecoveredInPage += this.openRun;
    this.openRun = 0;
  }
}

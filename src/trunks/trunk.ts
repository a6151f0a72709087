import { DelaySample } from '../records/delay-sample.ts';
import type { TrunkRecord } from '../records/signalling-record.ts';
import type { Endpoint } from '../records/types.ts';

/** The newest ups and downs that are kept. */
const TRANSITIONS_MAX = 64;
/** OPTIONS are given up after so long at the latest; what lies further back is a clock that was set. */
const GIVEN_UP_US = 60_000_000;

/** Who asks whom. */
export interface Asked {
  src: Endpoint | null;
  dst: Endpoint | null;
  /** Host of the Request-URI, and the party it names. */
  host: string | null;
  party: string | null;
}

/** One host that asks another, with OPTIONS, whether it is there. */
export class Trunk {
  state: TrunkRecord['state'] = 'unknown';
  requests = 0;
  answered = 0;
  unanswered = 0;
  retransmissions = 0;
  lastStatus: number | null = null;
  lastUs: number;
  /** OPTIONS in a row that nothing answered, or that were refused for lack of service, and the first of them. */
  private vain = 0;
  private vainUs = 0;
  /** When the newest OPTIONS that was answered was asked. */
  private heardUs = Number.NEGATIVE_INFINITY;
  private downSinceUs = Number.NaN;
  private downUs = 0;
  /** From the last OPTIONS that was answered to its answer, ms; null before. */
  responseMs: number | null = null;
  private readonly delay = new DelaySample();
  private readonly transitions: TrunkRecord['transitions'] = [];
  private readonly number: number;
  private readonly src: Endpoint | null;
  private readonly dst: Endpoint | null;
  private readonly host: string | null;
  /** The user who is asked for there; null once the host itself is. */
  party: string | null;
  private readonly startUs: number;

  constructor(number: number, { src, dst, host, party }: Asked, timeUs: number) {
    this.number = number;
    this.src = src;
    this.dst = dst;
    this.host = host;
    this.party = party;
    this.startUs = timeUs;
    this.lastUs = timeUs;
  }

  /** A new OPTIONS, for a user or the host itself. */
  asked(party: string | null, timeUs: number): void {
    if (party === null) this.party = null;
    this.requests++;
    this.lastUs = timeUs;
  }

  /** An answer to the OPTIONS asked at `askedUs`. Whatever it says, the other side is there, but for 408 and 503. */
  replied(status: number, askedUs: number, timeUs: number): void {
    this.lastStatus = status;
    this.responseMs = Math.max(0, timeUs - askedUs) / 1000;
    this.delay.add(this.responseMs);
    this.answered++;
    if (status === 408 || status === 503) {
      this.inVain(askedUs, 1);
      return;
    }
    this.vain = 0;
    this.heardUs = askedUs;
    if (this.state === 'up') return;
    if (this.state === 'down') this.downUs += timeUs - this.downSinceUs;
    this.change('up', timeUs);
  }

  /** An OPTIONS was not answered; from `downAfter` in a row on the other side is taken to be down. */
  silent(askedUs: number, downAfter: number): void {
    this.unanswered++;
    // It was given up late: the other side has answered what was asked after it.
    const lateUs = this.heardUs - askedUs;
    if (lateUs > 0 && lateUs < GIVEN_UP_US) return;
    this.inVain(askedUs, downAfter);
  }

  private inVain(askedUs: number, downAfter: number): void {
    if (this.vain === 0) this.vainUs = askedUs;
    this.vain++;
    if (this.vain < downAfter || this.state === 'down') return;
    this.downSinceUs = this.vainUs;
    this.change('down', this.vainUs);
  }

  private change(state: 'up' | 'down', timeUs: number): void {
    this.state = state;
    if (this.transitions.length >= TRANSITIONS_MAX) this.transitions.shift();
    this.transitions.push({ timeUs, state });
  }

  /** The host that is asked. */
  get name(): string {
    return this.host ?? this.dst?.ip ?? 'unknown';
  }

  /** All that is known, at `nowUs`. */
  record(nowUs: number): TrunkRecord {
    const { requests, lastUs, startUs } = this;
    const down = this.downUs + (this.state === 'down' ? Math.max(0, nowUs - this.downSinceUs) : 0);
    return {
      id: `t${this.number + 1}`,
      src: this.src,
      dst: this.dst,
      host: this.host,
      party: this.party,
      state: this.state,
      startUs,
      endUs: lastUs,
      requests,
      answered: this.answered,
      unanswered: this.unanswered,
      retransmissions: this.retransmissions,
      lastStatus: this.lastStatus,
      intervalMs: requests > 1 ? (lastUs - startUs) / 1000 / (requests - 1) : null,
      delay: this.delay.summary(),
      transitions: [...this.transitions],
      downMs: down / 1000,
    };
  }
}

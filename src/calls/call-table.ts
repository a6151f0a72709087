import type { MediaRefusalRecord } from '../records/media-refusal.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { FormatSource } from '../rtp/stream-table.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import type { Hop } from '../sip/hop.ts';
import type { SipMessage } from '../sip/message.ts';
import { AnnouncedSsrcs, announcesSsrc, ssrcsOf } from './announced-ssrcs.ts';
import { type Call, createCall, type Description, type EndedStream } from './call.ts';
import { CallLoad } from './call-load.ts';
import { CallNames } from './call-names.ts';
import { isOver } from './call-over.ts';
import { Conversations } from './conversations.ts';
import { announcedEndpoints, announcedImages, negotiatedFormat, takeDescription } from './descriptions.ts';
import { noteDetails } from './details.ts';
import { advanceCall, nameParties, opensCall } from './dialog.ts';
import { endpointKey } from './endpoint-key.ts';
import { noteRtpStats, noteVqReport, type ReportCounters, reportInBody } from './endpoint-reports.ts';
import { doubtByMedia, doubtByRequest, noteHosts } from './foreign-bye.ts';
import { noteInfoDigits } from './info-digits.ts';
import { type Claim, MediaIndex } from './media-index.ts';
import { DEFAULT_SIGNALLING, type SignallingOptions } from './options.ts';
import { Refusals } from './refusals.ts';
import { Retries } from './retries.ts';
import { shareNamed, shareStream, takeSharedFlows } from './shared-media.ts';
import { sight } from './sightings.ts';
import { endsOf, StreamEnds } from './stream-ends.ts';
import { type KnownStreams, leadsTo, ownerOf } from './stream-owners.ts';

/** What the call table asks of the streams being measured. The composer connects it to the RTP plane. */
export interface MediaPlane {
  /** @returns whether there was room: only what was entered is withdrawn */
  announce(words: Int32Array, port: number): boolean;
  withdraw(words: Int32Array, port: number): void;
  /** The same for what is announced for T.38. */
  announceImage(words: Int32Array, port: number): boolean;
  withdrawImage(words: Int32Array, port: number): void;
  keyOf(slot: number): StreamKey;
  lastUs(slot: number): number;
  /** How long a stream has lasted, us; 0 once it has shown that its sender sends less in silence. */
  unbrokenUs(slot: number): number;
  /** Gives a stream the payload types of its call, or new ones. */
  setFormats(slot: number, formats: FormatSource): void;
  /** Ends a stream now; `streamEnded` is called before it returns. */
  retire(slot: number): void;
}

/** Told when something is over and complete. */
export interface CallListener {
  callEnded(call: Call): void;
  /** A stream that no call claims is over. */
  strayEnded(
    key: StreamKey,
    number: number,
    measurement: StreamMeasurement,
    refusals: readonly MediaRefusalRecord[],
  ): void;
}

/** Why a message did not reach a call. */
export interface CallCounters {
  messages: number;
  /** New calls refused because the table was full. */
  refused: number;
  /** Calls reported early because too many others waited for their first response, too. */
  unheard: number;
  /** Streams that no call claims, because theirs had too many. */
  streamsRefused: number;
  /** Session descriptions that could not be used, by reason. */
  sdp: Map<string, number>;
  reports: ReportCounters;
}

/** Calls followed at one time. */
export const CALLS_MAX = 200_000;
/** Of these, calls to which nobody has said anything yet: beyond it the oldest is reported as it is, and forgotten. */
const UNHEARD_MAX = 32_768;
/** Streams that one call claims. Each of its findings looks at all of them. */
const STREAMS_PER_CALL_MAX = 256;

/** Joins dialogs and streams: owns the calls from their first message until they are reported. */
export class CallTable {
  readonly counters: CallCounters = {
    messages: 0,
    refused: 0,
    unheard: 0,
    streamsRefused: 0,
    sdp: new Map(),
    reports: { unclaimed: 0, refused: 0 },
  };
  /** How many calls there were at one time. */
  readonly load = new CallLoad();
  private readonly calls = new CallNames();
  /** Calls of which nothing but the INVITE was seen, the oldest first. */
  private readonly unheard = new Set<Call>();
  readonly index = new MediaIndex();
  readonly ssrcs = new AnnouncedSsrcs();
  private readonly claimed = new Map<number, Claim>();
  readonly ends = new StreamEnds();
  /** ICMP errors about media. */
  readonly refusals: Refusals;
  private readonly known: KnownStreams;
  private readonly media: MediaPlane;
  private readonly listener: CallListener;
  private readonly options: SignallingOptions;
  private readonly conversations: Conversations;
  private readonly retries = new Retries();
  private created = 0;

  constructor(media: MediaPlane, listener: CallListener, options: SignallingOptions = DEFAULT_SIGNALLING) {
    this.media = media;
    this.listener = listener;
    this.options = options;
    this.known = {
      index: this.index,
      ssrcs: this.ssrcs,
      ends: this.ends,
      keyOf: (slot) => media.keyOf(slot),
      claimOf: (slot) => this.claimed.get(slot) ?? null,
    };
    this.refusals = new Refusals(this.known);
    this.conversations = new Conversations(options, (callId) => this.calls.first(callId));
  }

  /** Takes one SIP message in capture order, with the hop it passed where that is known. */
  message(message: SipMessage, timeUs: number, hop: Hop | null = null): void {
    this.counters.messages++;
    this.takeReport(message, timeUs);
    const call = this.callOf(message, timeUs);
    if (call === null) return;
    this.follow(call, message, timeUs, hop);
    noteRtpStats(call, message, timeUs, this.counters.reports);
    noteInfoDigits(call, message);
    const { description, changed, reason } = takeDescription(call, message, timeUs, hop);
    if (reason !== null) this.counters.sdp.set(reason, (this.counters.sdp.get(reason) ?? 0) + 1);
    if (!changed) return;
    if (description !== null) this.announce(call, description, timeUs);
    for (const stream of call.bound) this.give(call, stream.slot, stream.fromCaller);
  }

  /** A voice quality report names the call it is about; its own Call-ID is another. */
  private takeReport(message: SipMessage, timeUs: number): void {
    const reported = reportInBody(message);
    if (reported === null) return;
    const call = this.calls.first(reported.callId);
    if (call === undefined) this.counters.reports.unclaimed++;
    else noteVqReport(call, reported.report, timeUs, this.counters.reports);
  }

  /** State, transactions and facts of a call after one more message. */
  private follow(call: Call, message: SipMessage, timeUs: number, hop: Hop | null): void {
    const fresh = call.inviteUs === null;
    const finalCode = call.finalCode;
    nameParties(call, message);
    const sighting = sight(call, message, timeUs, hop);
    noteHosts(call, message, timeUs, hop);
    doubtByRequest(call, message, hop);
    advanceCall(call, message, timeUs, sighting);
    noteDetails(call, message, timeUs, sighting, hop, this.options);
    this.load.follow(call, timeUs);
    if (fresh && call.inviteUs !== null) {
      this.retries.began(call, timeUs);
      this.load.attempt(timeUs);
      this.conversations.invite(call, message, timeUs, hop);
    }
    const failed = call.finalCode !== finalCode && call.finalCode !== null && call.finalCode >= 300;
    if (failed && !call.canceled) this.retries.failure(call, timeUs);
    if (call.answerUs === timeUs) this.retries.answered(call, timeUs);
  }

  private announce(call: Call, description: Description, timeUs: number): void {
    for (const image of announcedImages(description)) {
      if (this.media.announceImage(image.words, image.port)) call.images.push(image);
    }
    const { side } = description;
    this.ssrcs.announce(call, description);
    for (const { words, port } of announcedEndpoints(description)) {
      const key = endpointKey(words, port);
      this.yieldEndpoint(call, key);
      if (side === 'caller') {
        for (const announcer of this.index.announcers(key)) {
          if (announcer.side === side && announcer.call !== call)
            this.conversations.sameMedia(call, announcer.call);
        }
      }
      if (this.index.announce(call, side, key, timeUs)) {
        const announced = this.media.announce(words, port);
        call.endpoints = call.endpoints.concat({ words, port, key, side, announced });
      }
      this.claimStrays(key);
      for (const slot of this.ends.at(key)) {
        const owner = this.claimed.get(slot);
        if (owner !== undefined) shareStream(this.media.keyOf(slot), owner, { call, side }, key);
      }
    }
    this.claimNamed(call);
  }

  /** Gives a call the streams with SSRCs that it announced, also those that were taken for another's by address. */
  private claimNamed(call: Call): void {
    for (const ssrc of ssrcsOf(call)) {
      for (const slot of this.ends.withSsrc(ssrc)) {
        const owner = this.claimed.get(slot);
        if (owner?.call === call) continue;
        const key = this.media.keyOf(slot);
        const claims = this.ssrcs.claims(key);
        if (owner !== undefined && announcesSsrc(owner, ssrc) === true) shareNamed(owner, claims);
        else if (claims[0]?.call === call) this.rebind(slot, claims[0]);
      }
    }
  }

  private rebind(slot: number, claim: Claim): void {
    const owner = this.claimed.get(slot);
    if (owner !== undefined) this.release(slot, owner);
    this.bind(slot, this.media.keyOf(slot), claim);
  }

  private release(slot: number, { call }: Claim): void {
    this.claimed.delete(slot);
    call.bound = call.bound.filter((stream) => stream.slot !== slot);
  }

  /** A stream was recognised: finds the call it belongs to, if signalling is there already. */
  streamStarted(slot: number): void {
    const key = this.media.keyOf(slot);
    this.ends.add(slot, key);
    const claim = ownerOf(key, this.known);
    if (claim !== null) this.bind(slot, key, claim);
  }

  /** A stream is over. Its call keeps it until the call is reported; a stray is reported at once. */
  streamEnded(slot: number, key: StreamKey, number: number, measurement: StreamMeasurement): void {
    this.ends.remove(slot, key);
    const claim = this.claimed.get(slot);
    const refusals = this.refusals.streamEnded(slot, claim ?? null);
    if (claim === undefined) {
      this.listener.strayEnded(key, number, measurement, refusals);
      return;
    }
    this.release(slot, claim);
    const { call, fromCaller } = claim;
    const ended: EndedStream = { key, number, measurement, fromCaller };
    call.ended.push(ended);
  }

  /** A stream is not measured, because measuring does not keep up. */
  streamShed(key: StreamKey): void {
    const claim = ownerOf(key, this.known);
    if (claim !== null) claim.call.lacksStreams = true;
  }

  /** Capture time moves on: reports calls that are over or forgotten. */
  sweep(timeUs: number): void {
    this.conversations.sweep(timeUs);
    this.retries.sweep(timeUs);
    for (const call of this.calls.values()) {
      if (call.sip.rare.foreignBye !== null) this.doubt(call);
      if (isOver(call, timeUs, this.media)) this.finish(call);
    }
    this.calls.sweep(timeUs);
  }

  /** The capture is over: reports every call, in the order they were first seen. */
  finishAll(): void {
    // Not a copy of the list: it would keep what is reported alive until the last call is.
    for (const call of this.calls.values()) this.finish(call);
  }

  /** Is a call of this Call-ID being followed? */
  knows(callId: string): boolean {
    return this.calls.first(callId) !== undefined;
  }

  /** The call that claims a stream being measured, and which way it flows in it; null for a stray. */
  ownerOf(slot: number): Claim | null {
    return this.claimed.get(slot) ?? null;
  }

  /** Calls being followed now, and how many. */
  all = (): MapIterator<Call> => this.calls.values();

  get size(): number {
    return this.calls.size;
  }

  private callOf(message: SipMessage, timeUs: number): Call | null {
    const known = this.calls.find(message);
    if (known !== null) {
      if (message.kind === 'response' || message.method !== 'INVITE') this.unheard.delete(known);
      return known;
    }
    const opens = opensCall(message) || (message.kind === 'response' && message.method === 'INVITE');
    if (!opens) return null;
    const name = this.calls.freeName(message, timeUs);
    if (name === null) return null;
    if (this.calls.size >= CALLS_MAX) {
      this.counters.refused++;
      return null;
    }
    const call = createCall(message.callId, this.created++, timeUs, name);
    this.calls.add(call);
    if (message.kind === 'request') this.awaitResponse(call);
    return call;
  }

  /** Calls wait for their first response in a queue of their own, so that a flood of them takes no room from others. */
  private awaitResponse(call: Call): void {
    this.unheard.add(call);
    if (this.unheard.size <= UNHEARD_MAX) return;
    for (const oldest of this.unheard) {
      this.counters.unheard++;
      this.finish(oldest);
      break;
    }
  }

  /**
   * A call announces an endpoint: media there belongs to it from now on. A stream of an earlier call that is over
   * ends here, even when the next call's packets carry the same SSRC (port reuse).
   */
  private yieldEndpoint(call: Call, key: string): void {
    for (const slot of [...this.ends.at(key)]) {
      const claim = this.claimed.get(slot);
      if (claim !== undefined && claim.call !== call && claim.call.doneUs !== null) this.media.retire(slot);
    }
  }

  private claimStrays(key: string): void {
    for (const slot of this.ends.at(key)) {
      if (this.claimed.has(slot)) continue;
      const streamKey = this.media.keyOf(slot);
      const claim = ownerOf(streamKey, this.known);
      if (claim !== null) this.bind(slot, streamKey, claim);
    }
  }

  private bind(slot: number, key: StreamKey, claim: Claim): void {
    if (claim.call.bound.length + claim.call.ended.length >= STREAMS_PER_CALL_MAX) {
      this.counters.streamsRefused++;
      return;
    }
    this.claimed.set(slot, claim);
    this.unheard.delete(claim.call);
    const { call, fromCaller } = claim;
    call.bound = call.bound.concat({ slot, fromCaller, sinceUs: this.media.lastUs(slot) });
    for (const end of endsOf(key)) {
      for (const announcer of this.index.announcers(end)) shareStream(key, claim, announcer, end);
    }
    this.give(call, slot, fromCaller);
    if (announcesSsrc(claim, key.ssrc) !== true) return;
    shareNamed(claim, this.ssrcs.claims(key));
    for (const [other, led] of leadsTo(key, claim, this.known)) this.rebind(other, led);
  }

  private give(call: Call, slot: number, fromCaller: boolean): void {
    const receiver = fromCaller ? 'callee' : 'caller';
    const port = this.media.keyOf(slot).dstPort;
    this.media.setFormats(slot, (payloadType) => negotiatedFormat(call, receiver, port, payloadType));
  }

  private doubt(call: Call): void {
    const { afterEndMs } = this.options.thresholds;
    doubtByMedia(call, afterEndMs, (slot) => this.media.lastUs(slot));
  }

  private finish(call: Call): void {
    this.doubt(call);
    this.load.leave(call);
    for (const { slot } of [...call.bound]) this.media.retire(slot);
    for (const { words, port, key, announced } of call.endpoints) {
      if (announced) this.media.withdraw(words, port);
      this.index.withdraw(call, key);
    }
    this.ssrcs.withdraw(call);
    for (const { words, port } of call.images) this.media.withdrawImage(words, port);
    takeSharedFlows(call, this.media);
    this.calls.finish(call);
    this.unheard.delete(call);
    this.refusals.callEnded(call);
    this.listener.callEnded(call);
  }
}

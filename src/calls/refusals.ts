import { formatAddress } from '../packet/address.ts';
import type { IcmpError } from '../packet/icmp.ts';
import type { PacketView } from '../packet/view.ts';
import type { MediaRefusalRecord } from '../records/media-refusal.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { Call } from './call.ts';
import { endpointKey } from './endpoint-key.ts';
import type { MediaIndex } from './media-index.ts';
import type { StreamEnds } from './stream-ends.ts';

/** What the quoted part of a payload is: too short to tell, RTP, RTCP, T.38, or none of them. */
export type QuotedContent = 'unknown' | 'rtp' | 'rtcp' | 't38' | 'other';

/** What is asked about the streams being measured. */
export interface FollowedStreams {
  index: MediaIndex;
  ends: StreamEnds;
  keyOf(slot: number): StreamKey;
  /** The call that claims a stream, and which way it flows in it. */
  claimOf(slot: number): { call: Call; fromCaller: boolean } | null;
}

/** Kinds of refusals kept at one time, of all calls and streams together, and of one of them. */
const REFUSALS_MAX = 16_384;
const KINDS_MAX = 8;
/** Times kept of one kind; then every other one is given up. */
const TIMES_MAX = 64;

/** Whose packet was refused. */
interface Owner {
  call: Call | null;
  fromCaller: boolean;
  slot: number;
}

/** ICMP errors about the media of calls and streams: finds out whose packet each one quotes, and counts them there. */
export class Refusals {
  /** Not noted, because too many were. */
  dropped = 0;
  private kept = 0;
  private readonly streams: FollowedStreams;
  /** Those of streams that no call claims, by slot. */
  private readonly strays = new Map<number, MediaRefusalRecord[]>();

  constructor(streams: FollowedStreams) {
    this.streams = streams;
  }

  /** Kinds of errors kept now. */
  get size(): number {
    return this.kept;
  }

  /** Notes one error, which `view` brought. @returns whether it is about media that is followed */
  take(error: IcmpError, view: PacketView, content: QuotedContent): boolean {
    if (content === 'other') return false;
    let owner = this.ownerOf(error, content, 0);
    let rtcp = content === 'rtcp';
    // RTCP goes to the port above unless it is multiplexed (RFC 3550 11).
    if (owner === null && (error.dstPort & 1) === 1 && content !== 'rtp' && content !== 't38') {
      owner = this.ownerOf(error, content, 1);
      rtcp = true;
    }
    if (owner === null) return false;
    this.note(this.listOf(owner), error, view, owner, rtcp);
    return true;
  }

  /** A stream is over: hands out what no call has of it, to `call` if that claims it. */
  streamEnded(slot: number, claim: { call: Call; fromCaller: boolean } | null): MediaRefusalRecord[] {
    const list = this.strays.get(slot) ?? [];
    this.strays.delete(slot);
    if (claim === null) {
      this.kept -= list.length;
      return list;
    }
    for (const each of list) {
      each.direction = claim.fromCaller ? 'callerToCallee' : 'calleeToCaller';
      claim.call.refusals.push(each);
    }
    return [];
  }

  /** A call is reported, and what was noted with it. */
  callEnded(call: Call): void {
    this.kept -= call.refusals.length;
  }

  private listOf({ call, slot }: Owner): MediaRefusalRecord[] {
    if (call !== null) return call.refusals;
    let list = this.strays.get(slot);
    if (list === undefined) {
      list = [];
      this.strays.set(slot, list);
    }
    return list;
  }

  /** The stream that flows as the quoted packet did, else the call that announced where it went. */
  private ownerOf(error: IcmpError, content: QuotedContent, below: number): Owner | null {
    const { index, ends, keyOf, claimOf } = this.streams;
    const dst = Int32Array.of(error.dst0, error.dst1, error.dst2, error.dst3);
    const end = endpointKey(dst, error.dstPort - below);
    for (const slot of ends.at(end)) {
      const key = keyOf(slot);
      if (!isFrom(key, error, below) || endpointKey(key.dst, key.dstPort) !== end) continue;
      const claim = claimOf(slot);
      return { call: claim?.call ?? null, fromCaller: claim?.fromCaller ?? false, slot };
    }
    const receiver = index.receiverAt(end);
    if (receiver === null) return null;
    // Of the addresses that ICE tries, most cannot be reached: that is what the trial is for (RFC 8445).
    const tried = content === 'unknown' && receiver.call.descriptions.some(hasCandidates);
    return tried ? null : { ...receiver, slot: -1 };
  }

  private note(
    list: MediaRefusalRecord[],
    error: IcmpError,
    view: PacketView,
    { call, fromCaller }: Owner,
    rtcp: boolean,
  ): void {
    const { version, type, code, reason } = error;
    const from = formatAddress(view.src0, view.src1, view.src2, view.src3);
    const ip = formatAddress(error.dst0, error.dst1, error.dst2, error.dst3);
    const direction = call === null ? null : fromCaller ? 'callerToCallee' : 'calleeToCaller';
    const known = list.find(
      (each) =>
        each.from === from &&
        each.rtcp === rtcp &&
        each.direction === direction &&
        each.reason === reason &&
        each.icmp.code === code &&
        each.to.port === error.dstPort &&
        each.to.ip === ip,
    );
    if (known !== undefined) {
      repeat(known, view.timeUs);
      return;
    }
    if (list.length >= KINDS_MAX || this.kept >= REFUSALS_MAX) {
      this.dropped++;
      return;
    }
    this.kept++;
    list.push({
      direction,
      rtcp,
      reason,
      icmp: { version, type, code },
      from,
      fromReceiver: from === ip,
      to: { ip, port: error.dstPort },
      count: 1,
      startUs: view.timeUs,
      endUs: view.timeUs,
      timesUs: [view.timeUs],
      stride: 1,
    });
  }
}

/** Once more: its time is kept, unless it falls between those that are. */
function repeat(refusal: MediaRefusalRecord, timeUs: number): void {
  if (refusal.count % refusal.stride === 0) refusal.timesUs.push(timeUs);
  refusal.count++;
  refusal.endUs = Math.max(refusal.endUs, timeUs);
  if (refusal.timesUs.length < TIMES_MAX) return;
  refusal.timesUs = refusal.timesUs.filter((_, i) => i % 2 === 0);
  refusal.stride *= 2;
}

/** RTCP may come from any port of the sender. */
function isFrom(key: StreamKey, error: IcmpError, below: number): boolean {
  const { src, srcPort } = key;
  const samePort = below === 1 || srcPort === error.srcPort;
  return (
    samePort &&
    src[0] === error.src0 &&
    src[1] === error.src1 &&
    src[2] === error.src2 &&
    src[3] === error.src3
  );
}

function hasCandidates({ media }: Call['descriptions'][number]): boolean {
  return media.some(({ candidates }) => candidates.length > 0);
}

import type { EndpointReportRecord } from '../records/endpoint-reports.ts';
import type { MediaRefusalRecord } from '../records/media-refusal.ts';
import type { StreamKey } from '../rtp/plane.ts';
import type { StreamMeasurement } from '../rtp/summary.ts';
import type { SdpMedia } from '../sip/sdp.ts';
import type { SentSsrcs } from './announced-ssrcs.ts';
import type { Conversation } from './conversations.ts';
import type { SharedMedia } from './shared-media.ts';
import { createSipFacts, type SipFacts } from './sip-facts.ts';

/** The two ends of a call: who sent the first INVITE, and who was called. */
export type Side = 'caller' | 'callee';

/** One session description a side sent: from its request or answer on, it says where and what that side receives. */
export interface Description {
  side: Side;
  /** Tag of the sender, which tells the branches of a forked call apart; '' when it had none. */
  tag: string;
  cseq: number;
  /** Who sent the request of the exchange. Each side numbers its own requests, so CSeq alone names none. */
  requester: Side;
  /** Digest of the text, which tells a copy from a new description in the same exchange. */
  digest: number;
  timeUs: number;
  /** Since when it rules: a new offer within the call does when it is accepted. */
  inForceUs: number;
  /** Between which addresses it was first seen to travel; null where that is not known. */
  between: { src: readonly number[]; dst: readonly number[] } | null;
  media: readonly SdpMedia[];
  /** A new offer within the call: what is in force stays so until it is accepted. */
  pending: boolean;
  /** An offer that was refused: its payload types never came into force. */
  refused: boolean;
  /** Its end is missing, by the snap length: what it does not say, it may have said. */
  cut: boolean;
}

/** A stream that is over and waits for its call to be reported. */
export interface EndedStream {
  key: StreamKey;
  number: number;
  measurement: StreamMeasurement;
  /** Whether it flows from the caller to the callee. */
  fromCaller: boolean;
}

/** A stream being measured that a call has claimed. */
export interface BoundStream {
  slot: number;
  fromCaller: boolean;
  /** Its newest packet when it was claimed, us. */
  sinceUs: number;
}

/** A call as far as it is known. One Call-ID, and one tag of the caller; every field that the capture did not show is null. */
export interface Call {
  readonly callId: string;
  /** The Call-ID, unless an earlier call has it, too. */
  readonly name: string;
  /** Order of first sight over the run. */
  readonly number: number;
  from: string | null;
  to: string | null;
  /** Tag of the caller; tells which side sent an in-dialog request. */
  callerTag: string | null;
  /** First message seen, first INVITE, first 18x that tells the caller something, 200 to the INVITE, end. */
  firstSeenUs: number;
  inviteUs: number | null;
  ringingUs: number | null;
  answerUs: number | null;
  endUs: number | null;
  /** CSeq of the initial INVITE in force (a challenged one is followed by another); -1 when it came before us. */
  inviteCseq: number | null;
  /** The dialog is known to be confirmed: its 200, or a request that only a confirmed dialog sends. */
  confirmed: boolean;
  finalCode: number | null;
  canceled: boolean;
  releasedBy: Side | null;
  /** Set when nothing more is expected: the call lingers a little, then it is reported. */
  doneUs: number | null;
  lastMessageUs: number;
  readonly sip: SipFacts;
  /** The calls of one conversation across a B2BUA, this one among them; null while it is the only one. */
  conversation: Conversation | null;
  descriptions: Description[];
  /** Media of other calls where this one announced it; null while there is none. */
  shared: SharedMedia | null;
  /** Streams of it were left out, because measuring did not keep up: what it lacks says nothing. */
  lacksStreams: boolean;
  bound: BoundStream[];
  ended: EndedStream[];
  /** What endpoints reported about the call in SIP. */
  endpointReports: EndpointReportRecord[];
  /** Media of the call that was sent back with ICMP errors. */
  refusals: MediaRefusalRecord[];
  /** Digits sent by INFO, by sender. */
  infoDigits: Record<Side, number>;
  /** Where a side announced media: as addresses, and as keys of the media index; whether the planes know, too. */
  endpoints: { words: Int32Array; port: number; key: string; side: Side; announced: boolean }[];
  /** SSRCs that its sides said they send with; null while they named none. */
  ssrcs: SentSsrcs | null;
  /** Where it announced T.38, once for each description that did and found room. */
  images: { words: Int32Array; port: number }[];
}

/** A call of which nothing is known but its name. */
export function createCall(callId: string, number: number, timeUs: number, name = callId): Call {
  return {
    callId,
    name,
    number,
    from: null,
    to: null,
    callerTag: null,
    firstSeenUs: timeUs,
    inviteUs: null,
    ringingUs: null,
    answerUs: null,
    endUs: null,
    inviteCseq: null,
    confirmed: false,
    finalCode: null,
    canceled: false,
    releasedBy: null,
    doneUs: null,
    lastMessageUs: timeUs,
    sip: createSipFacts(),
    conversation: null,
    descriptions: [],
    shared: null,
    lacksStreams: false,
    bound: [],
    ended: [],
    endpointReports: [],
    refusals: [],
    infoDigits: { caller: 0, callee: 0 },
    endpoints: [],
    ssrcs: null,
    images: [],
  };
}

import type { Side } from './scenario.ts';

/** What the signalling of a call does besides plain set-up and release. Times in ms after the answer. */
export interface SignallingSpec {
  /** Refusals before the INVITE that counts, each followed by ACK and the next INVITE: 401, 407, 422, 302, ... */
  refusals?: number[];
  /** Provisional responses between INVITE and ringing: 181, 182, 183 (without SDP). */
  progress?: number[];
  /** Further dialogs that a forking proxy opens: their telephones ring, and somebody else answers. */
  forks?: number;
  /** The ringing is acknowledged by PRACK (RFC 3262). */
  prack?: boolean;
  /** Messages that a timer sends again, because they or their answers are lost beyond the tap. */
  resend?: { message: 'INVITE' | 'BYE' | '200'; copies: number }[];
  /** The ACK never comes: the 200 is repeated until the BYE, for 32 s at most. */
  noAck?: boolean;
  /** The BYE is never answered. */
  byeUnanswered?: boolean;
  /** A host that has no part in the call sends a BYE in the name of a side, and it is answered. UDP only. */
  foreignBye?: { atMs: number; ip: string; by?: Side };
  /** Value of a Reason header in the BYE. */
  byeReason?: string;
  /** Session timer (RFC 4028), refreshed at half its time unless `refreshed` is false. */
  sessionTimer?: {
    seconds: number;
    refresher?: 'uac' | 'uas';
    method?: 'INVITE' | 'UPDATE';
    refreshed?: boolean;
  };
  /** Requests within the call; an `answer` of null never comes, however often the request is repeated. */
  requests?: { atMs: number; method: string; by?: Side; answer: number | null }[];
  /** REFER, its response, and what the NOTIFYs report. With `replaces` the Call-ID of another dialog. */
  transfer?: {
    atMs: number;
    target: string;
    by?: Side;
    replaces?: string;
    answer: number | null;
    notify?: number[];
  };
  /** Header lines added to the INVITE and to its final response. */
  inviteHeaders?: string[];
  answerHeaders?: string[];
  /** In place of the address of record in the request line of the INVITE. */
  requestUri?: string;
  sdpFault?: { in: 'offer' | 'answer'; fault: SdpFaultKind };
  userAgents?: { caller?: string; callee?: string };
  /** Marking of each side's messages; default CS3 (24). */
  dscp?: { caller?: number; callee?: number };
  /** Address of a proxy whose hops the tap sees both. UDP only. */
  proxy?: string;
  /** The INVITE comes by so often, with fewer hops left each time. UDP only. */
  loops?: number;
  /** The mirror delivers every SIP packet twice. UDP only. */
  mirrored?: boolean;
  /** Only what this side sends passes the tap: signalling and media. */
  onlyFrom?: Side;
}

/**
 * `garbage`: no description; `no_address`: no `c=`; `unmapped`: a dynamic payload type without rtpmap; `extra_media`:
 * one m= line too many; `refused`: port 0; `foreign_codec`: an answer of codecs that were not offered.
 */
export type SdpFaultKind =
  | 'garbage'
  | 'no_address'
  | 'unmapped'
  | 'extra_media'
  | 'refused'
  | 'foreign_codec';

/** A device that registers, and what it and its registrar do, in order. Times in ms of the scenario. */
export interface RegistrationSpec {
  user: string;
  domain?: string;
  ip?: string;
  sipPort?: number;
  registrarIp?: string;
  userAgent?: string;
  transport?: 'udp' | 'tcp';
  expiresS: number;
  events: RegistrationEvent[];
}

/**
 * `register`: with a challenge first unless `challenged` is false; `answer` is the final response, null for none,
 * `wrong_password` for a second 401. `unregister`: Expires 0. `unregister_all`: Contact `*`. `port`: the contact's.
 */
export interface RegistrationEvent {
  atMs: number;
  kind: 'register' | 'unregister' | 'unregister_all';
  challenged?: boolean;
  answer?: number | null | 'wrong_password';
  port?: number;
  /** REGISTERs sent again before the answer. */
  copies?: number;
}

/** A host that asks another with OPTIONS whether it is there. */
export interface TrunkSpec {
  srcIp: string;
  dstIp: string;
  startMs?: number;
  intervalMs: number;
  count: number;
  userAgent?: string;
  delayMs?: number;
  /** Final response; default 200. */
  answer?: number;
  /** Numbers (from 0) of the OPTIONS that get no answer and are repeated. */
  unanswered?: number[];
}

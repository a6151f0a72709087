import type { ReasonRecord } from '../records/call-signalling.ts';
import type { Transaction } from '../sip/transaction.ts';
import type { Call, Side } from './call.ts';
import type { ForeignBye } from './foreign-bye.ts';
import type { Retried } from './retries.ts';

/** The session timer in force (RFC 4028). */
export interface SessionTimer {
  seconds: number;
  refresher: Side | null;
  /** The answer or the last refresh: the session expires `seconds` later. */
  sinceUs: number;
  refreshes: number;
}

/** One REFER within the call and what became of it. */
export interface Transfer {
  by: Side;
  cseq: number;
  timeUs: number;
  target: string | null;
  replaces: string | null;
  /** Final response to the REFER. */
  referStatus: number | null;
  /** Status that the newest NOTIFY reported. */
  notifyStatus: number | null;
  /** The subscription is over, or the sender wanted none (RFC 4488). */
  closed: boolean;
}

/** What is wrong with a session description, and in which message it stood. */
export interface SdpFault {
  fault: string;
  by: Side;
  method: string;
  /** Null in a request. */
  status: number | null;
  timeUs: number;
}

export type ReleaseMethod = 'BYE' | 'CANCEL' | 'response';

/** What signalling says of few calls. */
export interface RareFacts {
  /** Who the Request-URI names, where that is not who To names. */
  target: string | null;
  refusals: readonly number[];
  retryOf: string | null;
  /** What became of those that it tries again, and of its own failure. */
  triesAgain: readonly Retried[];
  retried: Retried | null;
  /** Text of the Warning header of the final response. */
  warning: string | null;
  /** Reason values of the message that ended the call, and the Q.850 cause they or a vendor's header name. */
  reasons: readonly ReasonRecord[];
  q850Cause: number | null;
  timer: SessionTimer | null;
  transfers: readonly Transfer[];
  /** Call-ID in Replaces. */
  replaces: string | null;
  diversions: readonly string[];
  redirectedTo: readonly string[];
  reliableProvisional: boolean;
  /** Digests of the callee's tags in responses but for the first: the call was forked. */
  otherTags: readonly number[];
  /** Where later INVITEs of the set-up were bound for, each as a digest and its lowest Max-Forwards. */
  places: readonly number[];
  /** How often an INVITE came by again on its way to the same place. */
  loops: number;
  emergency: { service: string; location: boolean } | null;
  foreignBye: Readonly<ForeignBye> | null;
  assertedIdentity: string | null;
  sdpFaults: readonly SdpFault[];
  /** Headers of the first INVITE that were asked for. */
  headers: Readonly<Record<string, string>>;
}

const NOTHING: RareFacts = Object.freeze({
  target: null,
  refusals: [],
  retryOf: null,
  triesAgain: [],
  retried: null,
  warning: null,
  reasons: [],
  q850Cause: null,
  timer: null,
  transfers: [],
  replaces: null,
  diversions: [],
  redirectedTo: [],
  reliableProvisional: false,
  otherTags: [],
  places: [],
  loops: 0,
  emergency: null,
  foreignBye: null,
  assertedIdentity: null,
  sdpFaults: [],
  headers: {},
});

/** What the signalling of a call said besides its state. There are many calls at once: it is kept small. */
export interface SipFacts {
  transactions: readonly Transaction[];
  /** Branch of the INVITE whose responses decide: where its CSeq was seen first, nearest to the caller. */
  outerBranch: number | null;
  /** Digest of the callee's tag in the first dialog, and in the one that was answered. */
  dialogTag: number | null;
  answerTag: number | null;
  heardCaller: boolean;
  heardCallee: boolean;
  /** Digest of the host that sent the first INVITE, of the one it went to, and of its way and target. */
  callerHost: number | null;
  /** Digests of the hosts that have a part in the call; null where not all of them are known. */
  hosts: readonly number[] | null;
  calleeHost: number | null;
  firstPlace: number | null;
  /** Of the first INVITE, and the lowest seen. */
  firstMaxForwards: number | null;
  lowestMaxForwards: number | null;
  transport: string | null;
  tries: number;
  reasonPhrase: string | null;
  /** First response of any kind, and first provisional one above 100. */
  firstResponseUs: number | null;
  progressUs: number | null;
  releaseMethod: ReleaseMethod | null;
  callerAgent: string | null;
  calleeAgent: string | null;
  /** Addresses between which the first INVITE passed. */
  source: string | null;
  destination: string | null;
  /** The input that it came from; -1 when that was not seen. */
  input: number;
  /** Markings of what each side sent, in order of appearance. */
  callerDscp: readonly number[];
  calleeDscp: readonly number[];
  requests: number;
  retransmissions: number;
  /** Counted among the calls that are up. */
  up: boolean;
  /** Read freely; write by `rarely`. */
  rare: Readonly<RareFacts>;
}

/** Nothing is known yet. */
export function createSipFacts(): SipFacts {
  return {
    transactions: [],
    outerBranch: null,
    dialogTag: null,
    answerTag: null,
    heardCaller: false,
    heardCallee: false,
    callerHost: null,
    hosts: [],
    calleeHost: null,
    firstPlace: null,
    firstMaxForwards: null,
    lowestMaxForwards: null,
    transport: null,
    tries: 0,
    reasonPhrase: null,
    firstResponseUs: null,
    progressUs: null,
    releaseMethod: null,
    callerAgent: null,
    calleeAgent: null,
    source: null,
    destination: null,
    input: -1,
    callerDscp: [],
    calleeDscp: [],
    requests: 0,
    retransmissions: 0,
    up: false,
    rare: NOTHING,
  };
}

/** The rare facts of a call, to be written. */
export function rarely({ sip }: Call): RareFacts {
  if (sip.rare === NOTHING) sip.rare = { ...NOTHING };
  return sip.rare as RareFacts;
}

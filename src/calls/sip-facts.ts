import type { ReasonRecord } from '../records/call-signalling.ts';
import type { Transaction } from '../sip/transaction.ts';
import type { Side } from './call.ts';

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

/** How a call was ended and what the message that did it gave as reasons. */
export interface Release {
  method: 'BYE' | 'CANCEL' | 'response';
  reasons: readonly ReasonRecord[];
  q850Cause: number | null;
}

/** What the signalling of a call said besides its state. Most of it stays null in most calls. */
export interface SipFacts {
  readonly transactions: Transaction[];
  /** Branch of the INVITE whose responses decide: where its CSeq was seen first, nearest to the caller. */
  outerBranch: number | null;
  /** Tag of the callee in the dialog that was answered. */
  answerTag: string | null;
  /** Tags of the callee in provisional and successful responses: more than one when the call was forked. */
  dialogTags: string[];
  heardCaller: boolean;
  heardCallee: boolean;
  /** Digest of the host that sent the first INVITE, and of the one it went to. */
  callerHost: number | null;
  calleeHost: number | null;
  /** Who the Request-URI names, where that is not who To names. */
  target: string | null;
  transport: string | null;
  tries: number;
  refusals: number[] | null;
  retryOf: string | null;
  reasonPhrase: string | null;
  /** First response of any kind, and first provisional one above 100. */
  firstResponseUs: number | null;
  progressUs: number | null;
  release: Release | null;
  timer: SessionTimer | null;
  transfers: Transfer[] | null;
  replaces: string | null;
  diversions: string[] | null;
  redirectedTo: string[] | null;
  reliableProvisional: boolean;
  firstMaxForwards: number | null;
  lowestMaxForwards: number | null;
  /** Where initial INVITEs were bound for, each as a digest and its lowest Max-Forwards; how often one came again. */
  places: number[] | null;
  loops: number;
  emergency: { service: string; location: boolean } | null;
  callerAgent: string | null;
  calleeAgent: string | null;
  assertedIdentity: string | null;
  /** Text of the Warning header of the final response. */
  warning: string | null;
  sdpFaults: SdpFault[] | null;
  requests: number;
  retransmissions: number;
  /** Counted among the calls that are up. */
  up: boolean;
}

/** Nothing is known yet. */
export function createSipFacts(): SipFacts {
  return {
    transactions: [],
    outerBranch: null,
    answerTag: null,
    dialogTags: [],
    heardCaller: false,
    heardCallee: false,
    callerHost: null,
    calleeHost: null,
    target: null,
    transport: null,
    tries: 0,
    refusals: null,
    retryOf: null,
    reasonPhrase: null,
    firstResponseUs: null,
    progressUs: null,
    release: null,
    timer: null,
    transfers: null,
    replaces: null,
    diversions: null,
    redirectedTo: null,
    reliableProvisional: false,
    firstMaxForwards: null,
    lowestMaxForwards: null,
    places: null,
    loops: 0,
    emergency: null,
    callerAgent: null,
    calleeAgent: null,
    assertedIdentity: null,
    warning: null,
    sdpFaults: null,
    requests: 0,
    retransmissions: 0,
    up: false,
  };
}

/** What signalling said about one call, besides its state and times. Absent is null; lists are bounded. */
export interface CallSignalling {
  /** Of the first INVITE, as its Via says: `UDP`, `TCP`, `TLS`, `WSS`, ... */
  transport: string | null;
  /** INVITEs sent for the one attempt: a challenge, a redirection or another refusal may have asked for more. */
  tries: number;
  /** What the tries before the last were refused with, in order. */
  refusals: readonly number[];
  /** Call-ID of the failed call of the same parties that this one tries again. */
  retryOf: string | null;
  /** Call-ID of the attempt that was answered in place of this one, which failed, and how long after the failure it began. */
  retriedAs: string | null;
  retriedAfterMs: number | null;
  /** Text of the final response. */
  reasonPhrase: string | null;
  /** First INVITE to the first response of any kind. */
  firstResponseMs: number | null;
  /** First INVITE to the first provisional response above 100, else to the final one (RFC 6076 4.3). */
  sessionRequestDelayMs: number | null;
  /** First 180, or 183 with SDP, to the answer or to the end. */
  ringMs: number | null;
  /** BYE to its 2xx (RFC 6076 4.4). */
  sessionDisconnectDelayMs: number | null;
  /** How the call ended; null while it goes on, and when the end was not seen. */
  release: CallRelease | null;
  sessionTimer: SessionTimerRecord | null;
  transfers: readonly TransferRecord[];
  /** Call-ID of the call that this one takes over (Replaces). */
  replaces: string | null;
  /** Who diverted the call on its way, newest first: `party (reason)`. */
  diversions: readonly string[];
  /** Where 3xx responses sent the caller. */
  redirectedTo: readonly string[];
  /** Dialogs that responses opened: more than one when the call was forked. */
  forks: number;
  /** Provisional responses were acknowledged by PRACK. */
  reliableProvisional: boolean;
  /** Max-Forwards of the first INVITE and the lowest seen. */
  maxForwards: { first: number | null; lowest: number | null };
  /** Times that an INVITE passed the same two hosts with the same target again: above 0 it goes round in a loop. */
  loops: number;
  /** Emergency service called (`112`, `urn:service:sos`), and whether the INVITE said where the caller is. */
  emergency: { service: string; location: boolean } | null;
  userAgents: { caller: string | null; callee: string | null };
  /** Addresses between which the first INVITE passed the tap. */
  hosts: { source: string | null; destination: string | null };
  /** The interface that it was captured on; null where it came otherwise. */
  interface: string | null;
  /** Markings (DSCP) of what each side sent, in order of appearance; empty where nothing shows them (HEP). */
  dscp: { caller: readonly number[]; callee: readonly number[] };
  /** Those headers of the first INVITE that were asked for, by lower-case name. */
  headers: Readonly<Record<string, string>>;
  /** P-Asserted-Identity of the first INVITE that had one. */
  assertedIdentity: string | null;
  /** Part of a scan (`sip_scan`): in no ratio, and its findings are held back. */
  ofScan: boolean;
  /** Requests seen, every one once, and how often a timer sent requests and responses again. */
  requests: number;
  retransmissions: number;
}

/** One value of a Reason header (RFC 3326). */
export interface ReasonRecord {
  protocol: string;
  cause: number | null;
  text: string | null;
}

export interface CallRelease {
  method: 'BYE' | 'CANCEL' | 'response';
  /** Reason values of the message that ended the call. */
  reasons: readonly ReasonRecord[];
  /** The Q.850 cause among them, or the one a vendor header names. */
  q850Cause: number | null;
}

export interface SessionTimerRecord {
  /** Session-Expires, seconds (RFC 4028). */
  seconds: number;
  refresher: 'caller' | 'callee' | null;
  /** Answered re-INVITEs and UPDATEs after the answer. */
  refreshes: number;
}

export type TransferOutcome = 'succeeded' | 'failed' | 'refused' | 'unanswered' | 'unknown';

export interface TransferRecord {
  by: 'caller' | 'callee';
  startUs: number;
  /** Party in Refer-To. */
  target: string | null;
  /** Call-ID of the dialog to be replaced: an attended transfer. */
  replaces: string | null;
  /** Response to the REFER, and what the last NOTIFY reported of the new call. */
  referStatus: number | null;
  notifyStatus: number | null;
  outcome: TransferOutcome;
}

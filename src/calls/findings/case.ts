import type { FindingCode } from '../../records/finding-codes.ts';
import type { CallRecord, Direction, FindingRecord, Severity, StreamRecord } from '../../records/types.ts';
import type { Call } from '../call.ts';
import type { MarkingPolicy } from '../marking.ts';
import { aboutCall } from './finding.ts';
import type { Thresholds } from './thresholds.ts';

/** What the capture as a whole allows to be said. */
export interface Visibility {
  /** End of the capture, or capture time now. */
  nowUs: number;
  /** Some RTP was seen: its absence elsewhere means something. */
  mediaSeen: boolean;
  /** Messages were seen on their way to the caller's host: answers that did not come would have passed. */
  answersVisible: boolean;
  /** What ICMP said about messages to where the INVITE went, since then; null when nothing was. */
  refusal: SipRefusal | null;
  /** The callee was registered when the call came; null when it was not, or when nothing is known. */
  registration: RegisteredCallee | null;
}

/** ICMP errors about signalling to one address and port. */
export interface SipRefusal {
  reason: string;
  /** The host, or the router, that says so. */
  from: string;
  count: number;
}

/** The binding of a called user. */
export interface RegisteredCallee {
  aor: string;
  contact: string;
  registeredUs: number;
  expiresUs: number;
}

/** All that a detector may look at. */
export interface CallCase {
  readonly call: Call;
  readonly record: CallRecord;
  readonly streams: readonly StreamRecord[];
  readonly visibility: Visibility;
  readonly thresholds: Thresholds;
  readonly marking: MarkingPolicy;
}

/** What a finding may carry besides its words. */
export interface FindingPlace {
  direction?: Direction | null;
  startUs?: number;
  endUs?: number | null;
}

/** A finding about a call as a whole. */
export function callFinding(
  { record }: Pick<CallCase, 'record'>,
  code: FindingCode,
  severity: Severity,
  text: string,
  evidence: FindingRecord['evidence'],
  place: FindingPlace = {},
): FindingRecord {
  const { direction = null, ...span } = place;
  return aboutCall(record, direction, { code, severity, text, evidence, ...span });
}

/** What goes wrong with an emergency call is critical, whatever it would be otherwise. */
export function graveIfEmergency({ call }: Pick<CallCase, 'call'>, severity: Severity): Severity {
  return call.sip.rare.emergency === null ? severity : 'critical';
}

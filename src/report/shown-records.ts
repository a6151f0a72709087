import { byGravity } from '../records/severity.ts';
import type { SignallingRecord } from '../records/signalling-record.ts';
import type { CaptureRecord } from '../records/types.ts';
import type { ReportCall, ReportCapture, ReportFinding, ReportStream } from './contract.ts';
import type { RecordStore } from './record-store.ts';
import { reportedCapture } from './reported.ts';
import { reportedSignalling } from './reported-signalling.ts';
import type { ReportSignalling, ReportTrunk } from './signalling-contract.ts';
import { jsonText, neutralised } from './wire-text.ts';

const HARMLESS = /^[\x20-\x5b\x5d-\x7e]*$/;

/**
 * The way from stored records to text for people. Every string is neutralised here, once and for all, so that
 * nothing that came from the wire can reach a terminal as a control character.
 */
function shown<T>(text: string): T {
  // Printable and without an escape: there is nothing in it to neutralise.
  if (HARMLESS.test(text)) return JSON.parse(text) as T;
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' ? neutralised(value) : value,
  ) as T;
}

/** One call, safe to show. */
export function shownCall(records: RecordStore, sequence: number): ReportCall {
  return shown(records.calls.text(sequence));
}

/** One stream, safe to show. */
export function shownStream(records: RecordStore, sequence: number): ReportStream {
  return shown(records.streams.text(sequence));
}

/** One finding, safe to show. */
export function shownFinding(records: RecordStore, sequence: number): ReportFinding {
  return shown(records.findings.text(sequence));
}

/** One trunk, safe to show. */
export function shownTrunk(records: RecordStore, sequence: number): ReportTrunk {
  return shown(records.trunks.text(sequence));
}

/** Signalling over the capture, safe to show. */
export function shownSignalling(signalling: SignallingRecord): ReportSignalling {
  return shown(jsonText(reportedSignalling(signalling)));
}

/** The capture, safe to show. */
export function shownCapture(capture: CaptureRecord): ReportCapture {
  return shown(jsonText(reportedCapture(capture)));
}

/** Findings by severity, then in the order given. */
export function bySeverity(records: RecordStore, findings: readonly number[]): number[] {
  const severityOf = (sequence: number) => records.findings.summary(sequence).severity;
  return [...findings].sort((a, b) => byGravity(severityOf(a), severityOf(b)));
}

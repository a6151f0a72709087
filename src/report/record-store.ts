import { attemptOutcome } from '../records/attempt-outcome.ts';
import type { RegistrationRecord, TrunkRecord } from '../records/signalling-record.ts';
import type { CallRecord, FindingRecord, RecordSink, Severity, StreamRecord } from '../records/types.ts';
import { NOWHERE, type Places, type WayPlace } from './place.ts';
import { RecordList } from './record-list.ts';
import { reportedCall, reportedFinding, reportedStream } from './reported.ts';
import { reportedRegistration, reportedTrunk } from './reported-signalling.ts';
import { type Score, scoreOf } from './score.ts';
import { TextLog } from './text-log.ts';
import { jsonText } from './wire-text.ts';

/** What stays in memory of a call: enough to count, find, filter and rank it. */
export interface CallSummary {
  id: string;
  callId: string;
  from: string | null;
  to: string | null;
  /** Who else had to do with the call: identities asserted, who diverted it, where it was sent. */
  further: readonly string[];
  /** Addresses between which the INVITE passed. */
  hosts: readonly string[];
  /** Call-IDs of the other legs of its conversation. */
  legs: readonly string[];
  startUs: number;
  /** Null when the end was not seen. */
  endUs: number | null;
  state: CallRecord['state'];
  verdict: CallRecord['verdict'];
  streams: readonly string[];
  findings: readonly string[];
  place: WayPlace;
  /** Whether the network did its part (in the numerator of NER); null for what is not in its denominator. */
  served: boolean | null;
}

/** What stays in memory of a stream. */
export interface StreamSummary {
  id: string;
  callId: string | null;
  srcIp: string;
  dstIp: string;
  startUs: number;
  endUs: number;
  packets: number;
  expected: number;
  lost: number;
  score: Score | null;
  /** Part of its time was bad. */
  badTime: boolean;
  direction: StreamRecord['direction'];
  ipKbps: number | null;
  place: WayPlace;
}

/** What stays in memory of a finding. */
export interface FindingSummary {
  code: string;
  severity: Severity;
  callId: string | null;
  streamId: string | null;
  startUs: number;
  endUs: number | null;
  /** Address of record, where the finding is about a registration. */
  party: string | null;
}

/** What stays in memory of a registration. */
export interface RegistrationSummary {
  aor: string;
  contact: string | null;
  source: string | null;
  startUs: number;
  /** Until when something is known of it: it was refreshed, or would have to be. */
  endUs: number;
  state: RegistrationRecord['state'];
}

/** What stays in memory of a trunk. */
export interface TrunkSummary {
  addresses: readonly string[];
  startUs: number;
  endUs: number;
  state: TrunkRecord['state'];
  downMs: number;
}

export interface RecordStoreOptions {
  /** Bytes of report text kept in memory; what is beyond goes to a temporary file. */
  budgetBytes?: number;
  /** Where the temporary file goes; the system's directory for such files if absent. */
  directory?: string;
  /** What calls and streams are put into sites and trunks by; absent where no groups are configured. */
  places?: Places;
}

const BUDGET_BYTES = 24 * 1024 * 1024;

/** Records to be released are garbage for a while, beside the text made of them. */
const HELD_SHARE = 0.6;

/** What records take as objects, roughly. */
const STREAM_BYTES = 3072;
const INTERVAL_BYTES = 96;
const CALL_BYTES = 1792;
const FINDING_BYTES = 768;
const REGISTRATION_BYTES = 640;
const TRUNK_BYTES = 640;
/** Registrations of one report; more are counted. */
const REGISTRATIONS_MAX = 10_000;

/** Everything that names one Call-ID. Mostly one call, but a Call-ID may be used again. */
interface CallIdGroup {
  calls: number[];
  /** Of each of them how many findings there were when it came: its own come just before it. */
  findingsBefore: number[];
  streams: number[];
  findings: number[];
}

/**
 * Collects the records of a replay. A summary of each stays in memory. The records themselves are held as long as a
 * memory budget lasts; from then on the full JSON text of each goes to a log with the same budget, and whatever needs
 * more than the summary (the rows of a table, the details of a call) reads it back. Close it when done.
 */
export class RecordStore implements RecordSink {
  readonly calls: RecordList<CallSummary>;
  readonly streams: RecordList<StreamSummary>;
  readonly findings: RecordList<FindingSummary>;
  readonly registrations: RecordList<RegistrationSummary>;
  readonly trunks: RecordList<TrunkSummary>;
  /** Registrations that found no room in the report. */
  registrationsLeftOut = 0;
  readonly places: Places | null;
  private readonly log: TextLog;
  private readonly heldBudgetBytes: number;
  /** Bytes of records held as they are; infinite when holding is over. */
  private heldBytes = 0;
  private readonly groups = new Map<string, CallIdGroup>();
  private readonly criticalOfStream = new Map<string, number>();

  constructor(options: RecordStoreOptions = {}) {
    const budgetBytes = options.budgetBytes ?? BUDGET_BYTES;
    this.places = options.places ?? null;
    this.heldBudgetBytes = budgetBytes * HELD_SHARE;
    this.log = new TextLog(budgetBytes, options.directory);
    this.calls = new RecordList(this.log);
    this.streams = new RecordList(this.log);
    this.findings = new RecordList(this.log);
    this.registrations = new RecordList(this.log);
    this.trunks = new RecordList(this.log);
  }

  stream(record: StreamRecord): void {
    const { id, callId, packets, expected, lost } = record;
    const score = scoreOf(record.quality);
    const place = this.places?.stream(record) ?? NOWHERE;
    const summary = {
      id,
      callId,
      srcIp: record.src.ip,
      dstIp: record.dst.ip,
      startUs: record.startUs,
      endUs: record.endUs,
      packets,
      expected,
      lost,
      score,
      badTime: (record.quality?.badTimeRatio ?? 0) > 0,
      direction: record.direction,
      ipKbps: record.ipKbps,
      place,
    };
    const sequence = this.streams.add(
      record.startUs,
      idNumber(id),
      summary,
      () => jsonText(reportedStream(record, place)),
      this.mayHold(STREAM_BYTES + record.intervals.length * INTERVAL_BYTES),
    );
    if (callId !== null) this.group(callId).streams.push(sequence);
  }

  call(record: CallRecord): void {
    const { id, callId, from, to, legs, startUs, endUs, state, verdict, streams, findings } = record;
    const further = furtherParties(record);
    const hosts = hostsOf(record);
    const place = this.places?.call(record) ?? NOWHERE;
    const summary = {
      ...{ id, callId, from, to, further, hosts, legs },
      ...{ startUs, endUs, state, verdict, streams, findings },
      ...{ place, served: isServed(record) },
    };
    const render = (): string => jsonText(reportedCall(record, place));
    const sequence = this.calls.add(record.startUs, idNumber(id), summary, render, this.mayHold(CALL_BYTES));
    const group = this.group(callId);
    group.calls.push(sequence);
    group.findingsBefore.push(this.findings.length);
  }

  finding(record: FindingRecord): void {
    const { code, severity, callId, streamId, startUs, endUs, party = null } = record;
    const summary = { code, severity, callId, streamId, startUs, endUs, party };
    const render = (): string => jsonText(reportedFinding(record));
    const sequence = this.findings.add(record.startUs, 0, summary, render, this.mayHold(FINDING_BYTES));
    if (callId !== null) this.group(callId).findings.push(sequence);
    if (streamId === null || severity !== 'critical') return;
    this.criticalOfStream.set(streamId, this.criticalCount(streamId) + 1);
  }

  registration(record: RegistrationRecord): void {
    if (this.registrations.length >= REGISTRATIONS_MAX) {
      this.registrationsLeftOut++;
      return;
    }
    const { aor, contact, source, state, startUs, refreshedUs, expiresUs } = record;
    const endUs = Math.max(startUs, refreshedUs ?? startUs, expiresUs ?? startUs);
    const summary = { aor, contact, source, state, startUs, endUs };
    const render = (): string => jsonText(reportedRegistration(record));
    const hold = this.mayHold(REGISTRATION_BYTES);
    this.registrations.add(record.startUs, idNumber(record.id), summary, render, hold);
  }

  trunk(record: TrunkRecord): void {
    const { src, dst, state, downMs, startUs, endUs } = record;
    const addresses = [src, dst].flatMap((end) => (end === null ? [] : [end.ip]));
    const summary = { addresses, startUs, endUs, state, downMs };
    const render = (): string => jsonText(reportedTrunk(record));
    this.trunks.add(record.startUs, idNumber(record.id), summary, render, this.mayHold(TRUNK_BYTES));
  }

  /** Takes a finding out of the report. */
  removeFinding(sequence: number): void {
    const { callId, streamId, severity } = this.findings.summary(sequence);
    this.findings.remove(sequence);
    if (callId !== null) {
      const group = this.group(callId);
      group.findings = group.findings.filter((each) => each !== sequence);
    }
    if (streamId === null || severity !== 'critical') return;
    this.criticalOfStream.set(streamId, this.criticalCount(streamId) - 1);
  }

  /** Critical findings about one stream. */
  criticalCount(streamId: string): number {
    return this.criticalOfStream.get(streamId) ?? 0;
  }

  /** Sequence numbers of a call's streams, in order of arrival. */
  streamsOf(call: number): readonly number[] {
    const { callId, streams } = this.calls.summary(call);
    const group = this.group(callId);
    // Where several calls used one Call-ID, only the call's own list tells whose stream it is.
    if (group.calls.length === 1) return group.streams;
    return group.streams.filter((stream) => streams.includes(this.streams.summary(stream).id));
  }

  /** Sequence numbers of a call's findings, in order of arrival. */
  findingsOf(call: number): readonly number[] {
    const { callId, streams, findings } = this.calls.summary(call);
    const group = this.group(callId);
    if (group.calls.length === 1) return group.findings;
    return group.findings.filter((sequence) => {
      const { code, streamId } = this.findings.summary(sequence);
      if (streamId !== null) return streams.includes(streamId);
      const owner = group.findingsBefore.findIndex((before) => sequence < before);
      // What was found when all calls were known comes later; then the code alone can tell.
      return owner < 0 || !this.names(group.calls[owner]!, code)
        ? findings.includes(code)
        : group.calls[owner] === call;
    });
  }

  private names(call: number, code: string): boolean {
    return this.calls.summary(call).findings.includes(code);
  }

  /** Calls that used a Call-ID, by sequence number. */
  callsNamed(callId: string | null): readonly number[] {
    return callId === null ? [] : (this.groups.get(callId)?.calls ?? []);
  }

  /** Whether no call of the report claims a stream. */
  isLoose(stream: number): boolean {
    return this.callsNamed(this.streams.summary(stream).callId).length === 0;
  }

  /** Bytes of records or their text in memory, and of text on disk. */
  get storage(): { memoryBytes: number; diskBytes: number } {
    const held = this.heldBytes === Number.POSITIVE_INFINITY ? 0 : this.heldBytes;
    return { memoryBytes: held + this.log.memoryBytes, diskBytes: this.log.diskBytes };
  }

  /** Whether one more record of this size may be held as it is. If not, those held so far give way. */
  private mayHold(bytes: number): boolean {
    if (this.heldBytes === Number.POSITIVE_INFINITY) return false;
    this.heldBytes += bytes;
    if (this.heldBytes <= this.heldBudgetBytes) return true;
    this.heldBytes = Number.POSITIVE_INFINITY;
    this.calls.release();
    this.streams.release();
    this.findings.release();
    this.registrations.release();
    this.trunks.release();
    return false;
  }

  /**
   * Shows every record through `mask` from now on, which gets a record or its summary as it would be printed and answers one
   * of the same form. Records keep their numbers; a Call-ID must become the same one everywhere.
   */
  cover(mask: <T>(value: T) => T): void {
    const textOf = (text: string): string => jsonText(mask(JSON.parse(text)));
    for (const list of [this.calls, this.streams, this.findings, this.registrations, this.trunks])
      (list as RecordList<object>).cover(mask, textOf);
    const groups = [...this.groups];
    this.groups.clear();
    for (const [callId, group] of groups) {
      const shown = this.group(mask({ callId }).callId);
      shown.calls.push(...group.calls);
      shown.findingsBefore.push(...group.findingsBefore);
      shown.streams.push(...group.streams);
      shown.findings.push(...group.findings);
    }
  }

  /** Removes the temporary file and lets go of the texts. */
  close(): void {
    this.log.close();
  }

  private group(callId: string): CallIdGroup {
    let group = this.groups.get(callId);
    if (group === undefined) {
      group = { calls: [], findingsBefore: [], streams: [], findings: [] };
      this.groups.set(callId, group);
    }
    return group;
  }
}

const NOBODY: readonly string[] = [];

/** Nearly no call has one: then nothing is kept for it. */
function furtherParties({ signalling }: CallRecord): readonly string[] {
  const { assertedIdentity, diversions, redirectedTo, transfers } = signalling;
  if (assertedIdentity === null && diversions.length + redirectedTo.length + transfers.length === 0)
    return NOBODY;
  const targets = transfers.map(({ target }) => target);
  return [assertedIdentity, ...diversions, ...redirectedTo, ...targets].filter((party) => party !== null);
}

/** Whether an attempt is in the numerator of NER, as the ratios over all calls have it. */
function isServed({ signalling, state, finalCode, answerUs, setup }: CallRecord): boolean | null {
  // Without its INVITE a call is no attempt that this point has seen.
  if (signalling.tries === 0) return null;
  const rang = setup.postDialDelayMs !== null;
  const outcome = attemptOutcome({
    ...{ state, finalCode, rang, answerSeen: answerUs !== null, ofScan: signalling.ofScan },
  });
  if (!outcome.resolved || outcome.redirected) return null;
  return outcome.answered || outcome.userOutcome || outcome.afterRinging;
}

function hostsOf({ signalling: { hosts } }: CallRecord): readonly string[] {
  return [hosts.source, hosts.destination].filter((host) => host !== null);
}

/** The number at the end of an id (`s12` is 12): ids are given in order of first sight. */
function idNumber(id: string): number {
  const digits = /\d+$/.exec(id);
  return digits === null ? 0 : Number(digits[0]);
}

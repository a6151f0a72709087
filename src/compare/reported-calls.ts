import type { TrustReason } from '../records/types.ts';
import type { ReportCall, ReportCapture, ReportFinding, ReportStream } from '../report/contract.ts';
import { SCHEMA } from '../report/contract.ts';
import type { RecordStore } from '../report/record-store.ts';
import { shownCall, shownFinding, shownStream } from '../report/shown-records.ts';
import { neutralised } from '../report/wire-text.ts';
import {
  type CallSample,
  endpointsOf,
  graveCodes,
  type Loose,
  sampleOfCall,
  sampleOfStreams,
} from './call-sample.ts';
import type { Side } from './compare-sets.ts';
import type { ChosenCalls } from './contract.ts';

/** A call with all that is known of it. */
export interface CallRecords {
  call: Loose<ReportCall>;
  streams: readonly Loose<ReportStream>[];
  findings: readonly Loose<ReportFinding>[];
}

/** The calls of a replay, or of a report that an earlier one printed. Texts are safe to show. */
export interface ReportedCalls {
  /** What calls go by, in order. */
  names: readonly { id: string; callId: string }[];
  /** Call `at` of `names`. */
  records(at: number): CallRecords;
  /** Streams that no call claims. */
  loose(): Iterable<Loose<ReportStream>>;
  facts: Side['facts'];
  /** The pseudonyms that a report was printed with; null for none. */
  pseudonyms: { of: readonly string[]; key: string | null } | null;
}

/** The calls of a replay. */
export function callsOfStore(store: RecordStore, capture: Loose<ReportCapture>): ReportedCalls {
  const sequences = [...store.calls.ordered()];
  return {
    names: sequences.map((sequence) => store.calls.summary(sequence)),
    records: (at) => {
      const sequence = sequences[at]!;
      return {
        call: shownCall(store, sequence),
        streams: store.streamsOf(sequence).map((stream) => shownStream(store, stream)),
        findings: store.findingsOf(sequence).map((finding) => shownFinding(store, finding)),
      };
    },
    *loose() {
      for (const stream of store.streams.ordered())
        if (store.isLoose(stream)) yield shownStream(store, stream);
    },
    facts: factsOf(capture, null),
    pseudonyms: null,
  };
}

/** The calls of a report, or what is wrong with its text. */
export type ParsedReport = { ok: true; calls: ReportedCalls } | { ok: false; reason: string };

/** Reads the text of an `earshot.report/1`; fields that are missing or odd count as unknown. */
export function callsOfReport(text: string): ParsedReport {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? neutralised(value) : value,
    );
  } catch {
    return { ok: false, reason: 'is no JSON to its end' };
  }
  const report = (parsed ?? {}) as Record<string, unknown>;
  if (report.schema !== SCHEMA) return { ok: false, reason: `is no report (${SCHEMA}) of this program` };
  const calls = objects<ReportCall>(report.calls).filter(isNamed);
  const streams = objects<ReportStream>(report.streams);
  const byId = new Map(streams.map((stream) => [stream.id, stream]));
  const claimed = new Set(calls.flatMap((call) => arrayOf<string>(call.streams)));
  const findings = new Map<string, Loose<ReportFinding>[]>();
  for (const finding of objects<ReportFinding>(report.findings)) {
    const callId = finding.callId ?? '';
    const known = findings.get(callId);
    if (known === undefined) findings.set(callId, [finding]);
    else known.push(finding);
  }
  const records = (at: number): CallRecords => {
    const call = calls[at]!;
    const ids = arrayOf<string>(call.streams);
    const codes = arrayOf<string>(call.findings);
    return {
      call,
      streams: ids.map((id) => byId.get(id)).filter((stream) => stream !== undefined),
      findings: (findings.get(call.callId ?? '') ?? []).filter(({ code }) => codes.includes(code ?? '')),
    };
  };
  const loose = (): Loose<ReportStream>[] => streams.filter(({ id }) => !claimed.has(id ?? ''));
  const capture = (report.capture ?? {}) as Loose<ReportCapture>;
  const pseudonyms = pseudonymsOf(report.privacy);
  const facts = factsOf(capture, chosenOf(report.search));
  return { ok: true, calls: { names: calls, records, loose, facts, pseudonyms } };
}

function pseudonymsOf(privacy: unknown): ReportedCalls['pseudonyms'] {
  const { pseudonyms, key } = (privacy ?? {}) as Record<string, unknown>;
  const of = arrayOf<unknown>(pseudonyms).filter((each) => typeof each === 'string');
  return of.length === 0 ? null : { of, key: typeof key === 'string' ? key : null };
}

/** One side of a comparison, from all that was read for it. */
export function sideOf(sources: readonly ReportedCalls[]): Side {
  const samples = sources.flatMap((source, index) => [
    ...samplesOf(source).map((sample) => ({ ...sample, unit: `${index} ${sample.unit}` })),
  ]);
  const all = sources.map(({ facts }) => facts);
  const times = (key: 'startTime' | 'endTime'): string[] =>
    all.flatMap((facts) => facts[key] ?? []).sort((a, b) => (a < b ? -1 : 1));
  const verdicts = all.map(({ trust }) => trust.verdict);
  const verdict: Side['facts']['trust']['verdict'] = verdicts.includes('untrusted')
    ? 'untrusted'
    : verdicts.includes('degraded')
      ? 'degraded'
      : 'trusted';
  const facts = {
    files: all.flatMap(({ files }) => files),
    startTime: times('startTime')[0] ?? null,
    endTime: times('endTime').at(-1) ?? null,
    chosen: all.flatMap(({ chosen }) => chosen),
    trust: { verdict, reasons: all.flatMap(({ trust }) => trust.reasons) },
  };
  return { facts, samples };
}

function samplesOf(source: ReportedCalls): CallSample[] {
  const samples = source.names.map((_, at) => {
    const { call, streams, findings } = source.records(at);
    return sampleOfCall(call, streams, graveCodes(findings));
  });
  const pairs = new Map<string, Loose<ReportStream>[]>();
  for (const stream of source.loose()) {
    const ends = endpointsOf(stream);
    pairs.set(ends, [...(pairs.get(ends) ?? []), stream]);
  }
  return [...samples, ...[...pairs].map(([ends, streams]) => sampleOfStreams(ends, streams))];
}

/** What a report was asked for; null for all that there was. */
function chosenOf(search: unknown): ChosenCalls | null {
  const { question } = (search ?? {}) as Record<string, unknown>;
  if (typeof question !== 'object' || question === null) return null;
  const { at, party, symptom } = question as Record<string, unknown>;
  const { spans } = (at ?? {}) as Record<string, unknown>;
  return {
    spans: objects<ChosenCalls['spans'][number]>(spans).map(({ fromTime, toTime }) => {
      return { fromTime: textOrNull(fromTime), toTime: textOrNull(toTime) };
    }),
    party: textOrNull(party),
    symptom: textOrNull(symptom),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function factsOf(capture: Loose<ReportCapture>, chosen: ChosenCalls | null): Side['facts'] {
  const verdict = capture.trust?.verdict;
  const reasons = arrayOf<Loose<TrustReason>>(capture.trust?.reasons);
  return {
    files: arrayOf<{ path?: string }>(capture.files).map(({ path }) => path ?? 'unknown'),
    startTime: textOrNull(capture.startTime),
    endTime: textOrNull(capture.endTime),
    chosen: chosen === null ? [] : [chosen],
    trust: {
      verdict: verdict === 'untrusted' || verdict === 'degraded' ? verdict : 'trusted',
      reasons: reasons.map(({ code, text }) => ({ code: String(code ?? ''), text: String(text ?? '') })),
    },
  };
}

function isNamed<Named extends { id?: unknown; callId?: unknown }>(
  named: Named,
): named is Named & { id: string; callId: string } {
  return typeof named.id === 'string' && typeof named.callId === 'string';
}

function arrayOf<Item>(value: unknown): Item[] {
  return Array.isArray(value) ? (value as Item[]).filter((item) => item !== null) : [];
}

function objects<Shape>(value: unknown): Loose<Shape>[] {
  return arrayOf<Loose<Shape>>(value).filter((item) => typeof item === 'object');
}

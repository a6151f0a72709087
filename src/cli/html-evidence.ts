import { statSync } from 'node:fs';
import { openCaptures } from '../capture/open.ts';
import type { WantedCall } from '../evidence/contract.ts';
import { callFilter, registrationFilter, streamFilter, timeFilter } from '../evidence/display-filter.ts';
import { EvidenceFinder, type FinderOptions } from '../evidence/finder.ts';
import { FrameSpans, type WantedSpan } from '../evidence/frame-spans.ts';
import { type Ladder, Ladders } from '../evidence/ladder.ts';
import { Wanted } from '../evidence/wanted.ts';
import type { ReportFinding } from '../report/contract.ts';
import type { Evidence, Pointer } from '../report/html/evidence-contract.ts';
import { shownOf } from '../report/html/shown-calls.ts';
import { microsOf } from '../report/iso-time.ts';
import type { RecordStore } from '../report/record-store.ts';
import type { Report } from '../report/report.ts';
import { wantedCalls, wantedLoose } from './wanted-calls.ts';

/** Whether captures can be read a second time: a pipe is gone. */
export function canReadAgain(files: readonly string[]): boolean {
  return files.every((path) => {
    if (path === '-') return false;
    try {
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

/** Reads the captures again for the ladders, and for the frames that findings are about. Throws `CaptureError`. */
export function findEvidence(files: readonly string[], report: Report, options: FinderOptions): Evidence {
  const source = openCaptures(files);
  try {
    const search = new Search(report, files);
    const finder = new EvidenceFinder(search.wanted, search, options);
    for (let batch = source.read(); batch !== null; batch = source.read()) finder.ingest(batch);
    finder.finish();
    return search;
  } finally {
    source.close();
  }
}

/** A shorter time than this is a moment. */
const MOMENT_US = 1_000_000;
/** A time that takes more of a capture than this points at nothing. */
const PART_OF_CAPTURE = 0.9;
const NOWHERE = { file: null, goesOn: false, frames: null };

/** What is looked for, and what was found of it. */
class Search implements Evidence {
  readonly wanted: Wanted;
  private readonly records: RecordStore;
  private readonly files: readonly string[];
  private readonly hasHep: boolean;
  private readonly capture: Report['capture'];
  /** Place among the wanted by sequence number. */
  private readonly calls = new Map<number, number>();
  private readonly streams = new Map<string, number>();
  private readonly findings = new Map<number, number>();
  private readonly ladders: Ladders;
  private readonly spans: FrameSpans;

  constructor(report: Report, files: readonly string[]) {
    const { records } = report;
    this.records = records;
    this.files = files;
    this.capture = report.capture;
    this.hasHep = report.capture.hep.messages > 0;
    const shown = shownOf(report);
    const calls: WantedCall[] = [
      ...wantedCalls(records, shown.calls),
      ...wantedLoose(records, shown.looseStreams),
    ];
    for (const [place, sequence] of shown.calls.entries()) this.calls.set(sequence, place);
    this.wanted = new Wanted(calls);
    this.ladders = new Ladders(calls.length);
    const spans: WantedSpan[] = this.wanted.streams.map(({ id, startUs, endUs }, stream) => {
      this.streams.set(id, stream);
      return { stream, fromUs: startUs, toUs: endUs };
    });
    for (const sequence of records.findings.ordered()) this.addSpan(sequence, spans);
    this.spans = new FrameSpans(this.wanted.streams.length, spans);
  }

  message: Ladders['message'] = (call, sighting, copy) => this.ladders.message(call, sighting, copy);
  media: FrameSpans['media'] = (kind, stream, input, frame, timeUs) =>
    this.spans.media(kind, stream, input, frame, timeUs);
  image(): void {}

  ladder(call: number): Ladder | null {
    const place = this.calls.get(call);
    return place === undefined ? null : this.ladders.ladder(place);
  }

  finding(finding: number): Pointer | null {
    const span = this.findings.get(finding);
    if (span !== undefined) return this.streamPointer(span);
    const { callId, streamId, party } = this.records.findings.summary(finding);
    if (callId !== null && streamId === null) return this.messagePointer(callId, finding);
    if (party !== null) return { ...NOWHERE, filter: registrationFilter(party) };
    return streamId === null ? this.timePointer(finding) : null;
  }

  stream(stream: number): Pointer | null {
    const place = this.streams.get(this.records.streams.summary(stream).id);
    // The first spans are those of whole streams.
    return place === undefined ? null : this.streamPointer(place);
  }

  private addSpan(sequence: number, spans: WantedSpan[]): void {
    const { streamId } = this.records.findings.summary(sequence);
    const stream = streamId === null ? undefined : this.streams.get(streamId);
    if (stream === undefined) return;
    const { fromUs, toUs } = this.timesOf(sequence);
    this.findings.set(sequence, spans.length);
    spans.push({ stream, fromUs, toUs });
    this.ofSpan.set(this.findings.get(sequence)!, stream);
  }

  private readonly ofSpan = new Map<number, number>();

  private timesOf(finding: number): { fromUs: number; toUs: number } {
    const { startTime, endTime } = JSON.parse(this.records.findings.text(finding)) as ReportFinding;
    return {
      fromUs: microsOf(startTime) ?? Number.NEGATIVE_INFINITY,
      toUs: microsOf(endTime) ?? Number.POSITIVE_INFINITY,
    };
  }

  private streamPointer(index: number): Pointer | null {
    const stream = this.wanted.streams[this.ofSpan.get(index) ?? index]!;
    const span = this.spans.span(index);
    if (span === null) return null;
    const { input, first, last, count, goesOn } = span;
    const frames = { first, last, count };
    return { file: this.fileOf(input), goesOn, frames, filter: streamFilter(stream, span) };
  }

  /** The messages of a call within the time of a finding, or all of them where none is. */
  private messagePointer(callId: string, finding: number): Pointer | null {
    const { fromUs, toUs } = this.timesOf(finding);
    const call = this.records
      .callsNamed(callId)
      .find((sequence) => this.records.findingsOf(sequence).includes(finding));
    const steps = call === undefined ? [] : (this.ladder(call)?.steps ?? []);
    const within = steps.filter(({ timeUs }) => timeUs >= fromUs - 1 && timeUs <= toUs + 1);
    const refs = (within.length > 0 ? within : steps).flatMap(({ frame }) => (frame === null ? [] : [frame]));
    const [first] = refs;
    if (first === undefined) return null;
    const frames = refs.filter(({ input }) => input === first.input).map(({ frame }) => frame);
    const range = { first: Math.min(...frames), last: Math.max(...frames) };
    return {
      file: this.fileOf(first.input),
      goesOn: frames.length < refs.length,
      frames: { ...range, count: frames.length },
      filter: callFilter(callId, range, this.hasHep),
    };
  }

  /** What is about the capture or many calls has a time; null where that is nearly all of it. */
  private timePointer(finding: number): Pointer | null {
    const { fromUs, toUs } = this.timesOf(finding);
    const lengthUs = this.capture.endUs! - this.capture.startUs!;
    if (!Number.isFinite(toUs - fromUs) || toUs - fromUs > lengthUs * PART_OF_CAPTURE) return null;
    // Nothing is in a moment: what led to it and what came of it is around it.
    const aroundUs = toUs - fromUs < MOMENT_US ? MOMENT_US : 0;
    return { ...NOWHERE, filter: timeFilter(fromUs - aroundUs, toUs + aroundUs) };
  }

  private fileOf(input: number): string | null {
    return this.files.length > 1 ? (this.files[input] ?? null) : null;
  }
}

/** What is known of inputs that cannot be read twice. */
export const READ_ONCE =
  'The capture came through a pipe and cannot be read twice: there is no ladder, and no frame is named. Write it to a file and replay that.';

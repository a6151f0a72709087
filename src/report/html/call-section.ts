import { clock, day, fixed, span } from '../amounts.ts';
import { signallingFacts } from '../call-signalling-lines.ts';
import type { ReportCall, ReportFinding, ReportStream } from '../contract.ts';
import { directionWords } from '../finding-notes.ts';
import { microsOf } from '../iso-time.ts';
import { placeWords } from '../place.ts';
import type { Report } from '../report.ts';
import { scoreOf } from '../score.ts';
import { bySeverity, shownCall, shownFinding, shownStream } from '../shown-records.ts';
import { streamFacts } from '../stream-block.ts';
import { t38Lines } from '../t38-lines.ts';
import type { Evidence, Pointer } from './evidence-contract.ts';
import { findingsView, type PointedFinding, pointerView, restraint } from './findings-view.ts';
import { ladderView } from './ladder-view.ts';
import { lossPicture } from './loss-picture.ts';
import { verdictMark } from './marks.ts';
import { rtcpView } from './rtcp-view.ts';
import { scoreView } from './score-view.ts';
import type { Moments } from './stream-moments.ts';
import { type Html, html } from './template.ts';
import { timeChart } from './time-chart.ts';

/** What sections are made from. */
export interface SectionSource {
  report: Report;
  /** Null where captures cannot be read again; `evidenceNote` says why. */
  evidence: Evidence | null;
  evidenceNote: string;
  momentsOf(stream: string): Moments | null;
}

/** Everything about one call. */
export function callSection(source: SectionSource, sequence: number): Html {
  const { records } = source.report;
  const call = shownCall(records, sequence);
  const numbers = [...records.streamsOf(sequence)];
  const streams = numbers.map((number) => ({ number, stream: shownStream(records, number) }));
  streams.sort((a, b) => rank(a.stream) - rank(b.stream) || startOf(a.stream) - startOf(b.stream));
  const findings = pointed(source, records.findingsOf(sequence));
  const ladder = source.evidence?.ladder(sequence) ?? null;
  const plain = streams.map(({ stream }) => stream);
  const chart = timeChart({
    ...{ call, streams: plain, findings: findings.map(({ finding }) => finding), ladder },
    momentsOf: (stream) => source.momentsOf(stream),
  });
  return html`<section class="call" id="call-${call.id}" aria-labelledby="h-${call.id}">
<h3 id="h-${call.id}" tabindex="-1">Call ${call.id} ${verdictMark(call.verdict)}</h3>
${factList(callFacts(call))}
<h4>Findings</h4>
${findingsView(findings)}
${restraint(call)}
${chart === null ? html`<p class="dim">No RTP stream of this call was seen.</p>` : html`<h4>Over time</h4>${chart}`}
<h4>SIP ladder</h4>
${source.evidence === null ? html`<p class="dim">${source.evidenceNote}</p>` : ladderView(call, ladder, source.report.capture.files.length > 1)}
${streams.map(({ number, stream }) => streamView(stream, call, source.evidence?.stream(number) ?? null))}
${faxView(call)}
<p class="back"><a href="#calls">All calls</a></p>
</section>
`;
}

/** Everything about a stream that no call claims. */
export function looseSection(source: SectionSource, sequence: number): Html {
  const { records } = source.report;
  const stream = shownStream(records, sequence);
  const about = [...records.findings.ordered()].filter(
    (finding) => records.findings.summary(finding).streamId === stream.id,
  );
  const findings = pointed(source, about);
  const chart = timeChart({
    ...{ call: null, streams: [stream], findings: findings.map(({ finding }) => finding), ladder: null },
    momentsOf: (id) => source.momentsOf(id),
  });
  return html`<section class="call" id="call-${stream.id}" aria-labelledby="h-${stream.id}">
<h3 id="h-${stream.id}" tabindex="-1">Stream ${stream.id} of no call</h3>
<h4>Findings</h4>
${findingsView(findings, true)}
${chart === null ? null : html`<h4>Over time</h4>${chart}`}
${streamView(stream, null, source.evidence?.stream(sequence) ?? null)}
<p class="back"><a href="#calls">All calls</a></p>
</section>
`;
}

function pointed({ report, evidence }: SectionSource, findings: readonly number[]): PointedFinding[] {
  return bySeverity(report.records, findings).map((sequence) => ({
    finding: shownFinding(report.records, sequence),
    packets: evidence?.finding(sequence) ?? null,
  }));
}

function rank({ direction }: ReportStream): number {
  return direction === 'callerToCallee' ? 0 : direction === 'calleeToCaller' ? 1 : 2;
}

function startOf({ startTime }: ReportStream): number {
  return microsOf(startTime) ?? 0;
}

function callFacts(call: ReportCall): (readonly [string, string])[] {
  const { setup } = call;
  const place = placeWords(call, call.direction);
  const code = call.finalCode === null ? '' : ` (${call.finalCode})`;
  const length = call.durationMs === null ? '' : `, ${span(call.durationMs)}`;
  const release = call.releasedBy === null ? '' : `, released by the ${call.releasedBy}`;
  const delays: (readonly [string, number | null])[] = [
    ['post-dial', setup.postDialDelayMs],
    ['answer', setup.answerDelayMs],
    ['media to callee', setup.mediaDelayMs.callerToCallee],
    ['media to caller', setup.mediaDelayMs.calleeToCaller],
  ];
  const known = delays.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${span(ms)}`]));
  return [
    ['from', call.from ?? 'unknown'],
    ['to', call.to ?? 'unknown'],
    ['Call-ID', call.callId],
    ['start', `${day(call.startTime)} ${clock(call.startTime)} UTC`],
    ['state', `${call.state}${code}${length}${release}`],
    ...(place === null ? [] : [['place', place] as const]),
    ['delays', known.length === 0 ? '-' : known.join(', ')],
    ...(call.roundTripMs === null
      ? []
      : [['round trip', `${fixed(call.roundTripMs, 1)} ms, both sides together`] as const]),
    ...signallingFacts(call),
  ];
}

function factList(facts: readonly (readonly [string, string])[]): Html {
  return html`<dl class="facts">${facts.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}

function streamView(stream: ReportStream, call: ReportCall | null, packets: Pointer | null): Html {
  const score = scoreOf(stream.quality);
  const held = call?.heldBack.filter(({ streamId }) => streamId === stream.id) ?? [];
  const facts = streamFacts(stream, microsOf(call?.startTime ?? null), held, {});
  const named = joined(facts);
  const title = `${directionWords(stream.direction) ?? 'direction unknown'}, ${stream.id}: ${score === null ? 'not scored' : `MOS ${fixed(score.mos, 2)}`}`;
  return html`<div class="stream"><h4>${title.charAt(0).toUpperCase() + title.slice(1)}</h4>
${scoreView(stream)}
<div class="pair"><div>${rtcpView(stream)}</div><div>${lossPicture(stream)}</div></div>
<details><summary>All figures of ${stream.id}</summary>${factList(named)}</details>
${pointerView(packets)}</div>
`;
}

/** Texts without a name go on after the one before. */
function joined(facts: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const named: [string, string][] = [];
  for (const [name, text] of facts) {
    const last = named[named.length - 1];
    if (name === '' && last !== undefined) last[1] += `; ${text}`;
    else named.push([name, text]);
  }
  return named;
}

function faxView(call: ReportCall): Html | null {
  const lines = [...t38Lines(call, {})].filter((line) => line !== '');
  return lines.length === 0 ? null : html`<pre>${lines.join('\n')}</pre>`;
}

/** Whether a finding is about a call or stream, and so stands in a section of its own. */
export function isOfSection({ callId, streamId }: Pick<ReportFinding, 'callId' | 'streamId'>): boolean {
  return callId !== null || streamId !== null;
}

import { findingEntry } from '../../records/finding-codes.ts';
import { OWNER_WORDS } from '../../records/findings-page.ts';
import { byGravity } from '../../records/severity.ts';
import type { Direction, Severity } from '../../records/types.ts';
import { clock, counted, day, grouped, moment, span } from '../amounts.ts';
import type { ReportCapture, ReportFinding } from '../contract.ts';
import { discardedWords } from '../discarded-words.ts';
import { findingPlace } from '../finding-notes.ts';
import { microsOf } from '../iso-time.ts';
import type { Report } from '../report.ts';
import { everything } from '../selection.ts';
import { bySeverity, shownCall, shownCapture, shownFinding } from '../shown-records.ts';
import { reportLine } from '../summary-line.ts';
import { voiceClassText } from '../voice-class-text.ts';
import type { CallFacts } from './call-facts.ts';
import { isOfSection } from './call-section.ts';
import type { Evidence } from './evidence-contract.ts';
import { findingsView } from './findings-view.ts';
import { severityMark, trustMark } from './marks.ts';
import { type Html, html } from './template.ts';

/** Findings about no call that are told in full. */
const LOOSE_FINDINGS_SHOWN = 30;
const WORST_TOLD = 8;

/** One finding code over all calls. */
interface CodeSum {
  code: string;
  severity: Severity;
  calls: Set<string>;
  findings: number;
  ways: Record<Direction, number>;
  firstTime: string | null;
  lastTime: string | null;
}

/** What was captured, whether it can be trusted, what it comes to in words, and what went wrong most. */
export function overviewSections(
  report: Report,
  worst: readonly CallFacts[],
  evidence: Evidence | null,
  withDay: boolean,
): Html {
  const { records } = report;
  const selection = report.selection ?? everything(records);
  const capture = shownCapture(report.capture);
  const numbers = [...selection.findings];
  const findings = numbers.map((sequence) => shownFinding(records, sequence));
  const sums = sumsOf(findings);
  const loose = findings.flatMap((finding, i) =>
    isOfSection(finding) ? [] : [{ finding, packets: evidence?.finding(numbers[i]!) ?? null }],
  );
  const worstLines = worstCallLines(report, worst, withDay);
  return html`${trustSection(capture)}
<section aria-labelledby="summary"><h2 id="summary">Summary</h2>
<p class="lead">${reportLine(report)}.</p>
${report.selection === undefined ? null : html`<p class="warn">This report shows a selection of the calls only.</p>`}
${worstLines}
${codeTable(sums, withDay)}</section>
${
  loose.length === 0
    ? null
    : html`<section aria-labelledby="across"><h2 id="across">Across calls</h2>
${findingsView(loose.slice(0, LOOSE_FINDINGS_SHOWN), withDay)}
${loose.length > LOOSE_FINDINGS_SHOWN ? html`<p class="dim">${counted(loose.length - LOOSE_FINDINGS_SHOWN, 'more finding')} about no single call.</p>` : null}</section>`
}`;
}

/** The worst call of each kind: what somebody in a hurry reads. */
function worstCallLines({ records }: Report, worst: readonly CallFacts[], withDay: boolean): Html | null {
  const kinds = new Map<string, { call: CallFacts; finding: number; calls: number }>();
  for (const call of worst) {
    const [finding] = bySeverity(records, records.findingsOf(call.sequence));
    if (finding === undefined) continue;
    const { code } = records.findings.summary(finding);
    const kind = kinds.get(code);
    if (kind === undefined) kinds.set(code, { call, finding, calls: 1 });
    else kind.calls++;
  }
  const lines = [...kinds.values()].slice(0, WORST_TOLD).map(({ call, finding, calls }) => {
    const told = shownFinding(records, finding);
    const { text, severity, code } = told;
    const place = findingPlace(told, shownCall(records, call.sequence), toSecond);
    const more =
      calls > 1 ? html` <span class="dim">(${counted(calls - 1, 'more call')} with ${code})</span>` : null;
    return html`<li>${severityMark(severity)} <a href="#call-${call.id}">${call.id}</a> at ${toSecond(call.startTime, withDay)}, ${call.from ?? 'unknown'} to ${call.to ?? 'unknown'}: ${place}${text}${more}</li>`;
  });
  return lines.length === 0
    ? null
    : html`<h3>The worst call of each kind</h3><ul class="plain worst">${lines}</ul>`;
}

/** A time to the second: who reads the summary looks for the call, not for the packet. */
function toSecond(iso: string | null, withDay = false): string {
  return moment(iso, withDay).replace(/\.\d+$/, '');
}

/** Name of the report, its captures and their time. */
export function headline(report: Report): Html {
  const capture = shownCapture(report.capture);
  const { point, startTime, endTime, packets } = capture;
  const [startUs, endUs] = [microsOf(startTime), microsOf(endTime)];
  const endDay = day(startTime) === day(endTime) ? '' : `${day(endTime)} `;
  const length = startUs === null || endUs === null ? '' : ` (${span((endUs - startUs) / 1000)})`;
  return html`<h1>Call quality report</h1>
${
  point === null
    ? null
    : html`<p>Measured at <b>${point}</b></p>
`
}${fileNames(capture)}
<p><b>${day(startTime)} ${clock(startTime)} to ${endDay}${clock(endTime)} UTC</b>${length}, ${counted(packets, 'packet')}</p>`;
}

/** The captures in their order: frames are named by it. */
function fileNames({ files }: ReportCapture): Html {
  if (files.length === 1) return html`<p>${files[0]!.path}</p>`;
  const list = html`<ol>${files.map(({ path }) => html`<li>${path}</li>`)}</ol>`;
  return html`<details><summary>${counted(files.length, 'file')}, merged by time</summary>${list}</details>`;
}

function trustSection(capture: ReportCapture): Html {
  const { trust, discarded, encrypted, mirrorDuplicates } = capture;
  const { decoded } = capture;
  const { undecoded, notKept } = discardedWords(discarded);
  const facts = [
    `${grouped(decoded.sip)} SIP, ${grouped(decoded.rtp)} RTP, ${grouped(decoded.rtcp)} RTCP, ${grouped(decoded.t38)} T.38, ${grouped(decoded.other)} other packets`,
    mirrorDuplicates > 0 ? `${counted(mirrorDuplicates, 'packet')} copied by the mirror left out` : '',
    encrypted.sipTlsSuspected > 0
      ? `${counted(encrypted.sipTlsSuspected, 'TLS connection')} that probably carry SIP could not be read`
      : '',
    undecoded.length > 0
      ? `not decoded: ${undecoded.map(([reason, count]) => `${grouped(count)} ${reason}`).join(', ')}`
      : '',
    voiceClassText(capture.voiceClass) ?? '',
  ].filter((text) => text !== '');
  const words = {
    trusted: 'What follows is what was on the wire at this point.',
    degraded: 'Some figures below may be the fault of the capture, and not of the network:',
    untrusted: 'The capture itself is damaged or incomplete: do not hold its losses against the network.',
  } as const;
  return html`<section class="trust t-${trust.verdict}" aria-labelledby="trust"><h2 id="trust">Can this capture be trusted? ${trustMark(trust.verdict)}</h2>
<p>${words[trust.verdict]}</p>
${trust.reasons.length === 0 ? null : html`<ul>${trust.reasons.map(({ code, text }) => html`<li>${text} <span class="dim">[${code}]</span></li>`)}</ul>`}
<p class="dim">${facts.join('; ')}.</p>
${notKept.length === 0 ? null : html`<p class="dim">Read, and not kept:</p><ul class="dim">${notKept.map((text) => html`<li>${text}</li>`)}</ul>`}</section>`;
}

function sumsOf(findings: readonly ReportFinding[]): CodeSum[] {
  const sums = new Map<string, CodeSum>();
  for (const { code, severity, callId, direction, startTime } of findings) {
    const sum = sums.get(code) ?? {
      ...{ code, severity, calls: new Set<string>(), findings: 0 },
      ...{ ways: { callerToCallee: 0, calleeToCaller: 0 }, firstTime: startTime, lastTime: startTime },
    };
    sums.set(code, sum);
    sum.findings++;
    if (callId !== null) sum.calls.add(callId);
    if (direction !== null) sum.ways[direction]++;
    if (byGravity(severity, sum.severity) < 0) sum.severity = severity;
    if ((startTime ?? '') > (sum.lastTime ?? '')) sum.lastTime = startTime;
    if (sum.firstTime === null || (startTime !== null && startTime < sum.firstTime))
      sum.firstTime = startTime;
  }
  return [...sums.values()].sort(
    (a, b) => byGravity(a.severity, b.severity) || b.calls.size - a.calls.size || b.findings - a.findings,
  );
}

function codeTable(sums: readonly CodeSum[], withDay: boolean): Html {
  if (sums.length === 0) return html`<p>Nothing was found wrong.</p>`;
  return html`<h3>What was found</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Findings by kind"><table class="wide">
<thead><tr><th scope="col">finding</th><th scope="col" class="n">calls</th><th scope="col">way</th><th scope="col">first and last begin (UTC)</th>
<th scope="col">usually</th><th scope="col">check first</th><th scope="col">owner</th></tr></thead>
<tbody>${sums.map((sum) => codeRow(sum, withDay))}</tbody></table></div>`;
}

function codeRow(sum: CodeSum, withDay: boolean): Html {
  const { code, severity, calls, findings, ways } = sum;
  const entry = findingEntry(code);
  const [first, last] = [moment(sum.firstTime, withDay), moment(sum.lastTime, withDay)];
  const when = first === last ? first : `${first} to ${last}`;
  return html`<tr><td>${severityMark(severity)}<br><b>${code}</b></td><td class="n">${calls.size === 0 ? `${findings}\u00d7` : calls.size}</td>
<td class="nowrap">${wayText(ways)}</td><td>${when}</td><td>${entry?.usually ?? '-'}</td><td>${entry?.check ?? '-'}</td>
<td>${entry === null ? '-' : entry.owner.map((name) => OWNER_WORDS[name]).join(', ')}</td></tr>
`;
}

function wayText({ callerToCallee, calleeToCaller }: Record<Direction, number>): string {
  const parts = [
    callerToCallee > 0 ? `${callerToCallee} to callee` : '',
    calleeToCaller > 0 ? `${calleeToCaller} to caller` : '',
  ].filter((text) => text !== '');
  return parts.length === 0 ? '-' : parts.join(', ');
}

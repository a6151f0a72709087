import { createHash } from 'node:crypto';
import { clock, counted, day, isOfSeveralDays } from '../amounts.ts';
import { isoMicros } from '../iso-time.ts';
import type { Report } from '../report.ts';
import { neutralised } from '../wire-text.ts';
import { type CallFacts, overviewOf } from './call-facts.ts';
import { callSection, looseSection, type SectionSource } from './call-section.ts';
import { callRow, callTable, looseTable, ROWS_SHOWN } from './call-table.ts';
import { distributions } from './distributions.ts';
import { headline, overviewSections } from './overview.ts';
import { embeddedJson, packedBlocks } from './packed-parts.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { shownOf } from './shown-calls.ts';
import { footer, signallingSections } from './signalling-view.ts';
import { STYLE } from './style.ts';
import { Html, html } from './template.ts';
import { PATTERNS, timeline } from './timeline.ts';

/** Calls with findings whose details are in the page as it opens, readable without scripts and printed. */
const SECTIONS_SHOWN = 20;
/** Details, and rows of the table, in one packed block: few enough to be unpacked at once. */
const SECTIONS_EACH = 10;
const ROWS_EACH = 500;

/** What the page may load and do: its own style and script, and nothing else. No address of any host stands in it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src '${digestOf(STYLE)}'`,
  `script-src '${digestOf(PAGE_SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/**
 * The report as one HTML page, in pieces: what is made of one call is let go of before the next is made. Everything is in
 * the page; it loads nothing.
 */
export function* htmlChunks(source: SectionSource): Generator<string> {
  const { report } = source;
  const { records } = report;
  const overview = overviewOf(report);
  const facts = new Map(overview.calls.map((call) => [call.sequence, call]));
  const { calls, looseStreams } = shownOf(report);
  const ranked = calls.map((sequence) => facts.get(sequence)!);
  const left = overview.calls.length - ranked.length;
  const withDay = isOfSeveralDays(report.capture);

  yield head(report).text;
  yield html`<header>${headline(report)}
${contents(overview.calls.length, looseStreams.length)}</header>
<main id="main">
${overviewSections(report, ranked.filter(hasFindings), source.evidence, withDay)}
<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
${timeline(overview.calls)}</section>
<section aria-labelledby="distributions"><h2 id="distributions">Distributions</h2>
${distributions(overview.measurements)}</section>
<section aria-labelledby="calls"><h2 id="calls">Calls, worst first</h2>
${callTable(ranked.slice(0, ROWS_SHOWN), ranked.length, withDay)}
${left === 0 ? null : html`<p class="warn">${counted(left, 'call')} beyond these, none of them worse, are in the figures above only.</p>`}</section>
${looseTable(records, looseStreams)}
${signallingSections(report)}
<section aria-labelledby="details"><h2 id="details">Details</h2>
<div id="chosen"></div>
${shownNote(ranked)}
`.text;
  const sections = ranked.filter(hasFindings).slice(0, SECTIONS_SHOWN);
  for (const { sequence } of sections) yield callSection(source, sequence).text;
  yield `</section>\n`;
  yield footer(report).text;
  yield `</main>\n`;
  const shown = new Set(sections.map(({ sequence }) => sequence));
  const packed = ranked.filter(({ sequence }) => !shown.has(sequence));
  yield* pieces(packedBlocks('d', detailParts(source, packed, looseStreams), SECTIONS_EACH));
  const rest = ranked.slice(ROWS_SHOWN);
  yield* pieces(packedBlocks('r', rowParts(rest, withDay), ROWS_EACH));
  const ids = [
    ...packed.map(({ id }) => id),
    ...looseStreams.map((stream) => records.streams.summary(stream).id),
  ];
  const rowBlocks = Math.ceil(rest.length / ROWS_EACH);
  yield embeddedJson('order', { ids, each: SECTIONS_EACH, rowsEach: ROWS_EACH, rowBlocks }).text;
  yield `<script>${PAGE_SCRIPT}</script>\n</body>\n</html>\n`;
}

function head({ capture }: Report): Html {
  const start = isoMicros(capture.startUs);
  const point = capture.point ?? null;
  const title = [
    'Call quality report',
    ...(point === null ? [] : [`of ${neutralised(point)}`]),
    ...(start === null ? [] : [`${day(start)} ${clock(start).slice(0, 5)} UTC`]),
  ].join(' ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
${PATTERNS}
`;
}

function hasFindings({ findings, verdict }: CallFacts): boolean {
  return findings.length > 0 || (verdict !== 'healthy' && verdict !== 'unknown');
}

function contents(calls: number, loose: number): Html {
  const entries = [
    ['#trust', 'Trust'],
    ['#summary', 'Summary'],
    ['#timeline', 'Timeline'],
    ['#distributions', 'Distributions'],
    ['#calls', `Calls (${calls})`],
    ...(loose === 0 ? [] : [['#loose', 'Streams of no call']]),
    ['#details', 'Details'],
  ] as const;
  return html`<nav aria-label="Contents"><ul>${entries.map(([href, name]) => html`<li><a href="${href!}">${name!}</a></li>`)}</ul></nav>`;
}

function shownNote(ranked: readonly CallFacts[]): Html {
  const shown = Math.min(SECTIONS_SHOWN, ranked.filter(hasFindings).length);
  if (shown === ranked.length) return html`<p class="dim">All calls, worst first.</p>`;
  const which =
    shown === 0 ? '' : `The ${shown === 1 ? 'worst call stands' : `${shown} worst calls stand`} below. `;
  return html`<p class="dim">${which}Choose any call in the table or in the timeline to see it here. <noscript>Without scripts, <code>earshot replay --call</code> shows each call as text.</noscript></p>`;
}

function* detailParts(
  source: SectionSource,
  calls: readonly CallFacts[],
  loose: readonly number[],
): Generator<Html> {
  for (const { sequence } of calls) yield callSection(source, sequence);
  for (const stream of loose) yield looseSection(source, stream);
}

/** Rows a block at a time. */
function* rowParts(calls: readonly CallFacts[], withDay: boolean): Generator<Html> {
  for (const call of calls) yield callRow(call, withDay);
}

function* pieces(parts: Iterable<Html>): Generator<string> {
  for (const { text } of parts) yield text;
}

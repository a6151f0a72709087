import { ABSENT, counted, day, fixed, moment, percent } from '../amounts.ts';
import type { ReportStream } from '../contract.ts';
import type { RecordStore } from '../record-store.ts';
import { comparableR, scoreOf } from '../score.ts';
import { shownStream } from '../shown-records.ts';
import type { CallFacts } from './call-facts.ts';
import { verdictMark } from './marks.ts';
import { escaped, Html, html } from './template.ts';

/** Rows that are in the page as it opens; the others are unpacked when they are asked for. */
export const ROWS_SHOWN = 300;

const HEADS: readonly (readonly [name: string, numeric: boolean])[] = [
  ['call', false],
  ['verdict', false],
  ['start (UTC)', false],
  ['from', false],
  ['to', false],
  ['state', false],
  ['s', true],
  ['MOS', true],
  ['loss %', true],
  ['jitter p95 ms', true],
  ['PDD s', true],
  ['findings', false],
];

/** The table of all calls, worst first; `facts` are its first rows, of `all` calls. `withDay` where calls are of several days. */
export function callTable(facts: readonly CallFacts[], all: number, withDay: boolean): Html {
  if (all === 0) return html`<p class="dim">No calls.</p>`;
  const heads = HEADS.map(
    ([name, numeric]) => html`<th scope="col" class="${numeric ? 'n' : ''}">${name}</th>`,
  );
  const more =
    all > facts.length
      ? html`<p class="more" id="more">${counted(all - facts.length, 'more call')}, less bad than these. <noscript>They are shown with scripts only; <code>earshot replay --worst N</code> lists them as text.</noscript></p>`
      : null;
  return html`<form id="find" class="find" hidden role="search"><label>Find <input type="search" id="query" autocomplete="off" placeholder="number, address, finding, verdict"></label> <output id="matches" for="query"></output></form>
<div class="scroll" tabindex="0" role="region" aria-label="Calls"><table id="call-table">
<thead><tr>${heads}</tr></thead>
<tbody>${facts.map((call) => callRow(call, withDay))}</tbody></table></div>${more}`;
}

/** One row; sort keys stand beside what is shown where that cannot be compared. */
export function callRow(call: CallFacts, withDay: boolean): Html {
  const { id, score, startTime, durationMs, postDialDelayMs } = call;
  const code = call.finalCode === null || call.state === 'answered' ? '' : ` ${call.finalCode}`;
  const scale = score === null || score.scale === 'NB' ? '' : ` ${score.scale}`;
  // Written by hand: there are thousands of them.
  return new Html(
    `<tr data-call="${id}"><th scope="row"><a href="#call-${id}">${id}</a></th><td>${verdictMark(call.verdict).text}</td>` +
      `<td class="nowrap" title="${day(startTime)}">${moment(startTime, withDay)}</td><td class="wire">${escaped(call.from ?? ABSENT)}</td><td class="wire">${escaped(call.to ?? ABSENT)}</td>` +
      `<td>${call.state}${code}</td>${number(durationMs === null ? null : durationMs / 1000, 1)}` +
      `<td class="n" data-v="${score === null ? 9 : Math.round(comparableR(score) * 1e4) / 1e4}">${score === null ? ABSENT : fixed(score.mos, 2)}${scale}</td>` +
      `<td class="n" data-v="${call.lostRatio ?? -1}">${percent(call.lostRatio)}</td>${number(call.jitterP95Ms, 1)}` +
      `${number(postDialDelayMs === null ? null : postDialDelayMs / 1000, 2)}<td>${escaped(call.findings.join(', '))}</td></tr>\n`,
  );
}

function number(value: number | null, decimals: number): string {
  return `<td class="n" data-v="${value ?? -1}">${fixed(value, decimals)}</td>`;
}

/** Streams that no call claims, the worst of them. */
export function looseTable(records: RecordStore, streams: readonly number[]): Html | null {
  if (streams.length === 0) return null;
  const rows = streams.map((sequence) => looseRow(shownStream(records, sequence)));
  return html`<section aria-labelledby="loose"><h2 id="loose">Streams of no call</h2>
<p class="dim">RTP that no SIP seen here announced: its signalling passes elsewhere, or could not be read. At most the 100 worst are listed.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Streams of no call"><table>
<thead><tr><th scope="col">stream</th><th scope="col">from</th><th scope="col">to</th><th scope="col">SSRC</th><th scope="col">codec</th>
<th scope="col" class="n">packets</th><th scope="col" class="n">loss %</th><th scope="col" class="n">jitter p95 ms</th><th scope="col" class="n">MOS</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

function looseRow(stream: ReportStream): Html {
  const { id, src, dst, ssrc, codec, packets, lostRatio, jitterMs } = stream;
  const score = scoreOf(stream.quality);
  return html`<tr><th scope="row"><a href="#call-${id}">${id}</a></th><td>${src.ip}:${src.port}</td><td>${dst.ip}:${dst.port}</td><td>${ssrc}</td>
<td>${codec ?? ABSENT}</td><td class="n">${packets}</td><td class="n">${percent(lostRatio)}</td><td class="n">${fixed(jitterMs.p95, 1)}</td>
<td class="n">${score === null ? ABSENT : fixed(score.mos, 2)}</td></tr>
`;
}

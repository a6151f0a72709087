import type { ReportCall, ReportFinding, ReportStream } from '../report/contract.ts';
import { directionWords } from '../report/finding-notes.ts';
import { type Html, html } from '../report/html/template.ts';
import { page } from './html.ts';
import type { RecentCall } from './recent-calls.ts';
import { findingTable } from './status-page.ts';

const NONE = '\u2013';

/** The page `/calls/<ref>`: one call, what was found, and its streams. */
export function callPage({ ref, call, streams, findings }: RecentCall): string {
  const body = html`<p><a href="/">Earshot</a></p>
<h1>Call ${ref}: ${call.verdict}</h1>
<p class="dim"><a href="/api/calls/${ref}">as JSON</a> &middot; Call-ID ${call.callId}</p>
${facts(call)}
<h2>Findings</h2>
${findingTable(JSON.parse(findings) as ReportFinding[])}
<h2>Streams</h2>
${streamList(JSON.parse(streams) as ReportStream[])}`;
  return page(`Call ${ref} - Earshot`, body);
}

function facts(call: ReportCall): Html {
  const { setup, signalling } = call;
  const rows: [string, string | number | null][] = [
    ['from', call.from],
    ['to', call.to],
    ['began', call.startTime],
    ['answered', call.answerTime],
    ['ended', call.endTime],
    ['state', call.finalCode === null ? call.state : `${call.state} (${call.finalCode})`],
    ['released by', call.releasedBy],
    ['post-dial delay, ms', setup.postDialDelayMs],
    ['round trip, ms', call.roundTripMs],
    ['caller', `${signalling.hosts.source ?? NONE} ${signalling.userAgents.caller ?? ''}`],
    ['callee', `${signalling.hosts.destination ?? NONE} ${signalling.userAgents.callee ?? ''}`],
  ];
  const lines = rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value ?? NONE}</td></tr>
`,
  );
  return html`<table><tbody>${lines}</tbody></table>`;
}

function streamList(streams: readonly ReportStream[]): Html {
  if (streams.length === 0) return html`<p class="dim">None.</p>`;
  const rows = streams.map(
    ({ id, direction, src, dst, codec, packets, lostRatio, jitterMs, quality }) => html`<tr><td>${id}</td>
<td class="w">${directionWords(direction) ?? NONE}</td><td class="w">${src.ip}:${src.port}</td>
<td class="w">${dst.ip}:${dst.port}</td><td class="w">${codec ?? NONE}</td>
<td class="n">${packets}</td><td class="n w">${lostRatio === null ? NONE : `${(lostRatio * 100).toFixed(2)} %`}</td>
<td class="n">${jitterMs.p95 ?? NONE}</td>
<td class="n w">${mosText(quality?.mosLq, quality)}</td><td class="n w">${mosText(quality?.mosCq, quality)}</td>
<td>${quality?.explanation.text ?? NONE}</td></tr>
`,
  );
  return html`<div class="scroll"><table>
<thead><tr><th>stream</th><th>direction</th><th>from</th><th>to</th><th>codec</th><th class="n">packets</th>
<th class="n">loss</th><th class="n">jitter p95, ms</th><th class="n">MOS-LQ</th>
<th class="n">MOS-CQ</th><th>why</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function mosText(mos: number | null | undefined, quality: ReportStream['quality']): string {
  return mos == null || quality === null ? NONE : `${mos.toFixed(2)} ${quality.scale}`;
}

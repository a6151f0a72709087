import { callRef } from '../live/call-ref.ts';
import type { StatusRecord } from '../live/live-records.ts';
import type { Verdict } from '../records/types.ts';
import type { ReportFinding } from '../report/contract.ts';
import { directionWords } from '../report/finding-notes.ts';
import { type Html, html } from '../report/html/template.ts';
import { page } from './html.ts';
import type { LiveView } from './live-view.ts';
import type { RecentCall, RecentCalls } from './recent-calls.ts';

/** Worst calls on the page. */
const WORST_SHOWN = 20;
const NONE = '\u2013';

const VERDICT_CLASS: Readonly<Record<Verdict, string>> = {
  healthy: 'good',
  signalling: 'bad',
  media: 'bad',
  both: 'bad',
  unknown: 'dim',
};
const TRUST_CLASS = { trusted: 'good', degraded: 'warn', untrusted: 'bad' } as const;

/** The page `/`: what is going on now. */
export function statusPage(view: LiveView, recent: RecentCalls, refreshS: number | null): string {
  const { status } = view;
  const again =
    refreshS === null
      ? html`<a href="/?refresh=10">refresh every 10 s</a>`
      : html`refreshed every ${refreshS} s, <a href="/">stop</a>`;
  const body = html`<h1>Earshot</h1>
<p class="dim">${status?.time ?? 'no status yet: it comes every ten seconds'} &middot; ${again} &middot;
<a href="/metrics">metrics</a> &middot; <a href="/api/calls?worst=20">worst calls as JSON</a></p>
${view.isOver ? html`<p class="warn">Capture has ended: nothing new comes.</p>` : null}
${status === null ? null : figures(status)}
${status === null ? null : trust(status)}
${view.started?.privacy === undefined ? null : html`<p class="dim">${view.started.privacy.text}</p>`}
<h2>Calls since the start</h2>
${verdicts(view)}
<h2>Worst recent calls</h2>
${callTable(recent.worst(WORST_SHOWN, ({ call }) => call.verdict !== 'healthy'))}
<h2>Latest findings</h2>
${findingTable(view.findings)}
${status === null ? null : held(status)}
${status === null ? null : sources(status)}`;
  return page('Earshot', body, refreshS);
}

function figures(status: StatusRecord): Html {
  return html`<dl>
${figure('calls up', status.callsUp)}${figure('calls followed', status.calls)}${figure('streams', status.streams)}
${figure('registrations', status.registrations)}${figure('packets/s', status.packetsPerSecond)}
${figure('dropped packets', status.dropped)}${figure('restarts', status.restarts)}
</dl>`;
}

function figure(name: string, value: number | null): Html {
  return html`<div><dt>${name}</dt><dd>${value ?? NONE}</dd></div>
`;
}

function trust({ trust: { verdict, reasons } }: StatusRecord): Html {
  const lines = reasons.map(({ code, text }) => html`<li>${text} <span class="dim">[${code}]</span></li>`);
  return html`<h2>Trust of the last five minutes: <span class="${TRUST_CLASS[verdict]}">${verdict}</span></h2>
${lines.length === 0 ? null : html`<ul>${lines}</ul>`}`;
}

function verdicts({ calls }: LiveView): Html {
  const each = Object.entries(calls).map(([verdict, n]) => figure(verdict, n));
  return html`<dl>${each}</dl>`;
}

function callTable(calls: readonly RecentCall[]): Html {
  if (calls.length === 0) return html`<p class="dim">None.</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>call</th><th>began</th><th>verdict</th><th>from</th><th>to</th><th class="n">MOS</th>
<th class="n">loss</th><th>findings</th></tr></thead>
<tbody>${calls.map(callRow)}</tbody></table></div>`;
}

function callRow({ ref, call, score, lostRatio }: RecentCall): Html {
  return html`<tr><td class="w"><a href="/calls/${ref}">${ref}</a></td><td class="w">${shortTime(call.startTime)}</td>
<td class="${VERDICT_CLASS[call.verdict]}">${call.verdict}</td><td>${call.from ?? NONE}</td><td>${call.to ?? NONE}</td>
<td class="n">${score === null ? NONE : `${score.mos.toFixed(2)} ${score.scale}`}</td>
<td class="n">${lostRatio === null ? NONE : `${(lostRatio * 100).toFixed(2)} %`}</td>
<td>${call.findings.join(', ')}</td></tr>
`;
}

/** Findings as a table. */
export function findingTable(findings: readonly ReportFinding[]): Html {
  if (findings.length === 0) return html`<p class="dim">None.</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>time</th><th>severity</th><th>code</th><th>call</th><th>what</th></tr></thead>
<tbody>${findings.map(findingRow)}</tbody></table></div>`;
}

function findingRow({ startTime, severity, code, callId, direction, text }: ReportFinding): Html {
  const way = directionWords(direction);
  const ref = callId === null ? null : callRef(callId);
  const link = ref === null ? html`${NONE}` : html`<a href="/calls/${ref}">${ref}</a>`;
  return html`<tr><td class="w">${shortTime(startTime)}</td>
<td class="${severity === 'critical' ? 'bad' : 'warn'}">${severity}</td>
<td class="w">${code}</td><td class="w">${link}</td><td>${way === null ? '' : `${way}: `}${text}</td></tr>
`;
}

const HELD_WORDS = { packets: 'packets', history: 'history', badCalls: 'bad calls' } as const;

/** Holds on what is kept; nothing where there are none. */
function held({ held: places }: StatusRecord): Html | null {
  const rows = places.flatMap(({ of, holds }) =>
    holds.map(
      ({ name, files, bytes, maxBytes, fullSince, problem }) => html`<tr><td>${name}</td>
<td>${HELD_WORDS[of]}</td><td class="n">${files}</td><td class="n">${mebibytes(bytes)}</td>
<td class="n">${maxBytes === null ? NONE : mebibytes(maxBytes)}</td>
<td class="${problem !== null ? 'bad' : fullSince !== null ? 'warn' : 'good'}">${holdWords(fullSince, problem)}</td></tr>
`,
    ),
  );
  const unknown = places.flatMap(({ of, problem }) =>
    problem === null ? [] : [html`<p class="bad">${HELD_WORDS[of]}: ${problem}</p>`],
  );
  if (rows.length + unknown.length === 0) return null;
  return html`<h2>Held evidence</h2>${unknown}
<table><thead><tr><th>hold</th><th>of</th><th class="n">files</th><th class="n">MiB</th><th class="n">limit</th><th>state</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function holdWords(fullSince: string | null, problem: string | null): string {
  if (fullSince !== null)
    return `full since ${shortTime(fullSince)}${problem === null ? '' : ': evidence goes'}`;
  return problem ?? 'gets what it is about';
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function sources({ sources: list, tables }: StatusRecord): Html {
  const rows = list.map(
    ({ name, engine, packets, dropped, ended, up }) => html`<tr><td>${name}</td><td>${engine}</td>
<td class="n">${packets}</td><td class="n">${dropped ?? NONE}</td>
<td>${ended ? 'ended' : up === false ? 'down' : 'up'}</td></tr>
`,
  );
  const fills = Object.entries(tables).map(
    ([
      name,
      { used, max },
    ]) => html`<tr><td>${name}</td><td class="n">${used}</td><td class="n">${max}</td></tr>
`,
  );
  return html`<h2>Sources</h2>
<table><thead><tr><th>name</th><th>engine</th><th class="n">packets</th><th class="n">dropped</th><th>state</th></tr></thead>
<tbody>${rows}</tbody></table>
<h2>Tables</h2>
<table><thead><tr><th>table</th><th class="n">used</th><th class="n">limit</th></tr></thead><tbody>${fills}</tbody></table>`;
}

/** Without the microseconds. */
function shortTime(time: string | null): string {
  return time === null ? NONE : time.replace(/\.\d+Z$/, 'Z').replace('T', ' ');
}

import { counted, fixed, span } from '../amounts.ts';
import type { ReportCall } from '../contract.ts';
import { microsOf } from '../iso-time.ts';
import type { ShownEndpoint, ShownLadder, ShownMessage } from './evidence-contract.ts';
import { decisionLines, roleOf, type SdpRole, sdpText } from './sdp-decisions.ts';
import { escaped, Html, html } from './template.ts';
import { percentText } from './time-axis.ts';

/** Hosts that get a line of their own; messages of further ones are told in words only. */
const HOSTS_SHOWN = 6;
/** Messages shown before the rest is folded. */
const OPEN_STEPS = 40;
const ROW_HEIGHT = 34;
const NONE = '-';

/** The SIP ladder of a call: who sent what to whom, when, with which SDP, in which frame. */
export function ladderView(call: ReportCall, ladder: ShownLadder | null, severalFiles: boolean): Html {
  if (ladder === null || ladder.steps.length === 0)
    return html`<p class="dim">No SIP message of this call was found in the captures.</p>`;
  const hosts = hostsOf(ladder.steps);
  const startUs = microsOf(call.startTime) ?? ladder.steps[0]!.timeUs;
  const roles = ladder.steps.map((_, i) => roleOf(ladder.steps, i));
  const rows = ladder.steps.map((_, i) => row(ladder.steps, i, { hosts, startUs, severalFiles }, roles[i]!));
  const decisions = decisionLines(ladder.steps);
  const rest =
    rows.length > OPEN_STEPS
      ? html`<details><summary>${counted(rows.length - OPEN_STEPS, 'more message')}</summary>${table(`Rest of the SIP ladder of ${call.id}`, hosts, rows.slice(OPEN_STEPS))}</details>`
      : null;
  return html`${table(`SIP ladder of ${call.id}`, hosts, rows.slice(0, OPEN_STEPS))}${rest}
${notes(ladder)}
${decisions.length === 0 ? null : html`<h5>What SDP decided</h5><ul class="plain">${decisions.map((line) => html`<li>${line}</li>`)}</ul>`}`;
}

function table(name: string, hosts: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table class="ladder">
<thead><tr><th scope="col" class="n">after INVITE</th><th scope="col" class="n">since last</th>
<th scope="col" class="lane"><span class="sr">message</span>${heads(hosts)}</th><th scope="col">SDP</th><th scope="col" class="n">frame</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function hostsOf(steps: readonly ShownMessage[]): string[] {
  const hosts = new Set<string>();
  for (const { src, dst } of steps) for (const end of [src, dst]) if (end !== null) hosts.add(end.ip);
  return [...hosts].slice(0, HOSTS_SHOWN);
}

function placeOfHost(hosts: readonly string[], ip: string | undefined): number {
  const at = ip === undefined ? -1 : hosts.indexOf(ip);
  return at < 0 ? -1 : (at + 0.5) / hosts.length;
}

function heads(hosts: readonly string[]): Html {
  const texts = hosts.map((ip, i) => {
    const at = percentText((i + 0.5) / hosts.length);
    return `<text x="${at}" y="13" text-anchor="middle">${escaped(ip)}</text>`;
  });
  return new Html(
    `<svg class="hosts" width="100%" height="18" aria-hidden="true" focusable="false">${texts.join('')}</svg>`,
  );
}

function row(
  steps: readonly ShownMessage[],
  index: number,
  { hosts, startUs, severalFiles }: { hosts: readonly string[]; startUs: number; severalFiles: boolean },
  role: SdpRole | null,
): Html {
  const step = steps[index]!;
  const before = steps[index - 1];
  const since = before === undefined ? NONE : sinceText((step.timeUs - before.timeUs) / 1000);
  return html`<tr class="${step.again ? 'again' : ''}"><td class="n">${fixed((step.timeUs - startUs) / 1e6, 3)} s</td><td class="n dim">${since}</td>
<td class="lane"><span class="sr">${wordsOf(step)}</span>${arrow(step, hosts)}</td>
<td class="sdp">${step.sdp === null ? null : html`${role === null ? null : html`<b>${role}</b> `}${sdpText(step.sdp)}`}</td>
<td class="n">${frameText(step, severalFiles)}</td></tr>
`;
}

/** Frames count from 1 in each file; files are named in their order on top of the page. */
function frameText({ frame }: ShownMessage, severalFiles: boolean): string {
  if (frame === null) return NONE;
  return severalFiles ? `${frame.frame} in file ${frame.input + 1}` : String(frame.frame);
}

/** Short times keep their tenths of milliseconds. */
function sinceText(ms: number): string {
  return Math.abs(ms) < 1000 ? `${fixed(ms, 1)} ms` : span(ms);
}

/** `INVITE`, `180 Ringing (INVITE)`. */
export function messageName({ method, status, reasonPhrase }: ShownMessage): string {
  return status === null ? method : `${status}${reasonPhrase ? ` ${reasonPhrase}` : ''}`;
}

function wordsOf(step: ShownMessage): string {
  const about = step.status === null ? '' : ` to ${step.method} ${step.cseq}`;
  return `${messageName(step)}${about}, ${socket(step.src)} to ${socket(step.dst)}${step.again ? ', sent again' : ''}`;
}

function socket(end: ShownEndpoint | null): string {
  return end === null
    ? 'unknown'
    : end.ip.includes(':')
      ? `[${end.ip}]:${end.port}`
      : `${end.ip}:${end.port}`;
}

function arrow(step: ShownMessage, hosts: readonly string[]): Html {
  const from = placeOfHost(hosts, step.src?.ip);
  const to = placeOfHost(hosts, step.dst?.ip);
  const lines = hosts.map((_, i) => {
    const x = percentText((i + 0.5) / hosts.length);
    return `<line class="life" x1="${x}" x2="${x}" y1="0" y2="${ROW_HEIGHT}"/>`;
  });
  const name = `${messageName(step)}${step.again ? ' (again)' : ''}`;
  if (from < 0 || to < 0 || from === to) {
    const x = percentText(Math.max(from, to, 0.5 / Math.max(1, hosts.length)));
    lines.push(`<text x="${x}" y="14" text-anchor="middle">${escaped(name)}</text>`);
  } else {
    const kind = step.status === null ? 'request' : step.status >= 400 ? 'refusal' : 'response';
    const tip = to > from ? 'M0 0l-9-5v10z' : 'M0 0l9-5v10z';
    lines.push(
      `<line class="${kind}" x1="${percentText(from)}" x2="${percentText(to)}" y1="24" y2="24"/>`,
      `<svg x="${percentText(to)}" y="24" width="1" height="1" overflow="visible"><path class="${kind}" d="${tip}"/></svg>`,
      `<text x="${percentText((from + to) / 2)}" y="17" text-anchor="middle">${escaped(name)}</text>`,
    );
  }
  return new Html(
    `<svg width="100%" height="${ROW_HEIGHT}" aria-hidden="true" focusable="false">${lines.join('')}</svg>`,
  );
}

function notes({ left, copies }: ShownLadder): Html | null {
  const parts: string[] = [];
  if (left > 0) parts.push(`${counted(left, 'later message')} not kept`);
  if (copies > 0) parts.push(`${counted(copies, 'copy').replace('copys', 'copies')} by the mirror left out`);
  return parts.length === 0 ? null : html`<p class="dim">${parts.join('; ')}.</p>`;
}

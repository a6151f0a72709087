import { findingEntry } from '../../records/finding-codes.ts';
import { OWNER_WORDS } from '../../records/findings-page.ts';
import { counted, grouped, moment } from '../amounts.ts';
import type { ReportCall, ReportFinding } from '../contract.ts';
import { directionWords, heldBackWhy } from '../finding-notes.ts';
import type { Pointer } from './evidence-contract.ts';
import { severityMark } from './marks.ts';
import { type Html, html } from './template.ts';

/** A finding and its packets. */
export interface PointedFinding {
  finding: ReportFinding;
  packets: Pointer | null;
}

/** Findings with what they mean, what to check first, and the packets to look at. `withDay`: nothing else says of which day. */
export function findingsView(findings: readonly PointedFinding[], withDay = false): Html {
  if (findings.length === 0) return html`<p class="dim">No findings.</p>`;
  // What a code usually means is said once.
  const told = new Set<string>();
  const items = findings.map((pointed) => {
    const isNew = !told.has(pointed.finding.code);
    told.add(pointed.finding.code);
    return findingItem(pointed, isNew, withDay);
  });
  return html`<ul class="findings">${items}</ul>`;
}

function findingItem({ finding, packets }: PointedFinding, withAdvice: boolean, withDay: boolean): Html {
  const { severity, code, text, streamId, direction, startTime, endTime, evidence } = finding;
  const where = [directionWords(direction), streamId].filter((part) => part !== null).join(', ');
  const entry = findingEntry(code);
  const figures = Object.entries(evidence).map(([name, value]) => `${name} ${value ?? 'unknown'}`);
  const until = endTime === null ? 'open' : moment(endTime, withDay);
  const advice =
    entry === null || !withAdvice
      ? null
      : html`<p class="dim">Usually: ${entry.usually} <b>Check first:</b> ${entry.check} Usually owned by: ${entry.owner.map((name) => OWNER_WORDS[name]).join(', ')}.</p>`;
  return html`<li>${severityMark(severity)} <b>${code}</b>${where === '' ? null : html` <span class="dim">${where}</span>`}
<p>${text}</p>
<p class="dim">${moment(startTime, withDay)} to ${until} UTC${figures.length === 0 ? '' : `; ${figures.join(', ')}`}</p>
${pointerView(packets)}${advice}</li>
`;
}

/** Frames and a display filter to find them by. */
export function pointerView(packets: Pointer | null): Html | null {
  if (packets === null || (packets.filter === null && packets.frames === null)) return null;
  const { frames, file, filter, goesOn } = packets;
  const range =
    frames === null
      ? null
      : frames.first === frames.last
        ? `frame ${frames.first}`
        : `frames ${frames.first} to ${frames.last} (${counted(frames.count, 'packet')} among ${grouped(frames.last - frames.first + 1)})`;
  return html`<p class="packets"><span>Packets: ${range ?? 'those of this filter'}${file === null ? '' : ` of ${file}`}${goesOn ? ', and more in further files' : ''}</span>${filter === null ? null : html` <code class="filter">${filter}</code>`}</p>`;
}

/** Findings that were not raised because the capture may explain them, or a scan does, and what a clean call was checked for. */
export function restraint({ heldBack, clean }: ReportCall): Html {
  const held = heldBack.map(({ code, streamId, direction, reason }) => {
    const where = [directionWords(direction), streamId].filter((part) => part !== null).join(', ');
    return html`<li><b>${code}</b>${where === '' ? '' : `, ${where}`}: ${reason}</li>`;
  });
  return html`${held.length === 0 ? null : html`<h4>Held back, because ${heldBackWhy(heldBack)}</h4><ul>${held}</ul>`}
${
  clean === null
    ? null
    : html`<h4>Clean at this point</h4><ul class="plain">${clean.checked.map((line) => html`<li>\u2713 checked: ${line}</li>`)}${clean.notSeen.map((line) => html`<li>\u25cb not seen: ${line}</li>`)}</ul>`
}`;
}

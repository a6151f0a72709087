import { alertLines } from '../alert-lines.ts';
import { clock, counted, fixed } from '../amounts.ts';
import { assumptionsText } from '../assumptions.ts';
import type { ReportQuality } from '../contract.ts';
import type { Report } from '../report.ts';
import { everything } from '../selection.ts';
import { shownSignalling, shownStream, shownTrunk } from '../shown-records.ts';
import type { ReportRegistration } from '../signalling-contract.ts';
import { signallingLines } from '../signalling-lines.ts';
import { neutralised } from '../wire-text.ts';
import { type Html, html } from './template.ts';

const ROWS_SHOWN = 200;
/** Streams whose assumptions are gathered: they hardly differ. */
const ASSUMPTIONS_READ = 2000;

/** Ratios and delays of signalling, alerts, trunks and registrations; what there is of them. */
export function signallingSections(report: Report): Html {
  const { signalling = null, alerts } = report;
  const lines = signalling === null ? [] : [...signallingLines(shownSignalling(signalling), {})].slice(2);
  return html`${
    lines.length === 0
      ? null
      : html`<section aria-labelledby="signalling"><h2 id="signalling">Signalling, as seen at this point</h2>
<dl class="facts">${lines.map(factOf)}</dl></section>`
  }
${
  alerts === undefined
    ? null
    : html`<section aria-labelledby="alerts"><h2 id="alerts">Alerts that the rules would have raised</h2>
<ul class="plain">${[...alertLines(alerts, {})].slice(2).map((line) => html`<li>${neutralised(line.trim())}</li>`)}</ul>
${alerts.raised.length === 0 ? html`<p class="dim">None.</p>` : null}</section>`
}
${trunks(report)}${registrations(report)}`;
}

/** A line of the terminal, `  label       text`, as a name and a value. */
function factOf(line: string): Html {
  const text = line.trim();
  const gap = text.search(/ {2,}/);
  if (gap < 0) return html`<div><dt></dt><dd>${text}</dd></div>`;
  return html`<div><dt>${text.slice(0, gap)}</dt><dd>${text.slice(gap).trim()}</dd></div>`;
}

function trunks(report: Report): Html | null {
  const { records } = report;
  const selected = [...(report.selection ?? everything(records)).trunks];
  if (selected.length === 0) return null;
  const rows = selected.slice(0, ROWS_SHOWN).map((sequence) => {
    const { id, src, dst, party, state, downMs, delay } = shownTrunk(records, sequence);
    const where = [src, dst].map((end) => (end === null ? '?' : `${end.ip}:${end.port}`)).join(' to ');
    return html`<tr><th scope="row">${id}</th><td>${where}${party === null ? '' : `, ${party}`}</td><td>${state}</td><td class="n">${fixed(downMs / 1000, 1)}</td><td class="n">${fixed(delay.p95Ms, 1)}</td></tr>`;
  });
  return html`<section aria-labelledby="trunks"><h2 id="trunks">Trunks (OPTIONS)</h2><div class="scroll" tabindex="0" role="region" aria-label="Trunks"><table>
<thead><tr><th scope="col">trunk</th><th scope="col">between</th><th scope="col">state</th><th scope="col" class="n">down, s</th><th scope="col" class="n">answer p95 ms</th></tr></thead>
<tbody>${rows}</tbody></table></div>${rest(selected.length)}</section>`;
}

function registrations(report: Report): Html | null {
  const { records } = report;
  const selected = [...(report.selection ?? everything(records)).registrations];
  if (selected.length === 0) return null;
  const good = (sequence: number): number =>
    records.registrations.summary(sequence).state === 'registered' ? 1 : 0;
  selected.sort((a, b) => good(a) - good(b));
  const rows = selected.slice(0, ROWS_SHOWN).map((sequence) => {
    const record = JSON.parse(records.registrations.text(sequence)) as ReportRegistration;
    return html`<tr><td>${record.aor}</td><td>${record.contact ?? '-'}</td><td>${record.source ?? '-'}</td><td>${record.state}</td><td>${clock(record.startTime)}</td></tr>`;
  });
  return html`<section aria-labelledby="registrations"><h2 id="registrations">Registrations</h2><div class="scroll" tabindex="0" role="region" aria-label="Registrations"><table>
<thead><tr><th scope="col">user</th><th scope="col">contact</th><th scope="col">source</th><th scope="col">state</th><th scope="col">since (UTC)</th></tr></thead>
<tbody>${rows}</tbody></table></div>${rest(selected.length)}</section>`;
}

function rest(all: number): Html | null {
  return all > ROWS_SHOWN ? html`<p class="dim">${counted(all - ROWS_SHOWN, 'more row')}.</p>` : null;
}

/** What all scores rest on, and how to read the page. */
export function footer(report: Report): Html {
  const { records, tool } = report;
  const selection = report.selection ?? everything(records);
  const qualities: ReportQuality[] = [];
  for (const stream of selection.streams) {
    if (qualities.length >= ASSUMPTIONS_READ) break;
    const { quality } = shownStream(records, stream);
    if (quality !== null) qualities.push(quality);
  }
  const assumptions = assumptionsText(qualities);
  return html`<footer class="dim">${assumptions === null ? null : html`<p>${assumptions.charAt(0).toUpperCase() + assumptions.slice(1)}.</p>`}
<p>R and MOS-CQ include delay, MOS-LQ does not; a dash is a value that is not known. Frame numbers are those of Wireshark. All times UTC.</p>
${report.privacy === undefined ? null : html`<p>${report.privacy.text}</p>`}
<p>${tool.name} ${tool.version}. This page loads nothing and sends nothing.</p></footer>`;
}

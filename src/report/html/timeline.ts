import type { Verdict } from '../../records/types.ts';
import { counted, isOfSeveralDays, moment } from '../amounts.ts';
import { isoMicros } from '../iso-time.ts';
import { VERDICT_RANK } from '../worst-first.ts';
import type { CallFacts } from './call-facts.ts';
import { VERDICT_WORDS, verdictMark } from './marks.ts';
import { escaped, Html, html } from './template.ts';
import { markTexts, percentText, placeOf, type TimeAxis } from './time-axis.ts';

/** Up to so many calls each gets a bar of its own; of more, the number of each verdict is drawn. */
const BARS_MAX = 400;
const BAR_HEIGHT = 9;
const LANE_HEIGHT = 11;
const LANES_MAX = 60;
const BINS = 120;
const BINS_HEIGHT = 130;
const AXIS_HEIGHT = 20;

/** All calls on one axis of time, coloured and patterned by verdict. */
export function timeline(calls: readonly CallFacts[]): Html {
  if (calls.length === 0) return html`<p class="dim">No calls.</p>`;
  const axis = axisOf(calls);
  const legend = (['healthy', 'media', 'signalling', 'both', 'unknown'] as const)
    .filter((verdict) => calls.some((call) => call.verdict === verdict))
    .map((verdict) => html`<span>${swatch(verdict)}${verdictMark(verdict)}</span>`);
  const single = calls.length <= BARS_MAX;
  const picture = single ? bars(calls, axis) : bins(calls, axis);
  const note = single
    ? 'One bar for each call, from its first to its last packet. Bars lead to their calls.'
    : `Calls up in each of ${BINS} equal times, by verdict.`;
  return html`<div class="legend">${legend}</div>${picture}<p class="dim">${note}</p>`;
}

function axisOf(calls: readonly CallFacts[]): TimeAxis {
  let [startUs, endUs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const call of calls) {
    startUs = Math.min(startUs, call.startUs);
    endUs = Math.max(endUs, call.endUs);
  }
  return { startUs, endUs: Math.max(endUs, startUs + 1000) };
}

function swatch(verdict: Verdict): Html {
  return new Html(
    `<svg class="swatch" width="18" height="12" aria-hidden="true"><rect class="f-${verdict}" width="18" height="12"/></svg>`,
  );
}

/** Hatches, so that verdicts differ without colour; once on the page. */
export const PATTERNS = new Html(`<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>
<pattern id="p-signalling" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="b-signalling" width="6" height="6"/><rect class="hatch" width="2" height="6"/></pattern>
<pattern id="p-both" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="b-both" width="6" height="6"/><rect class="hatch" width="2" height="6"/><rect class="hatch" width="6" height="2"/></pattern>
</defs></svg>`);

function timeTexts(axis: TimeAxis, y: number): string {
  const lengthS = (axis.endUs - axis.startUs) / 1e6;
  // Of `2026-03-02 09:00:00.000` as much as tells marks apart.
  const from = isOfSeveralDays(axis) ? 5 : 11;
  const until = lengthS < 7 ? 23 : from === 5 && lengthS > 900 ? 16 : 19;
  return markTexts(axis, y, (afterS) =>
    moment(isoMicros(axis.startUs + afterS * 1e6), true).slice(from, until),
  );
}

function summaryOf(calls: readonly CallFacts[], axis: TimeAxis): string {
  const counts = Object.entries(VERDICT_WORDS)
    .map(([verdict, { word }]) => [calls.filter((call) => call.verdict === verdict).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  const withDay = isOfSeveralDays(axis);
  return `Timeline of ${counted(calls.length, 'call')} from ${moment(isoMicros(axis.startUs), withDay)} to ${moment(isoMicros(axis.endUs), withDay)} UTC: ${counts.join(', ')}`;
}

function bars(calls: readonly CallFacts[], axis: TimeAxis): Html {
  const ends: number[] = [];
  const lengthUs = axis.endUs - axis.startUs;
  let content = '';
  for (const call of [...calls].sort((a, b) => a.startUs - b.startUs)) {
    let lane = ends.findIndex((end) => end <= call.startUs);
    if (lane < 0) lane = ends.length < LANES_MAX ? ends.length : ends.indexOf(Math.min(...ends));
    const width = Math.max(0.003, (call.endUs - call.startUs) / lengthUs);
    // A hair of room between neighbours.
    ends[lane] = Math.max(call.endUs, call.startUs + width * lengthUs) + lengthUs * 0.002;
    const tip = `${call.id} ${VERDICT_WORDS[call.verdict].word}, ${moment(call.startTime, isOfSeveralDays(axis))}, ${call.from ?? '?'} to ${call.to ?? '?'}${call.findings.length === 0 ? '' : `: ${call.findings.join(', ')}`}`;
    content += `<rect class="f-${call.verdict}" data-call="${call.id}" x="${percentText(placeOf(axis, call.startUs))}" width="${percentText(width)}" y="${lane * LANE_HEIGHT + 1}" height="${BAR_HEIGHT}" rx="1.5"><title>${escaped(tip)}</title></rect>`;
  }
  const height = ends.length * LANE_HEIGHT + AXIS_HEIGHT;
  return new Html(
    `<svg class="timeline" width="100%" height="${height}" role="img" aria-label="${escaped(summaryOf(calls, axis))}">${content}${timeTexts(axis, height - 5)}</svg>`,
  );
}

function bins(calls: readonly CallFacts[], axis: TimeAxis): Html {
  const verdicts = Object.keys(VERDICT_RANK).reverse() as Verdict[];
  const counts = new Map(verdicts.map((verdict) => [verdict, new Float64Array(BINS)]));
  const place = (us: number): number => Math.min(BINS - 1, Math.max(0, Math.floor(placeOf(axis, us) * BINS)));
  for (const call of calls) {
    const column = counts.get(call.verdict)!;
    const last = place(call.endUs);
    for (let bin = place(call.startUs); bin <= last; bin++) column[bin]!++;
  }
  const sums = Array.from({ length: BINS }, (_, bin) =>
    verdicts.reduce((sum, verdict) => sum + counts.get(verdict)![bin]!, 0),
  );
  const top = Math.max(1, ...sums);
  let content = '';
  for (let bin = 0; bin < BINS; bin++) {
    let y = BINS_HEIGHT;
    for (const verdict of verdicts) {
      const count = counts.get(verdict)![bin]!;
      if (count === 0) continue;
      const height = (count / top) * (BINS_HEIGHT - 14);
      y -= height;
      const tip = `${count} ${VERDICT_WORDS[verdict].word}`;
      content += `<rect class="f-${verdict}" x="${percentText(bin / BINS)}" width="${percentText(0.9 / BINS)}" y="${Math.round(y * 10) / 10}" height="${Math.round(height * 10) / 10}"><title>${tip}</title></rect>`;
    }
  }
  const height = BINS_HEIGHT + AXIS_HEIGHT;
  return new Html(
    `<svg class="timeline" width="100%" height="${height}" role="img" aria-label="${escaped(summaryOf(calls, axis))}"><text x="0" y="10">${top} at once</text>${content}${timeTexts(axis, height - 5)}</svg>`,
  );
}

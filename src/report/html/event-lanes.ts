import type { ReportFinding, ReportStream } from '../contract.ts';
import { directionWords } from '../finding-notes.ts';
import { microsOf } from '../iso-time.ts';
import { handovers } from '../stream-handovers.ts';
import { messageName } from './ladder-view.ts';
import { escaped, Html, html } from './template.ts';
import { percentText, placeOf, type TimeAxis } from './time-axis.ts';
import type { ChartMatter } from './time-chart.ts';

/** Rows of findings, and events of one lane; what is beyond stands in the lists below the chart. */
const FINDINGS_SHOWN = 8;
const EVENTS_SHOWN = 60;
/** Labels nearer than this share of the width are left out. */
const LABEL_ROOM = 0.075;
const LANE_HEIGHT = 18;

/** Something at a moment, or over some time. */
interface Item {
  fromUs: number;
  toUs: number;
  label: string;
  kind: string;
}

/** Signalling, keys, gaps, new SSRCs, packet marking and findings, each in a lane over the axis of the charts. */
export function eventLanes(matter: ChartMatter, axis: TimeAxis): Html {
  const lanes: Html[] = [];
  const sip = sipItems(matter);
  if (sip.length > 0) lanes.push(lane('SIP', 'SIP messages', sip, axis));
  for (const direction of ['callerToCallee', 'calleeToCaller'] as const) {
    const streams = matter.streams.filter((stream) => (stream.direction ?? 'callerToCallee') === direction);
    const words = direction === 'callerToCallee' ? 'to callee' : 'to caller';
    const events = [...streams.flatMap((stream) => mediaItems(stream, matter)), ...handoverItems(streams)];
    if (events.length > 0)
      lanes.push(lane(`events ${words}`, `Keys, gaps and new SSRCs ${words}`, events, axis));
    const marking = streams.flatMap((stream) => markingItems(stream, matter));
    if (marking.length > 0) lanes.push(lane(`DSCP ${words}`, `DSCP ${words}`, marking, axis));
  }
  const timed = matter.findings.filter(({ startTime }) => startTime !== null);
  for (const finding of timed.slice(0, FINDINGS_SHOWN))
    lanes.push(lane('finding', `Finding ${finding.code}`, [findingItem(finding, axis)], axis));
  return html`${lanes}`;
}

function sipItems({ ladder }: ChartMatter): Item[] {
  return (ladder?.steps ?? []).slice(0, EVENTS_SHOWN).map((step) => ({
    fromUs: step.timeUs,
    toUs: step.timeUs,
    label: step.status === null ? step.method : messageName({ ...step, reasonPhrase: null }),
    kind: step.status !== null && step.status >= 400 ? 'bad' : 'sip',
  }));
}

function mediaItems(stream: ReportStream, { momentsOf }: ChartMatter): Item[] {
  const startUs = microsOf(stream.startTime);
  if (startUs === null) return [];
  const keys = stream.events.slice(0, EVENTS_SHOWN).flatMap(({ digit, startTime, durationMs }) => {
    const fromUs = microsOf(startTime);
    if (fromUs === null) return [];
    return [
      {
        fromUs,
        toUs: fromUs + (durationMs ?? 0) * 1000,
        label: digit === 'x' ? '\u2022' : digit,
        kind: 'key',
      },
    ];
  });
  const gaps = (momentsOf(stream.id)?.gaps ?? []).slice(0, EVENTS_SHOWN).map(({ atMs, durationMs }) => ({
    fromUs: startUs + atMs * 1000,
    toUs: startUs + (atMs + durationMs) * 1000,
    label: `no packets ${(durationMs / 1000).toFixed(1)} s`,
    kind: 'gap',
  }));
  return [...keys, ...gaps];
}

function handoverItems(streams: readonly ReportStream[]): Item[] {
  return handovers(streams)
    .slice(0, EVENTS_SHOWN)
    .map(({ after, atUs }) => ({ fromUs: atUs, toUs: atUs, label: `SSRC ${after.ssrc}`, kind: 'plain' }));
}

const DSCP_NAMES: Readonly<Record<number, string>> = {
  0: 'BE',
  8: 'CS1',
  10: 'AF11',
  16: 'CS2',
  18: 'AF21',
  24: 'CS3',
  26: 'AF31',
  32: 'CS4',
  34: 'AF41',
  40: 'CS5',
  44: 'VA',
  46: 'EF',
  48: 'CS6',
  56: 'CS7',
};

/** A marking by name and number: `EF (46)`. */
export function dscpText(dscp: number): string {
  const name = DSCP_NAMES[dscp];
  return name === undefined ? `DSCP ${dscp}` : `${name} (${dscp})`;
}

function markingItems(stream: ReportStream, { momentsOf }: ChartMatter): Item[] {
  const startUs = microsOf(stream.startTime);
  const endUs = microsOf(stream.endTime);
  if (startUs === null || endUs === null || stream.dscp.length === 0) return [];
  const path = (momentsOf(stream.id)?.path ?? []).filter(({ dscp }) => dscp !== null);
  // Without a history the marks are known, but not when they changed.
  if (path.length < 2) {
    const label = stream.dscp.map(dscpText).join(' or ');
    return [{ fromUs: startUs, toUs: endUs, label, kind: stream.dscp[0] === 46 ? 'good' : 'plain' }];
  }
  const items: Item[] = [];
  for (const { atMs, dscp } of path.slice(0, EVENTS_SHOWN)) {
    const fromUs = startUs + atMs * 1000;
    const before = items[items.length - 1];
    const label = dscpText(dscp!);
    if (before?.label === label) continue;
    if (before !== undefined) before.toUs = fromUs;
    items.push({ fromUs, toUs: endUs, label, kind: dscp === 46 ? 'good' : 'plain' });
  }
  return items;
}

function findingItem(finding: ReportFinding, axis: TimeAxis): Item {
  const fromUs = microsOf(finding.startTime) ?? axis.startUs;
  const where = directionWords(finding.direction);
  return {
    fromUs,
    toUs: microsOf(finding.endTime) ?? axis.endUs,
    label: `${finding.code}${where === null ? '' : `, ${where}`}`,
    kind: `s-${finding.severity}`,
  };
}

function lane(name: string, label: string, items: readonly Item[], axis: TimeAxis): Html {
  let content = '';
  let labels = '';
  let lastLabel = Number.NEGATIVE_INFINITY;
  for (const item of [...items].sort((a, b) => a.fromUs - b.fromUs)) {
    const from = Math.min(1, Math.max(0, placeOf(axis, item.fromUs)));
    const to = Math.min(1, Math.max(from, placeOf(axis, item.toUs)));
    const tip = `<title>${escaped(item.label)}</title>`;
    content += `<rect class="k-${item.kind}" data-f="${short(from)}" data-t="${short(to)}" x="${percentText(from)}" width="${percentText(Math.max(to - from, 0.002))}" y="2" height="${LANE_HEIGHT - 4}" rx="1">${tip}</rect>`;
    if (from - lastLabel < LABEL_ROOM) continue;
    lastLabel = from;
    const anchor = from > 0.8 ? 'end' : 'start';
    labels += `<text data-f="${short(from)}" data-t="${short(to)}" x="${percentText(from)}" dx="${anchor === 'end' ? -4 : 4}" y="13" text-anchor="${anchor}">${escaped(item.label)}</text>`;
  }
  const spoken = `${label}: ${items.map((item) => item.label).join(', ')}`;
  return html`<div class="panel lane-row"><span class="yl"><b>${name}</b></span>
${new Html(`<svg class="lanes" width="100%" height="${LANE_HEIGHT}" role="img" aria-label="${escaped(spoken)}">${content}${labels}</svg>`)}</div>
`;
}

function short(value: number): string {
  return String(Math.round(value * 1e5) / 1e5);
}

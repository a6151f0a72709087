import { clock, counted, fixed } from '../amounts.ts';
import type { ReportCall, ReportFinding, ReportStream } from '../contract.ts';
import { isoMicros, microsOf } from '../iso-time.ts';
import { barPath, coordinate, niceTop, PLOT_WIDTH, type Point, pointsOf, stepPath } from './chart-lines.ts';
import { eventLanes } from './event-lanes.ts';
import type { ShownLadder } from './evidence-contract.ts';
import type { Moments } from './stream-moments.ts';
import { escaped, Html, html } from './template.ts';
import { afterText, markTexts, placeOf, type TimeAxis } from './time-axis.ts';

const MOS_TOP = 5;
/** The least that an axis shows: loss of 1 %, 10 ms. */
const LOSS_LEAST = 0.01;
const DELAY_LEAST_MS = 10;
/** A run of losses this long fills its strip. */
const RUN_TOP = 64;

/** What one call's charts are made of. */
export interface ChartMatter {
  call: ReportCall | null;
  streams: readonly ReportStream[];
  findings: readonly ReportFinding[];
  ladder: ShownLadder | null;
  momentsOf(stream: string): Moments | null;
}

/** A stream's line: its points, and which way it goes. */
interface Line {
  stream: ReportStream;
  way: 'a' | 'b';
  points: Point[];
  moments: Moments | null;
}

/** Quality, loss, delay, losses and events of a call in charts over one axis of time; null without media. */
export function timeChart(matter: ChartMatter): Html | null {
  const axis = axisOf(matter);
  if (axis === null || matter.streams.length === 0) return null;
  const lines = matter.streams.map((stream) => ({
    stream,
    way: stream.direction === 'calleeToCaller' ? ('b' as const) : ('a' as const),
    points: pointsOf(stream, axis),
    moments: matter.momentsOf(stream.id),
  }));
  const id = matter.call?.id ?? matter.streams[0]!.id;
  const title = `Quality over time, from ${clock(isoMicros(axis.startUs))} to ${clock(isoMicros(axis.endUs))} UTC`;
  return html`<div class="chart" data-chart="${dataOf(axis, lines)}">
<div class="legend"><span class="key way-a">caller to callee</span><span class="key way-b">callee to caller</span>
<span class="dim">loss and loss runs: up to the callee, down to the caller; pale: discarded</span>
<span class="tools" role="group" aria-label="Zoom of the chart of ${id}"></span></div>
<div class="plots" role="group" aria-label="${title}">
${qualityPanel(lines)}${lossPanel(lines)}${delayPanel(lines)}${runsPanel(lines, axis)}
${eventLanes(matter, axis)}
<div class="panel"><span class="yl"></span><svg class="xaxis" width="100%" height="18" aria-hidden="true">${new Html(markTexts(axis, 13, afterText))}</svg></div>
</div><p class="readout dim" aria-live="polite"></p></div>
${intervalTable(id, lines)}`;
}

function axisOf({ call, streams }: ChartMatter): TimeAxis | null {
  const times = [call?.startTime ?? null, call?.endTime ?? null]
    .concat(streams.flatMap(({ startTime, endTime }) => [startTime, endTime]))
    .map(microsOf)
    .filter((us) => us !== null);
  return times.length < 2 ? null : { startUs: Math.min(...times), endUs: Math.max(...times) };
}

/** What the page's script reads values from: per stream its name and rows of start, length and measurements. */
function dataOf(axis: TimeAxis, lines: readonly Line[]): string {
  const round = (value: number | null, scale: number): number | null =>
    value === null ? null : Math.round(value * scale) / scale;
  const series = lines.map(({ stream, way, points }) => ({
    name: `${way === 'a' ? 'to callee' : 'to caller'} ${stream.id}`,
    rows: points.map((point) => [
      ...[round((point.startUs - axis.startUs) / 1000, 1), round(point.durationMs, 1)],
      ...[round(point.lost, 1e4), round(point.discarded, 1e4), round(point.jitterMs, 10)],
      ...[round(point.pdvP95Ms, 10), round(point.mosLq, 100)],
    ]),
  }));
  return JSON.stringify({ lengthMs: (axis.endUs - axis.startUs) / 1000, series });
}

/** One plot with its name and the ends of its axis on the left. */
function panel(
  name: string,
  height: number,
  top: string,
  bottom: string,
  label: string,
  content: string,
): Html {
  return html`<div class="panel"><span class="yl"><b>${name}</b><span>${top}</span><span>${bottom}</span></span>
${new Html(`<svg class="plot" width="100%" height="${height}" viewBox="0 0 ${PLOT_WIDTH} ${height}" preserveAspectRatio="none" role="img" aria-label="${escaped(label)}">${content}</svg>`)}</div>
`;
}

function gridLine(y: number): string {
  return `<path class="grid" d="M0 ${coordinate(y)}H${PLOT_WIDTH}"/>`;
}

function qualityPanel(lines: readonly Line[]): Html | null {
  if (!lines.some(({ points }) => points.some(({ mosLq }) => mosLq !== null))) return null;
  const height = 78;
  const y = (mos: number): number => height - 3 - ((mos - 1) / (MOS_TOP - 1)) * (height - 6);
  const paths = lines.map(
    ({ way, points }) => `<path class="line way-${way}" d="${stepPath(points, ({ mosLq }) => mosLq, y)}"/>`,
  );
  const lowest = lines.map(({ stream, points }) => {
    const known = points.map(({ mosLq }) => mosLq).filter((mos) => mos !== null);
    return `${wayWords(stream)} ${known.length === 0 ? 'not scored' : `lowest ${fixed(Math.min(...known), 2)}`}`;
  });
  const grid = [2, 3, 4].map((mos) => gridLine(y(mos))).join('');
  return panel('MOS-LQ', height, '5', '1', `MOS-LQ over time: ${lowest.join(', ')}`, grid + paths.join(''));
}

function lossPanel(lines: readonly Line[]): Html {
  const height = 84;
  const middle = height / 2;
  const missed = (point: Point): number => (point.lost ?? 0) + (point.discarded ?? 0);
  const worst = Math.max(0, ...lines.flatMap(({ points }) => points.map(missed)));
  const top = niceTop(worst, LOSS_LEAST);
  const length = (ratio: number): number => Math.min(1, ratio / top) * (middle - 3);
  const paths = lines.map(({ way, points }) => {
    const sign = way === 'a' ? -1 : 1;
    const lost = barPath(points, ({ lost: ratio }) =>
      ratio === null || ratio === 0 ? null : [middle, middle + sign * length(ratio)],
    );
    const late = barPath(points, (point) =>
      point.discarded === null || point.discarded === 0
        ? null
        : [middle + sign * length(point.lost ?? 0), middle + sign * length(missed(point))],
    );
    return `<path class="bar way-${way}" d="${lost}"/><path class="bar late way-${way}" d="${late}"/>`;
  });
  const label = `Loss and discard over time, at most ${fixed(worst * 100, 1)} % in one interval`;
  const share = `${fixed(top * 100, top < 0.1 ? 1 : 0)} %`;
  return panel('loss', height, share, share, label, gridLine(middle) + paths.join(''));
}

function delayPanel(lines: readonly Line[]): Html {
  const height = 84;
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ jitterMs, pdvP95Ms }) => [jitterMs ?? 0, pdvP95Ms ?? 0]),
  );
  const worst = Math.max(0, ...values);
  const top = niceTop(worst, DELAY_LEAST_MS);
  const y = (ms: number): number => height - 3 - Math.min(1, ms / top) * (height - 6);
  const paths = lines.map(
    ({ way, points }) =>
      `<path class="line thin way-${way}" d="${stepPath(points, ({ pdvP95Ms }) => pdvP95Ms, y)}"/>` +
      `<path class="line way-${way}" d="${stepPath(points, ({ jitterMs }) => jitterMs, y)}"/>`,
  );
  const label = `Jitter (thick) and 95th percentile of delay variation (thin) over time, at most ${fixed(worst, 1)} ms`;
  return panel(
    'jitter, PDV',
    height,
    `${fixed(top, 0)} ms`,
    '0',
    label,
    gridLine(y(top / 2)) + paths.join(''),
  );
}

/** Every run of lost packets where it was: up to the callee, down to the caller, longer ones longer. */
function runsPanel(lines: readonly Line[], axis: TimeAxis): Html | null {
  if (!lines.some(({ moments }) => (moments?.losses.length ?? 0) > 0)) return null;
  const height = 56;
  const middle = height / 2;
  let longest = 0;
  let runs = 0;
  let dropped = 0;
  const paths = lines.map(({ way, stream, moments }) => {
    let path = '';
    const startUs = microsOf(stream.startTime) ?? axis.startUs;
    for (let i = 0; i < (moments?.losses.length ?? 0); i++) {
      const packets = moments!.losses.value(i);
      const x = placeOf(axis, startUs + moments!.losses.atMs(i) * 1000) * PLOT_WIDTH;
      const reach = (0.18 + 0.82 * Math.min(1, Math.log(packets) / Math.log(RUN_TOP))) * (middle - 2);
      path += `M${coordinate(x)} ${middle}v${coordinate(way === 'a' ? -reach : reach)}`;
      longest = Math.max(longest, packets);
      runs++;
    }
    dropped += moments?.losses.dropped ?? 0;
    return `<path class="tick way-${way}" d="${path}"/>`;
  });
  const label = `Runs of lost packets where they were: ${runs}, the longest of ${longest} packets${dropped === 0 ? '' : `; ${dropped} later runs are not drawn`}`;
  const picture = panel(
    'loss runs',
    height,
    `${RUN_TOP}+`,
    `${RUN_TOP}+`,
    label,
    gridLine(middle) + paths.join(''),
  );
  if (dropped === 0) return picture;
  return html`${picture}<p class="dim">${counted(dropped, 'later loss run')} not drawn: the first 256 of each stream are kept.</p>`;
}

function wayWords({ direction }: ReportStream): string {
  return direction === 'calleeToCaller' ? 'to caller' : direction === null ? 'way unknown' : 'to callee';
}

/** The same in figures: for those who cannot see the chart, or have no scripts. */
function intervalTable(id: string, lines: readonly Line[]): Html {
  const rows = lines.flatMap(({ stream, points }) =>
    thinned(points).map(
      (point) => html`<tr><td>${clock(isoMicros(point.startUs))}</td><td>${wayWords(stream)} ${stream.id}</td>
<td class="n">${fixed(point.durationMs / 1000, 1)}</td><td class="n">${share(point.lost)}</td><td class="n">${share(point.discarded)}</td>
<td class="n">${fixed(point.jitterMs, 1)}</td><td class="n">${fixed(point.pdvP95Ms, 1)}</td><td class="n">${fixed(point.mosLq, 2)}</td></tr>
`,
    ),
  );
  return html`<details><summary>The chart in figures</summary><div class="scroll" tabindex="0" role="region" aria-label="Intervals of ${id}"><table>
<thead><tr><th scope="col">from (UTC)</th><th scope="col">stream</th><th scope="col" class="n">s</th><th scope="col" class="n">loss %</th><th scope="col" class="n">discard %</th>
<th scope="col" class="n">jitter ms</th><th scope="col" class="n">PDV p95 ms</th><th scope="col" class="n">MOS-LQ</th></tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

const ROWS_MAX = 36;

/** The worst intervals where there are too many for a table, in their order. */
function thinned(points: readonly Point[]): Point[] {
  if (points.length <= ROWS_MAX) return [...points];
  const badness = (point: Point): number =>
    (point.lost ?? 0) + (point.discarded ?? 0) + (5 - (point.mosLq ?? 5));
  const worst = [...points].sort((a, b) => badness(b) - badness(a)).slice(0, ROWS_MAX);
  return worst.sort((a, b) => a.startUs - b.startUs);
}

function share(ratio: number | null): string {
  return fixed(ratio === null ? null : ratio * 100, 1);
}

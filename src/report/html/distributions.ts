import { counted, fixed } from '../amounts.ts';
import type { Measurements } from './call-facts.ts';
import { niceTop } from './chart-lines.ts';
import { escaped, Html, html } from './template.ts';

const BINS = 28;
const WIDTH = 280;
const HEIGHT = 74;
const FLOOR = HEIGHT - 16;

interface Quantity {
  name: string;
  unit: string;
  /** Of what there is one value each. */
  noun: string;
  values: number[];
  decimals: number;
  /** Low values are the bad ones. */
  lowIsBad?: boolean;
  /** Ends of the axis, where they are given by nature. */
  range?: readonly [number, number];
  leastTop: number;
}

/** Every measurement as a histogram with its percentiles. */
export function distributions(m: Measurements): Html {
  const quantities: Quantity[] = [
    {
      name: 'MOS-LQ',
      unit: '',
      noun: 'stream',
      values: m.mosLq,
      decimals: 2,
      lowIsBad: true,
      range: [1, 5],
      leastTop: 5,
    },
    { name: 'Loss', unit: '%', noun: 'stream', values: m.lostPercent, decimals: 2, leastTop: 1 },
    {
      name: 'Discard (late or early)',
      unit: '%',
      noun: 'stream',
      values: m.discardPercent,
      decimals: 2,
      leastTop: 1,
    },
    {
      name: 'Jitter, p95 of each stream',
      unit: 'ms',
      noun: 'stream',
      values: m.jitterP95Ms,
      decimals: 1,
      leastTop: 10,
    },
    {
      name: 'Delay variation, p95 of each stream',
      unit: 'ms',
      noun: 'stream',
      values: m.pdvP95Ms,
      decimals: 1,
      leastTop: 10,
    },
    {
      name: 'Post-dial delay',
      unit: 'ms',
      noun: 'call',
      values: m.postDialDelayMs,
      decimals: 0,
      leastTop: 100,
    },
    {
      name: 'Round trip, both sides',
      unit: 'ms',
      noun: 'call',
      values: m.roundTripMs,
      decimals: 1,
      leastTop: 50,
    },
  ];
  const known = quantities.filter(({ values }) => values.length > 0);
  if (known.length === 0) return html`<p class="dim">Nothing was measured.</p>`;
  const short = m.short === 0 ? '' : ` ${counted(m.short, 'stream')} of less than 250 packets left out.`;
  return html`<div class="cards">${known.map(card)}</div>
<p class="dim">Percentiles by nearest rank; heights by square root, so that single bad values show.${short}</p>`;
}

/** The value at a percentile by nearest rank; `sorted` ascending. */
export function nearestRank(sorted: readonly number[], percentile: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)]!;
}

function card(quantity: Quantity): Html {
  const { name, unit, noun, values, decimals, lowIsBad = false } = quantity;
  const sorted = [...values].sort((a, b) => a - b);
  const ranks = lowIsBad ? [50, 25, 10, 5, 1] : [50, 75, 90, 95, 99];
  const worst = lowIsBad ? sorted[0]! : sorted[sorted.length - 1]!;
  const cells = ranks.map((rank) => [`p${rank}`, nearestRank(sorted, rank)] as const);
  const all = [...cells, [lowIsBad ? 'least' : 'most', worst] as const];
  return html`<figure class="card"><figcaption>${name}${unit === '' ? '' : `, ${unit}`} <span class="dim">${counted(values.length, noun)}</span></figcaption>
${histogram(quantity, sorted)}
<table class="compact"><thead><tr>${all.map(([head]) => html`<th scope="col" class="n">${head}</th>`)}</tr></thead>
<tbody><tr>${all.map(([, value]) => html`<td class="n">${fixed(value, decimals)}</td>`)}</tr></tbody></table></figure>
`;
}

function histogram({ name, unit, range, leastTop, decimals }: Quantity, sorted: readonly number[]): Html {
  const bottom = range?.[0] ?? 0;
  const top = range?.[1] ?? niceTop(sorted[sorted.length - 1]!, leastTop);
  const counts = new Array<number>(BINS).fill(0);
  for (const value of sorted) {
    const bin = Math.floor(((value - bottom) / (top - bottom)) * BINS);
    counts[Math.min(BINS - 1, Math.max(0, bin))]!++;
  }
  const most = Math.max(...counts);
  const step = WIDTH / BINS;
  let content = `<path class="grid" d="M0 ${FLOOR}H${WIDTH}"/>`;
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const height = Math.max(1.5, Math.sqrt(count / most) * (FLOOR - 4));
    content += `<rect class="runs" x="${Math.round(i * step * 10) / 10}" width="${Math.round(step * 8.5) / 10}" y="${Math.round((FLOOR - height) * 10) / 10}" height="${Math.round(height * 10) / 10}"/>`;
  }
  const ends = `<text x="0" y="${HEIGHT - 3}">${bottom}</text><text x="${WIDTH}" y="${HEIGHT - 3}" text-anchor="end">${escaped(`${top} ${unit}`.trim())}</text>`;
  const label = `Histogram of ${name}: from ${fixed(sorted[0]!, decimals)} to ${fixed(sorted[sorted.length - 1]!, decimals)} ${unit}`;
  return new Html(
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(label.trim())}">${content}${ends}</svg>`,
  );
}

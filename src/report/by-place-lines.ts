import { ABSENT, counted, fixed, grouped, percent, scoreText } from './amounts.ts';
import { type LinkLoad, linkLoad } from './bandwidth.ts';
import { type PlaceSum, sumsByPlace, type Way } from './by-place.ts';
import { type Column, tableLines } from './columns.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import type { PlaceKind } from './place.ts';
import type { Report } from './report.ts';
import type { Selection } from './selection.ts';
import { neutralised } from './wire-text.ts';

const GROUPS_SHOWN = 10;
const TITLES: Readonly<Record<PlaceKind, string>> = { trunk: 'BY TRUNK', site: 'BY SITE' };

const KBPS: Readonly<Record<Way, string>> = {
  in: 'kbit/s in',
  out: 'kbit/s out',
  unknown: 'kbit/s, way unknown',
};

type LoadedSum = PlaceSum & { loads: Record<Way, LinkLoad | null> };

/** What there is to say of each trunk and site, the worst on top; nothing where no groups are configured. */
export function* byPlaceLines(
  { records, capture }: Report,
  selection: Selection,
  style: TextStyle,
): Generator<string> {
  const paint = style.paint ?? PLAIN;
  for (const kind of records.places?.kinds ?? []) {
    const { groups, outside } = sumsByPlace(records, selection, kind);
    yield '';
    yield paint.bold(title(kind, groups.length));
    const shown = groups.slice(0, GROUPS_SHOWN).map((sum) => {
      const load = (way: Way): LinkLoad | null =>
        linkLoad(
          sum.ways[way].map((stream) => records.streams.summary(stream)),
          capture,
        );
      return { ...sum, loads: { in: load('in'), out: load('out'), unknown: load('unknown') } };
    });
    if (shown.length > 0) yield* tableLines(columnsOf(kind, shown), shown, () => [], style);
    if (groups.length > GROUPS_SHOWN) yield `+${grouped(groups.length - GROUPS_SHOWN)} more`;
    if (outside.calls + outside.streams > 0)
      yield paint.dim(`in none: ${counted(outside.calls, 'call')}, ${counted(outside.streams, 'stream')}`);
  }
}

function title(kind: PlaceKind, groups: number): string {
  if (groups === 0) return `${TITLES[kind]}: no call and no stream is in one`;
  return groups === 1 ? TITLES[kind] : `${TITLES[kind]}, worst first`;
}

function columnsOf(kind: PlaceKind, shown: readonly LoadedSum[]): Column<LoadedSum>[] {
  const bad = (header: keyof PlaceSum['bad']): Column<LoadedSum> => ({
    group: 'bad',
    header,
    align: 'right',
    cell: (sum) => grouped(sum.bad[header]),
    tone: (sum) => (sum.bad[header] > 0 ? 'red' : null),
  });
  return [
    { header: kind, align: 'left', min: 12, cell: ({ name }) => neutralised(name) },
    { header: 'calls', align: 'right', cell: ({ calls }) => grouped(calls) },
    bad('media'),
    bad('signalling'),
    bad('both'),
    {
      header: 'NER %',
      align: 'right',
      cell: ({ attempts, served }) => percent(attempts === 0 ? null : served / attempts),
    },
    {
      header: 'loss %',
      align: 'right',
      cell: ({ expected, lost }) => percent(expected === 0 ? null : lost / expected),
    },
    {
      group: 'worst',
      header: 'R',
      align: 'right',
      cell: ({ worst }) => (worst === null ? ABSENT : scoreText(worst)),
    },
    {
      group: 'worst',
      header: 'MOS',
      align: 'right',
      leaveOut: 1,
      cell: ({ worst }) => (worst === null ? ABSENT : fixed(worst.mos, 2)),
    },
    ...(['in', 'out', 'unknown'] as const).flatMap((way) =>
      shown.some(({ loads }) => loads[way] !== null) ? loadColumns(way) : [],
    ),
  ];
}

/** The most that went one way at one time, the calls that were up then, and what was not exceeded for 95 % of the capture. */
function loadColumns(way: Way): Column<LoadedSum>[] {
  const column = (header: string, leaveOut: number, of: (load: LinkLoad) => number): Column<LoadedSum> => ({
    ...{ group: KBPS[way], header, align: 'right', leaveOut },
    cell: ({ loads }) => (loads[way] === null ? ABSENT : grouped(Math.round(of(loads[way])))),
  });
  return [
    column('peak', 4, ({ peakKbps }) => peakKbps),
    column('calls', 2, ({ callsAtPeak }) => callsAtPeak),
    column('95 %', 3, ({ p95Kbps }) => p95Kbps),
  ];
}

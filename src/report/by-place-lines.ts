import { ABSENT, counted, fixed, grouped, percent, scoreText } from './amounts.ts';
import { type PlaceSum, sumsByPlace } from './by-place.ts';
import { type Column, tableLines } from './columns.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import type { PlaceKind } from './place.ts';
import type { Report } from './report.ts';
import type { Selection } from './selection.ts';
import { neutralised } from './wire-text.ts';

const GROUPS_SHOWN = 10;
const TITLES: Readonly<Record<PlaceKind, string>> = { trunk: 'BY TRUNK', site: 'BY SITE' };

/** What there is to say of each trunk and site, the worst on top; nothing where no groups are configured. */
export function* byPlaceLines(
  { records }: Report,
  selection: Selection,
  style: TextStyle,
): Generator<string> {
  const paint = style.paint ?? PLAIN;
  for (const kind of records.places?.kinds ?? []) {
    const { groups, outside } = sumsByPlace(records, selection, kind);
    yield '';
    yield paint.bold(title(kind, groups.length));
    const shown = groups.slice(0, GROUPS_SHOWN);
    if (shown.length > 0) yield* tableLines(columnsOf(kind), shown, () => [], style);
    if (groups.length > GROUPS_SHOWN) yield `+${grouped(groups.length - GROUPS_SHOWN)} more`;
    if (outside.calls + outside.streams > 0)
      yield paint.dim(`in none: ${counted(outside.calls, 'call')}, ${counted(outside.streams, 'stream')}`);
  }
}

function title(kind: PlaceKind, groups: number): string {
  if (groups === 0) return `${TITLES[kind]}: no call and no stream is in one`;
  return groups === 1 ? TITLES[kind] : `${TITLES[kind]}, worst first`;
}

function columnsOf(kind: PlaceKind): Column<PlaceSum>[] {
  const bad = (header: keyof PlaceSum['bad']): Column<PlaceSum> => ({
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
  ];
}

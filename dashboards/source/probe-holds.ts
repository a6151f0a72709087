import type { Limits } from './limits.ts';
import { line } from './line.ts';
import { gauge, selector } from './promql.ts';
import type { Section } from './spec.ts';

const BY_KEPT = { by: ['kept'] } as const;

/** Evidence that somebody holds. Empty where nothing is kept. */
export function holds(limits: Limits): Section {
  return {
    title: 'Held evidence',
    panels: [
      line({
        title: 'Holds that miss something',
        shows: 'Part of the last minute in which a hold did not get what it is about, by what is held.',
        worry: 'When it crosses the line: evidence goes. "earshot hold list" says which hold it is, and why.',
        unit: 'percentunit',
        max: 1,
        limit: limits.of('HoldIncomplete'),
        targets: [
          {
            expr: `avg_over_time((max by (kept) (${selector('earshot_holds_incomplete')}) > bool 0)[${limits.window('HoldIncomplete')}:10s])`,
            legend: '{{kept}}',
          },
        ],
      }),
      line({
        title: 'Holds',
        shows: 'Holds that stand, and those that are full, by what is held.',
        worry: 'When one is full: it keeps what it has, and gets nothing more.',
        unit: 'short',
        targets: [
          { expr: gauge('earshot_holds', BY_KEPT), legend: '{{kept}}' },
          { expr: gauge('earshot_holds_full', BY_KEPT), legend: '{{kept}}, full' },
        ],
      }),
      line({
        title: 'Room that holds take',
        shows: 'Octets of the files that are held, by what is held.',
        worry: 'When the disk has no room for that and what is kept.',
        unit: 'bytes',
        targets: [{ expr: gauge('earshot_held_bytes', BY_KEPT), legend: '{{kept}}' }],
      }),
      line({
        title: 'Files held',
        shows: 'Files that are held, by what is held.',
        worry: 'When it stands still while a hold is to get all that comes.',
        unit: 'short',
        targets: [{ expr: gauge('earshot_held_files', BY_KEPT), legend: '{{kept}}' }],
      }),
      line({
        title: 'Fullest hold',
        shows: 'Part of what it may take that the fullest hold has taken, by what is held.',
        worry: 'Near 100 %: what comes then is not held.',
        unit: 'percentunit',
        max: 1,
        targets: [{ expr: `max by (kept) (${selector('earshot_held_fullest_ratio')})`, legend: '{{kept}}' }],
      }),
    ],
  };
}

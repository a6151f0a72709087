import type { Alert } from './alert.ts';
import type { SavedBaseline } from './baseline.ts';
import type { SavedEpisode } from './episode.ts';
import type { Labels } from './input.ts';
import type { SavedPanes } from './panes.ts';
import type { TouchedCall } from './touched-calls.ts';

/** A series as it is written down. */
export interface SavedSeries {
  rule: string;
  /** What it counted; a rule that counts something else does not go on with it. */
  terms: string;
  labels: Labels;
  lastUs: number | null;
  panes: SavedPanes;
  calls: TouchedCall[];
  episode: SavedEpisode;
  baseline: SavedBaseline | null;
  alert: Alert | null;
}

/** Everything that must survive a restart: windows, alerts, usual values. Plain data, for JSON. */
export interface SavedAlerts {
  version: 1;
  evaluatedUs: number | null;
  series: SavedSeries[];
}

/** What was read back, if it is what `save` writes; null otherwise. */
export function savedAlerts(value: unknown): SavedAlerts | null {
  if (typeof value !== 'object' || value === null) return null;
  const saved = value as Partial<SavedAlerts>;
  const isTime = saved.evaluatedUs === null || typeof saved.evaluatedUs === 'number';
  return saved.version === 1 && isTime && Array.isArray(saved.series) ? (saved as SavedAlerts) : null;
}

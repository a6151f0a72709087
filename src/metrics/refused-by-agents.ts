import type { SourceStatus } from '../live/live-records.ts';

/** What a source for capture agents (HEP) refuses before the engine sees it, by the reasons that the engine has for it. */
const REASONS: Readonly<Record<string, string>> = {
  malformed: 'hep_malformed',
  unauthenticated: 'hep_unauthenticated',
  tooLong: 'hep_too_long',
  cutOff: 'hep_cut_off',
};

/** What was discarded, by reason, with what sources for capture agents refused. */
export function withRefused(
  discarded: Readonly<Record<string, number>>,
  sources: readonly Pick<SourceStatus, 'engine' | 'details'>[],
): Record<string, number> {
  const all: Record<string, number> = { ...discarded };
  for (const { engine, details } of sources) {
    if (engine !== 'hep') continue;
    for (const [name, reason] of Object.entries(REASONS)) {
      const n = details[name] ?? 0;
      if (n > 0) all[reason] = (all[reason] ?? 0) + n;
    }
  }
  return all;
}

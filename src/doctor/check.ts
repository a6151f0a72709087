/** How something stands: `problem` keeps the probe from working, `warning` makes its figures worse or fewer. */
export type CheckState = 'ok' | 'warning' | 'problem' | 'unknown';

/** One thing that was looked at, in words for whoever has to put it right. */
export interface Check {
  /** What it is about: `machine`, the name of an interface, or `traffic`. */
  about: string;
  /** Short and the same every time, for scripts: `clock`, `gro`, ... */
  code: string;
  state: CheckState;
  text: string;
  /** A command or a step that puts it right; `null` where there is nothing to do. */
  remedy: string | null;
}

/** The worst of several. */
export function worstOf(checks: readonly Check[]): CheckState {
  for (const state of ['problem', 'warning', 'unknown'] as const) {
    if (checks.some((check) => check.state === state)) return state;
  }
  return 'ok';
}

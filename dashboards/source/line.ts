import { STATUS_PAGE } from './links.ts';
import type { PanelSpec } from './spec.ts';

/** What a graph has to say. */
export type Drawn = Pick<PanelSpec, 'title' | 'shows' | 'worry' | 'unit' | 'targets'> & Partial<PanelSpec>;

/** A graph of something that is never below 0. */
export function line(each: Drawn): PanelSpec {
  return { kind: 'series', min: 0, links: [STATUS_PAGE], ...each };
}

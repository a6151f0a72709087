import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
export const FOLDER = join(ROOT, 'dashboards');

export interface Step {
  value: number | null;
  color: string;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: {
    refId: string;
    expr?: string;
    query?: string;
    instant?: boolean;
    datasource: { uid: string };
  }[];
  fieldConfig?: {
    defaults: { unit?: string; thresholds?: { steps: Step[] }; links?: { url: string; title: string }[] };
    overrides: { matcher: { id: string; options: string }; properties: { id: string; value: unknown }[] }[];
  };
}

export interface Dashboard {
  uid: string;
  title: string;
  tags: string[];
  panels: Panel[];
  templating: { list: { name: string; type: string; query?: string | { query: string } }[] };
  annotations: { list: { name: string; expr?: string }[] };
}

/** Names of the dashboards that are checked in. */
export const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

/** What is checked in. */
export function dashboard(name: string): Dashboard {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Dashboard;
}

/** Panels that draw something. */
export function drawn({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** Every query of a panel. */
export function queriesOf({ targets = [] }: Panel): string[] {
  return targets.map(({ expr, query }) => expr ?? query ?? '');
}

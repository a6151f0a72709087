import type { Limit, Step } from './limits.ts';

/** What is asked of the data source. */
export interface Target {
  expr: string;
  legend?: string;
  /** The newest value alone. */
  instant?: boolean;
  /** Dots that lead to calls. */
  exemplars?: boolean;
  form?: 'table' | 'heatmap';
}

export interface Link {
  title: string;
  url: string;
}

export interface Column {
  /** Of the target with this letter, or the label. */
  field: string;
  title: string;
  unit?: string;
  decimals?: number;
  limit?: Limit;
  link?: Link;
}

/** A panel as data. */
export interface PanelSpec {
  kind: 'stat' | 'series' | 'bars' | 'table' | 'heatmap' | 'history' | 'states';
  title: string;
  /** What it shows. */
  shows: string;
  /** When to worry, and what to do then. */
  worry: string;
  /** As Grafana names it. */
  unit: string;
  decimals?: number;
  min?: number;
  max?: number;
  width?: number;
  height?: number;
  targets: readonly Target[];
  /** Colours: an alert's limits. */
  limit?: Limit;
  /** Colours where no alert has a say; without both there are none. */
  steps?: readonly Step[];
  stacked?: boolean;
  links?: readonly Link[];
  /** Texts for values, and the colours of these. */
  texts?: Readonly<Record<string, { text: string; color: string }>>;
  columns?: readonly Column[];
  /** The column by which a table is ordered, the largest first. */
  worstBy?: { title: string; ascending?: boolean };
  /** Another span than the dashboard's. */
  span?: string;
  /** So much earlier than the dashboard. */
  shift?: string;
  /** The least step. */
  interval?: string;
  /** Shown where there is nothing. */
  nothing?: string;
}

export interface Section {
  title: string;
  panels: readonly PanelSpec[];
}

/** A dashboard as data. */
export interface DashboardSpec {
  uid: string;
  title: string;
  about: string;
  source: 'prometheus' | 'influxdb';
  /** Sites and trunks can be chosen. */
  grouped: boolean;
  /** The window of media panels can be chosen. */
  windowed: boolean;
  sections: readonly Section[];
}

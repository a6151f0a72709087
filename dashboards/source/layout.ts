import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelSpec } from './spec.ts';

/** Columns of Grafana's grid. */
export const GRID_WIDTH = 24;

/*
 * Two panels beside each other on a screen, so that they are readable on a wall. On a phone Grafana puts them below each
 * other in this order, each as wide as the phone.
 */
const WIDTH: Record<PanelSpec['kind'], number> = {
  stat: 4,
  series: 12,
  bars: 12,
  table: 12,
  heatmap: 12,
  history: 24,
  states: 12,
};
const HEIGHT: Record<PanelSpec['kind'], number> = {
  stat: 5,
  series: 9,
  bars: 10,
  table: 9,
  heatmap: 9,
  history: 10,
  states: 9,
};

/** Places of panels, line by line from `y` on, and where they end. The last of a line reaches to the edge. */
export function placed(panels: readonly PanelSpec[], y: number): { places: GridPos[]; end: number } {
  const places: GridPos[] = [];
  let x = 0;
  let top = y;
  let height = 0;
  const endLine = (): void => {
    const last = places.at(-1);
    if (last !== undefined) last.w = GRID_WIDTH - last.x;
    top += height;
    x = 0;
    height = 0;
  };
  for (const { kind, width = WIDTH[kind], height: h = HEIGHT[kind] } of panels) {
    if (x + width > GRID_WIDTH) endLine();
    places.push({ x, y: top, w: width, h });
    x += width;
    height = Math.max(height, h);
  }
  endLine();
  return { places, end: top };
}

import { STATUS_PAGE } from './links.ts';
import { selector } from './promql.ts';
import type { PanelSpec } from './spec.ts';

const PROBE_PAGE = { title: 'Probe health and trust', url: '/d/earshot-probe' };

/** Whether there is anything to believe on this page. */
export function trust(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Capture',
    shows: 'Whether the figures of the last five minutes can be believed; of several probes the worst.',
    worry: 'When it is not trusted: mend the capture first, and believe no loss or jitter until then.',
    unit: 'none',
    targets: [{ expr: `min(${selector('earshot_capture_trusted')})` }],
    texts: {
      '0': { text: 'not trusted', color: 'red' },
      '0.5': { text: 'degraded', color: 'yellow' },
      '1': { text: 'trusted', color: 'green' },
    },
    links: [PROBE_PAGE, STATUS_PAGE],
  };
}

/** Alerts of Prometheus; the probe's own are in Alertmanager. */
export function alertsFiring(): PanelSpec {
  return {
    kind: 'stat',
    title: 'Alerts firing',
    shows: 'Alerts that Prometheus evaluates and that fire now. Without rules there is no figure, not 0.',
    worry: 'When it is not 0: Alertmanager names them, and each has a runbook.',
    unit: 'short',
    decimals: 0,
    targets: [
      {
        expr: 'count(ALERTS{owner!="",alertstate="firing"}) or 0 * count({__name__=~"[a-z_]+:earshot_[a-z_0-9]+:[a-z_0-9]+"})',
      },
    ],
    nothing: 'no rules',
    steps: [
      { value: null, color: 'green' },
      { value: 1, color: 'red' },
    ],
    links: [PROBE_PAGE],
  };
}

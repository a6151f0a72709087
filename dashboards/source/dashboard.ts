import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { placed } from './layout.ts';
import { chosenSource, panelOf } from './panel.ts';
import type { DashboardSpec } from './spec.ts';
import { variablesOf } from './variables.ts';

const TAG = 'earshot';

/** A dashboard for Grafana. */
export function dashboardOf(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.about)
    .tags([TAG, 'generated'])
    .timezone('browser')
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('30s')
    .variables(variablesOf(spec))
    .annotations(annotationsOf(spec))
    .link(others());
  let y = 0;
  let id = 1;
  for (const { title, panels } of spec.sections) {
    builder.withRow(new RowBuilder(title).id(id++).gridPos({ x: 0, y, w: 24, h: 1 }));
    const { places, end } = placed(panels, y + 1);
    for (const [i, panel] of panels.entries()) {
      const made = panelOf(panel, spec.source, id++, places[i]!);
      builder.withPanel({ build: (): Panel => made });
    }
    y = end;
  }
  return builder.build();
}

/** The other dashboards, with what is chosen here. */
function others(): Builder<DashboardLink> {
  const link = new DashboardLinkBuilder('Earshot')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
    .build();
  // At the top, not in the menu that the builder would put it in.
  delete link.placement;
  return { build: () => link };
}

function annotationsOf(spec: DashboardSpec): AnnotationQueryBuilder[] {
  // What a deployment pipeline posts to /api/annotations with the tag "deployment".
  const deployments = new AnnotationQueryBuilder()
    .name('Deployments')
    .datasource({ type: 'grafana', uid: '-- Grafana --' })
    .enable(true)
    .iconColor('blue')
    .target({
      build: () =>
        ({
          ...{ refId: 'Anno', limit: 100, matchAny: true, tags: ['deployment'], type: 'tags' },
          _implementsDataqueryVariant: () => {},
        }) as const,
    });
  if (spec.source !== 'prometheus') return [deployments];
  const source = chosenSource(spec.source);
  const alerts = new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(source)
    .enable(true)
    .iconColor('red')
    .expr('ALERTS{owner!="",alertstate="firing"}')
    .step('60s')
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}}, owner {{owner}}: {{site}} {{trunk}}')
    .tagKeys('severity,owner,site,trunk');
  const starts = new AnnotationQueryBuilder()
    .name('Starts of probes')
    .datasource(source)
    .enable(true)
    .iconColor('purple')
    .expr(
      '1000 * process_start_time_seconds{job="$job",instance=~"$instance"} * on (job, instance) group_left (version) earshot_build_info',
    )
    .step('60s')
    .titleFormat('{{instance}} started')
    .textFormat('version {{version}}')
    .useValueForTime(true);
  return [deployments, alerts, starts];
}

import type { Environment } from '../config/read.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import type { ReportAlerts } from '../report/alerts-contract.ts';
import { alertLabeller } from './alert-labels.ts';
import { AlertRun } from './alert-run.ts';
import { reportedAlerts } from './reported-alerts.ts';
import { loadRules } from './rules-file.ts';

/** Alert rules beside a replay. */
export interface ReplayAlerts {
  run: AlertRun;
  /** What they would have raised, once the run is over. */
  reported(): ReportAlerts;
}

/**
 * Reads rules; `groups` are those they go by. A module of its own, because a replay without rules should not wait for what
 * reads and evaluates them. Throws `ConfigError`.
 */
export function replayAlerts(rules: string, groups: GroupsConfig, environment: Environment): ReplayAlerts {
  const { set } = loadRules(rules, environment);
  const run = new AlertRun([set], alertLabeller(groups));
  return { run, reported: () => reportedAlerts(run.histories()[0]!) };
}

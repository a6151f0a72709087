import type { Environment } from '../config/read.ts';
import { headersOf } from '../metrics/groups/groups.ts';
import type { ReportAlerts } from '../report/alerts-contract.ts';
import { alertLabeller } from './alert-labels.ts';
import { AlertRun } from './alert-run.ts';
import { loadConfig } from './config-file.ts';
import { reportedAlerts } from './reported-alerts.ts';
import { loadRules } from './rules-file.ts';

/** Alert rules beside a replay. */
export interface ReplayAlerts {
  run: AlertRun;
  /** Headers of an INVITE that the groups of the configuration go by. */
  keptHeaders: readonly string[];
  /** What they would have raised, once the run is over. */
  reported(): ReportAlerts;
}

/**
 * Reads rules, and the groups they go by. A module of its own, because a replay without rules should not wait for what
 * reads and evaluates them. Throws `ConfigError`.
 */
export function replayAlerts(
  rules: string,
  config: string | undefined,
  environment: Environment,
): ReplayAlerts {
  const { set } = loadRules(rules, environment);
  const { groups } = loadConfig(config, environment).config;
  const run = new AlertRun([set], alertLabeller(groups));
  return { run, keptHeaders: headersOf(groups), reported: () => reportedAlerts(run.histories()[0]!) };
}

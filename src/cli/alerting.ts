import os from 'node:os';
import type { Command } from 'commander';
import { ConfigError } from '../config/problem.ts';
import type { Log } from '../live/log.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import { LiveAlerts } from '../notify/live-alerts.ts';
import type { DeliveryCounts } from '../notify/notifier.ts';
import { postJson } from '../notify/post.ts';
import { type AlertState, StateFile } from '../notify/state-file.ts';
import { alertLabeller } from './alert-labels.ts';
import type { LivePlan } from './live-plan.ts';
import { loadRules } from './rules-file.ts';

/** Options of `earshot live` about alerts. */
export interface AlertingOptions {
  rules?: string;
  alertState?: string;
}

/** Adds them. */
export function addAlertingOptions(command: Command): Command {
  return command
    .option('--rules <file>', 'alert rules; SIGHUP reads them again')
    .option('--alert-state <directory>', 'where alerts and what is usual are kept over restarts');
}

/** Alerts beside a running probe. */
export interface Alerting {
  records(records: readonly { type: string }[]): void;
  /** Other sites, trunks and devices from now on. Alerts of those that are gone resolve as any that hear nothing more. */
  regroup(groups: GroupsConfig): void;
  /** What became of what receivers were to be told, by name. */
  counts(): Record<string, DeliveryCounts>;
  /** Writes down what must survive, and gives receivers a last chance. */
  stop(): Promise<void>;
}

const TICK_MS = 1000;

/**
 * Evaluates rules while the probe runs; null when none were given.
 *
 * @throws {ConfigError} when the rules are wrong
 * @throws {AlertStateError} when the state cannot be kept or read
 */
export function alertingOf(
  { rules: file, alertState }: AlertingOptions,
  { probe, groups }: Pick<LivePlan, 'probe' | 'groups'>,
  log: Log,
): Alerting | null {
  if (file === undefined) return null;
  const rules = loadRules(file, process.env);
  const store = alertState === undefined ? null : new StateFile(alertState);
  const saved: AlertState | null = store?.read() ?? null;
  let labeller = alertLabeller(groups ?? null);
  const alerts = new LiveAlerts({
    rules,
    probe: probe ?? os.hostname(),
    labeller: (record) => labeller(record),
    store,
    saved,
    post: postJson,
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    said: (level, text, fields) => log.notice({ level, text, fields }),
  });
  const reload = (): void => reloadRules(file, alerts, log);
  process.on('SIGHUP', reload);
  const timer = setInterval(() => void alerts.tick(), TICK_MS);
  return {
    records: (records) => alerts.records(records),
    counts: () => alerts.counts(),
    regroup: (changed) => {
      labeller = alertLabeller(changed);
    },
    stop: async () => {
      clearInterval(timer);
      process.off('SIGHUP', reload);
      await alerts.tick();
      await alerts.save();
    },
  };
}

/** Rules that are wrong leave the old ones in force. */
function reloadRules(file: string, alerts: LiveAlerts, log: Log): void {
  try {
    alerts.replace(loadRules(file, process.env));
    log.notice({ level: 'info', text: 'alert rules were read again', fields: { file } });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const fields = { problems: error.message };
    log.notice({ level: 'error', text: 'alert rules are wrong: the old ones stay in force', fields });
  }
}

import { ConfigError } from '../config/problem.ts';
import type { JudgingChanges } from '../engine/judging.ts';
import type { Log } from '../live/log.ts';
import type { ServiceNotifier } from '../live/service.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import type { LivePlan } from './live-plan.ts';

interface Grouping {
  regroup(groups: GroupsConfig): void;
}

/** What a reload works with. */
export interface ReloadParts {
  /** The plan in force: replaced by what a reload makes of it. */
  inForce: { plan: LivePlan };
  /** Reads the configuration again. @throws {ConfigError} */
  replan(): LivePlan;
  /** Judges calls and streams. */
  measuring: { rejudge(changes: JudgingChanges): void };
  /** Whatever places records by site, trunk and device. */
  grouping: readonly Grouping[];
  log: Log;
  service: ServiceNotifier;
}

/**
 * Reads the configuration again on SIGHUP. Groups, what calls and streams are judged by, and the level of the log are in force
 * from then on; what cannot change under a running measurement is named. A configuration that is wrong changes nothing, and
 * everything wrong with it is said.
 *
 * @returns ends that
 */
export function reloadOnHangup(parts: ReloadParts): () => void {
  const { log, service, inForce } = parts;
  const reload = (): void => {
    service.send('RELOADING=1');
    try {
      inForce.plan = reloaded(inForce.plan, parts);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const fields = { problems: error.message };
      log.notice({ level: 'error', text: 'the configuration is wrong; the old one stays in force', fields });
    }
    service.send('READY=1');
  };
  process.on('SIGHUP', reload);
  return () => process.off('SIGHUP', reload);
}

function reloaded(before: LivePlan, { replan, grouping, measuring, log }: ReloadParts): LivePlan {
  const now = replan();
  const { scoring, signalling } = now.engine;
  measuring.rejudge({ scoring, signalling });
  if (now.groups !== undefined) for (const each of grouping) each.regroup(now.groups);
  if (now.logLevel !== undefined) log.level = now.logLevel;
  const later = afterRestart(before, now);
  log.notice({ level: 'info', text: 'the configuration was read again', fields: {} });
  if (later.length > 0) {
    const fields = { settings: later.join(', ') };
    log.notice({ level: 'warn', text: 'some of it takes effect after a restart', fields });
  }
  // What waits for a restart is still what runs: the next reload says it again.
  return {
    ...before,
    ...(now.groups === undefined ? {} : { groups: now.groups }),
    engine: {
      ...before.engine,
      scoring: { ...scoring, playout: before.engine.scoring.playout },
      signalling,
    },
  };
}

/** Parts of the configuration that differ from what runs and cannot change while it does. */
export function afterRestart(before: LivePlan, now: LivePlan): string[] {
  const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);
  const http = ({ serving }: LivePlan): unknown =>
    serving === null || serving === undefined ? null : { ...serving, groups: null };
  const exporting = ({ exporting: plan }: LivePlan): unknown =>
    plan === null || plan === undefined ? null : { ...plan, groups: null };
  return [
    ...(differs(before.sources.interfaces, now.sources.interfaces) ? ['interfaces'] : []),
    ...(differs(before.sources.hep, now.sources.hep) ? ['hep'] : []),
    // Streams are measured for it from their first packet.
    ...(before.engine.scoring.playout === now.engine.scoring.playout ? [] : ['quality.playout']),
    ...(differs(before.engine.rtp, now.engine.rtp) ? ['limits or privacy'] : []),
    ...(before.threads === now.threads ? [] : ['measuring']),
    ...(before.engine.showDigits === now.engine.showDigits ? [] : ['privacy']),
    ...(differs(before.pseudonyms, now.pseudonyms) ? ['pseudonyms'] : []),
    ...(before.keylog === now.keylog ? [] : ['tls']),
    ...(differs(before.keep, now.keep) ? ['keep'] : []),
    ...(differs(before.history, now.history) ? ['history'] : []),
    ...(differs(http(before), http(now)) ? ['http or metrics'] : []),
    ...(differs(exporting(before), exporting(now)) ? ['influxdb'] : []),
  ];
}

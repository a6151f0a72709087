import type { Alert, HeldBack } from '../alerts/alert.ts';
import { Evaluator } from '../alerts/evaluator.ts';
import { isAlertInput, type Labeller } from '../alerts/input.ts';
import type { RuleSet } from '../alerts/rule.ts';
import { CaptureError } from '../capture/errors.ts';
import { openCaptures } from '../capture/open.ts';
import { Engine } from '../engine/engine.ts';
import { DEFAULT_SCORING } from '../engine/scoring.ts';
import { type GroupsConfig, headersOf } from '../metrics/groups/groups.ts';
import { microsOf } from '../report/iso-time.ts';
import { recordIn } from '../store/json-lines.ts';
import { alertLabeller } from './alert-labels.ts';
import { AlertRun } from './alert-run.ts';
import { historyLines, withoutPseudonyms } from './history-files.ts';
import { inflate } from './inflate.ts';
import { readAll } from './read-captures.ts';
import { readKeyLog } from './read-key-log.ts';
import type { AlertHistory } from './reported-alerts.ts';
import { nodeCrypto } from './tls-crypto.ts';

/** Hears of the parties of every call. */
export type PartiesSeen = (parties: { from: string | null; to: string | null }) => void;

/**
 * Evaluates several sets of rules over captures, or over what `earshot live --json` wrote.
 *
 * @param seen for whoever covers what comes of it
 * @throws {CaptureError} when there is something to cover that is covered already
 */
export function evaluate(
  sets: readonly RuleSet[],
  files: readonly string[],
  groups: GroupsConfig,
  seen: PartiesSeen | null = null,
): AlertHistory[] {
  const history = historyLines(files);
  return history === null
    ? overCaptures(sets, files, groups, seen)
    : overHistory(sets, seen === null ? history : withoutPseudonyms(history), alertLabeller(groups), seen);
}

function overCaptures(
  sets: readonly RuleSet[],
  files: readonly string[],
  groups: GroupsConfig,
  seen: PartiesSeen | null,
): AlertHistory[] {
  const keys = readKeyLog(undefined);
  const source = openCaptures([...files], { onKeyLog: (text) => keys.add(text) });
  try {
    const run = new AlertRun(sets, alertLabeller(groups));
    const sink = run.sink({
      stream: () => {},
      call: ({ from, to }) => seen?.({ from, to }),
      finding: () => {},
    });
    const engine = new Engine(sink, {
      decryption: { keys, crypto: nodeCrypto },
      hep: { inflate },
      signalling: { keptHeaders: headersOf(groups) },
    });
    run.attach(engine, DEFAULT_SCORING);
    readAll(source, engine, run);
    return run.histories();
  } finally {
    source.close();
  }
}

const UNTIMED =
  'these records have no status in them, so nothing says when rules were to be decided (those of "earshot replay --ndjson" have none); ' +
  'give --on the capture itself';

/** Records of the past carry no time of their own being told: statuses say how far it had come. */
function overHistory(
  sets: readonly RuleSet[],
  lines: Iterable<string>,
  labeller: Labeller,
  seen: PartiesSeen | null,
): AlertHistory[] {
  const runs = sets.map((set) => ({
    evaluator: new Evaluator(set, { labeller }),
    ended: [] as Alert[],
    held: [] as HeldBack[],
  }));
  let isTimed = false;
  for (const line of lines) {
    const typed: { type: string; time?: string | null } | null = recordIn(line);
    if (typed === null) continue;
    if (typed.type === 'call') seen?.({ from: null, to: null, ...typed });
    const nowUs = typed.type === 'status' ? microsOf(typed.time ?? null) : null;
    // A probe that ran for less than ten seconds told no status, and decided nothing.
    isTimed ||= nowUs !== null || typed.type === 'start';
    for (const { evaluator, ended, held } of runs) {
      if (nowUs !== null && evaluator.timeUs === null) evaluator.advance(nowUs);
      if (isAlertInput(typed)) evaluator.observe(typed);
      if (nowUs === null) continue;
      for (const { change, alert } of evaluator.advance(nowUs)) if (change === 'resolved') ended.push(alert);
      held.push(...evaluator.heldBack().ended);
    }
  }
  if (!isTimed) throw new CaptureError('RECORDS', UNTIMED);
  return runs.map(({ evaluator, ended, held }) => ({
    untilUs: evaluator.timeUs,
    alerts: [...ended, ...evaluator.active()].sort((a, b) => a.startUs - b.startUs),
    heldBack: [...held, ...evaluator.heldBack().now],
    pending: evaluator.pending(),
  }));
}

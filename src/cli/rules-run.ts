import { closeSync, openSync, readSync } from 'node:fs';
import type { Alert, HeldBack } from '../alerts/alert.ts';
import { Evaluator } from '../alerts/evaluator.ts';
import { isAlertInput, type Labeller } from '../alerts/input.ts';
import type { RuleSet } from '../alerts/rule.ts';
import { openCaptures } from '../capture/open.ts';
import { Engine } from '../engine/engine.ts';
import { DEFAULT_SCORING } from '../engine/scoring.ts';
import { type GroupsConfig, headersOf } from '../metrics/groups/groups.ts';
import { microsOf } from '../report/iso-time.ts';
import { alertLabeller } from './alert-labels.ts';
import { AlertRun } from './alert-run.ts';
import { inflate } from './inflate.ts';
import { readAll } from './read-captures.ts';
import { readKeyLog } from './read-key-log.ts';
import type { AlertHistory } from './reported-alerts.ts';
import { nodeCrypto } from './tls-crypto.ts';

/** Evaluates several sets of rules over captures, or over what `earshot live --json` wrote. */
export function evaluate(
  sets: readonly RuleSet[],
  files: readonly string[],
  groups: GroupsConfig,
): AlertHistory[] {
  const isHistory = files.length === 1 && startsAsJson(files[0]!);
  return isHistory ? overHistory(sets, files[0]!, alertLabeller(groups)) : overCaptures(sets, files, groups);
}

function overCaptures(
  sets: readonly RuleSet[],
  files: readonly string[],
  groups: GroupsConfig,
): AlertHistory[] {
  const keys = readKeyLog(undefined);
  const source = openCaptures([...files], { onKeyLog: (text) => keys.add(text) });
  try {
    const run = new AlertRun(sets, alertLabeller(groups));
    const sink = run.sink({ stream: () => {}, call: () => {}, finding: () => {} });
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

/** Records of the past carry no time of their own being told: statuses say how far it had come. */
function overHistory(sets: readonly RuleSet[], file: string, labeller: Labeller): AlertHistory[] {
  const runs = sets.map((set) => ({
    evaluator: new Evaluator(set, { labeller }),
    ended: [] as Alert[],
    held: [] as HeldBack[],
  }));
  for (const line of linesOf(file)) {
    const record: unknown = parsed(line);
    if (typeof record !== 'object' || record === null || !('type' in record)) continue;
    const typed = record as { type: string; time?: string | null };
    const nowUs = typed.type === 'status' ? microsOf(typed.time ?? null) : null;
    for (const { evaluator, ended, held } of runs) {
      if (nowUs !== null && evaluator.timeUs === null) evaluator.advance(nowUs);
      if (isAlertInput(typed)) evaluator.observe(typed);
      if (nowUs === null) continue;
      for (const { change, alert } of evaluator.advance(nowUs)) if (change === 'resolved') ended.push(alert);
      held.push(...evaluator.heldBack().ended);
    }
  }
  return runs.map(({ evaluator, ended, held }) => ({
    untilUs: evaluator.timeUs,
    alerts: [...ended, ...evaluator.active()].sort((a, b) => a.startUs - b.startUs),
    heldBack: [...held, ...evaluator.heldBack().now],
    pending: evaluator.pending(),
  }));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The last line of a file that is still written.
    return null;
  }
}

const CHUNK = 1 << 20;
/** What is longer is no record. */
const LINE_MAX = 1 << 24;

function* linesOf(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(CHUNK);
    let rest = '';
    const decoder = new TextDecoder();
    for (let n = readSync(descriptor, buffer); n > 0; n = readSync(descriptor, buffer)) {
      const lines = (rest + decoder.decode(buffer.subarray(0, n), { stream: true })).split('\n');
      rest = lines.pop()!.slice(0, LINE_MAX);
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(descriptor);
  }
}

function startsAsJson(file: string): boolean {
  if (file === '-') return false;
  const first = Buffer.alloc(1);
  const descriptor = openSync(file, 'r');
  try {
    return readSync(descriptor, first) === 1 && first[0] === 0x7b;
  } finally {
    closeSync(descriptor);
  }
}

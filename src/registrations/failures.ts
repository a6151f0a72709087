import type { Attempt } from './attempt.ts';
import type { Binding } from './binding.ts';
import type { BindingTable } from './binding-table.ts';
import { Guessing } from './guessing.ts';
import type { RegistrationListener } from './listener.ts';
import { registrationFailed } from './registration-findings.ts';
import type { RegistrationThresholds } from './thresholds.ts';

/** Refusals that password guessing draws. */
const GUESSED_CODES = new Set([401, 403, 404, 407]);

type FailureListener = Pick<RegistrationListener, 'registrationFinding' | 'isScan'>;

/** Failures of bindings in a row, told together, unless they are part of somebody trying the door. */
export class Failures {
  /** Bindings with failures that were not told yet. */
  private readonly episodes = new Set<Binding>();
  readonly guessing: Guessing;
  private readonly table: BindingTable;
  private readonly episodeUs: number;
  private readonly listener: FailureListener;

  constructor(table: BindingTable, thresholds: RegistrationThresholds, listener: FailureListener) {
    this.table = table;
    this.guessing = new Guessing(thresholds);
    this.episodeUs = thresholds.failureEpisodeMs * 1000;
    this.listener = listener;
  }

  /** A round of these bindings failed. */
  add(attempt: Attempt, bindings: readonly Binding[], timeUs: number): void {
    const { finalCode, firstUs } = attempt;
    if (finalCode !== null && GUESSED_CODES.has(finalCode)) this.tried(attempt, timeUs);
    for (const binding of bindings) {
      binding.failed++;
      binding.outOfSight = false;
      binding.finalCode = finalCode;
      if (finalCode === null) binding.unanswered++;
      if (binding.state === 'unknown') binding.state = 'failed';
      // Who wanted to leave is not missed for being kept.
      if (attempt.removes) continue;
      binding.failing ??= { startUs: firstUs, failures: 0, finalCode };
      binding.failing.failures++;
      binding.failing.finalCode = finalCode;
      if (binding.told) continue;
      binding.episode ??= { startUs: firstUs, failures: 0, finalCode, waitedMs: null };
      this.episodes.add(binding);
      binding.episode.failures++;
      binding.episode.finalCode = finalCode;
      binding.episode.waitedMs = (timeUs - firstUs) / 1000;
    }
  }

  /** A round was one try at somebody's password, or asked whether there is such a user: it counts once. */
  tried(attempt: Attempt, timeUs: number): void {
    const { source, aor, isTry } = attempt;
    if (source === null || isTry) return;
    attempt.isTry = true;
    this.guessing.refused(source, aor, this.table.wasRegisteredFrom(aor, source), timeUs);
  }

  /** Tells the failures of a binding in a row. */
  tell(binding: Binding, timeUs: number, recovered: boolean): void {
    if (binding.episode === null) return;
    const { startUs } = binding.episode;
    const isScan = this.listener.isScan(binding.device.source, binding.userAgent, startUs);
    if (!isScan && !this.guessing.explains(binding, startUs)) {
      this.listener.registrationFinding(registrationFailed(binding, timeUs, recovered));
    }
    binding.episode = null;
    this.episodes.delete(binding);
    binding.told = true;
  }

  /** A binding got through. */
  recover(binding: Binding, timeUs: number): void {
    this.tell(binding, timeUs, true);
    binding.told = false;
    binding.failing = null;
    binding.ignored = 0;
    binding.outOfSight = false;
  }

  /** Capture time moves on: what failed for long enough is told. */
  sweep(timeUs: number): void {
    for (const binding of this.episodes) {
      if (timeUs - binding.episode!.startUs >= this.episodeUs) this.tell(binding, timeUs, false);
    }
    for (const finding of this.guessing.untold(timeUs)) this.listener.registrationFinding(finding);
  }

  /** The capture is over: everything is told. */
  finish(nowUs: number): void {
    for (const binding of this.episodes) this.tell(binding, nowUs, false);
    for (const finding of this.guessing.untold(Number.POSITIVE_INFINITY))
      this.listener.registrationFinding(finding);
  }
}

import type { RegistrationThresholds } from './thresholds.ts';

const SOURCES_MAX = 16_384;
const AORS_MAX = 1024;
/** A host that was refused nothing for so many windows has stopped: what fails there later is a failure again. */
const QUIET_WINDOWS = 10;

/** What one host was refused. */
export interface Source {
  readonly source: string;
  startUs: number;
  lastUs: number;
  failures: number;
  /** Addresses of record it tried, counted up to a limit. */
  readonly aors: Set<string>;
  /** So many refusals within the window that it looks like password guessing. */
  guessing: boolean;
  told: boolean;
}

/** Counts refused credentials and refused users by the host they came from. */
export class Guessing {
  private readonly sources = new Map<string, Source>();
  private readonly thresholds: RegistrationThresholds;

  constructor(thresholds: RegistrationThresholds) {
    this.thresholds = thresholds;
  }

  /** A host was refused (401, 403, 404). */
  refused(source: string, aor: string, timeUs: number): void {
    const { guessingFailures, guessingWindowMs } = this.thresholds;
    const known = this.sources.get(source);
    const sinceUs = known === undefined ? 0 : known.guessing ? known.lastUs : known.startUs;
    const spanUs = (known?.guessing ? QUIET_WINDOWS : 1) * guessingWindowMs * 1000;
    if (known === undefined || Math.abs(timeUs - sinceUs) > spanUs) {
      if (known === undefined && this.sources.size >= SOURCES_MAX) this.forgetOldest();
      this.sources.delete(source);
      const aors = new Set([aor]);
      this.sources.set(source, {
        source,
        startUs: timeUs,
        lastUs: timeUs,
        failures: 1,
        aors,
        guessing: false,
        told: false,
      });
      return;
    }
    known.failures++;
    known.lastUs = timeUs;
    if (known.aors.size < AORS_MAX) known.aors.add(aor);
    if (known.failures >= guessingFailures) known.guessing = true;
  }

  /** Does this host look like one that guesses passwords? */
  isGuessing(source: string | null, atUs: number): boolean {
    const known = source === null ? undefined : this.sources.get(source);
    const quietUs = QUIET_WINDOWS * this.thresholds.guessingWindowMs * 1000;
    return known?.guessing === true && atUs - known.lastUs <= quietUs;
  }

  /** Hosts that were not told of yet, once they have been at it for the window, or all when the capture is over. */
  *untold(nowUs: number): Generator<Source> {
    for (const source of this.sources.values()) {
      if (!source.guessing || source.told) continue;
      if (nowUs - source.startUs < this.thresholds.guessingWindowMs * 1000) continue;
      source.told = true;
      yield source;
    }
  }

  private forgetOldest(): void {
    for (const oldest of this.sources.keys()) {
      this.sources.delete(oldest);
      return;
    }
  }
}

/** What a store did not take: all of it, and since that was last asked. */
export class Losses {
  total = 0;
  private told = 0;

  /** How many since this was last asked. */
  take(): number {
    const since = this.total - this.told;
    this.told = this.total;
    return since;
  }
}

/** What a disk did not take since it was last asked, and why. */
export interface DiskLosses {
  lost: number;
  problem: string | null;
  /** What a hold should have and does not. */
  unheld: string | null;
}

/** What was lost since that was last asked, and what was wrong with the files meanwhile. */
export function diskLosses(
  losses: Losses,
  files: { takeProblem(): string | null; takeUnheld(): string | null },
): DiskLosses {
  const lost = losses.take();
  return { lost, problem: lost > 0 ? files.takeProblem() : null, unheld: files.takeUnheld() };
}

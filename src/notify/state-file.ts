import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type SavedAlerts, savedAlerts } from '../alerts/saved-alerts.ts';
import type { SavedDeliveries } from './notifier.ts';

/** What a probe must know after a restart: alerts with their windows, and what was not delivered yet. */
export interface AlertState {
  alerts: SavedAlerts;
  deliveries: SavedDeliveries;
}

/** The state could not be kept, or not be read. */
export class AlertStateError extends Error {
  readonly code: string;

  constructor(text: string, cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    super(`${text} (${code})`, { cause });
    this.name = 'AlertStateError';
    this.code = code;
  }
}

/**
 * Keeps the state in one file, whole or not at all: it is written beside it, brought to the disk, and put in its place.
 * Both parts are in one file so that what was raised and what is to be delivered never disagree.
 */
export class StateFile {
  private readonly file: string;
  private writing: Promise<void> = Promise.resolve();

  /** @throws {AlertStateError} when the directory cannot be made */
  constructor(directory: string) {
    try {
      mkdirSync(directory, { recursive: true, mode: 0o750 });
    } catch (cause) {
      throw new AlertStateError(`${directory} cannot be made`, cause);
    }
    this.file = join(directory, 'alerts.json');
  }

  /** What was written last; null when there is none. @throws {AlertStateError} when it cannot be read */
  read(): AlertState | null {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new AlertStateError(`${this.file} cannot be read`, cause);
    }
    try {
      const { alerts, deliveries } = JSON.parse(text) as Partial<AlertState>;
      const checked = savedAlerts(alerts);
      if (checked === null) throw new Error('it was written by another version');
      return { alerts: checked, deliveries: deliveries ?? {} };
    } catch (cause) {
      throw new AlertStateError(`${this.file} cannot be used: ${(cause as Error).message}`, cause);
    }
  }

  /** Writes the state, after any write that is under way. @throws {AlertStateError} */
  write(state: AlertState): Promise<void> {
    const text = JSON.stringify(state);
    this.writing = this.writing.catch(() => {}).then(() => this.replace(text));
    return this.writing;
  }

  private async replace(text: string): Promise<void> {
    const fresh = `${this.file}.new`;
    try {
      const handle = await open(fresh, 'w', 0o640);
      try {
        await handle.writeFile(text);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(fresh, this.file);
    } catch (cause) {
      throw new AlertStateError(`${this.file} cannot be written`, cause);
    }
  }
}

import type { AlertInput, GroupLabel } from './input.ts';
import type { Signal } from './signal.ts';

/** By what the records that signals are read from may be told apart. */
const LABELS_OF: Readonly<Record<AlertInput['type'], readonly GroupLabel[]>> = {
  interval: ['site', 'trunk', 'device', 'direction', 'codec', 'scale'],
  stream: ['site', 'trunk', 'device', 'direction', 'codec', 'scale'],
  call: ['site', 'trunk', 'device', 'direction', 'code'],
  finding: ['site', 'trunk', 'device', 'direction', 'code'],
  ongoing: ['site', 'trunk', 'device', 'direction', 'code'],
  // The probe counts as a whole.
  status: [],
  trunkState: ['trunk'],
};

/** Labels that samples of a signal may have: by any other it is one series, and has no value. */
export function labelsOfSignal({ of }: Pick<Signal, 'of'>): readonly GroupLabel[] {
  return LABELS_OF[of];
}

/** Which labels there are, in words. */
export function labelsText(signal: Pick<Signal, 'name' | 'of'>): string {
  const labels = labelsOfSignal(signal);
  return labels.length === 0
    ? `${signal.name} has no labels, it is of the whole probe: leave it out`
    : `${signal.name} has ${labels.join(', ')}`;
}

import type { FindingCode } from '../../src/records/finding-codes.ts';
import type { Direction } from '../../src/records/types.ts';
import type { Scenario } from '../../src/synth/scenario.ts';

/** What must be found: a code, where it matters the direction of the media, and after `@` the Call-ID. */
export type Label =
  | FindingCode
  | `${FindingCode} ${Direction}`
  | `${FindingCode} @${string}`
  | `${FindingCode} ${Direction} @${string}`;

/**
 * A capture and what a careful engineer would say about it, from what was done to the calls alone. Anything found that
 * is neither expected nor allowed is a false alarm.
 */
export interface FindingCase {
  name: string;
  /** A function where more than the generator's own draws hangs on the seed. */
  scenario: Scenario | ((seed: number) => Scenario);
  expected: readonly Label[];
  /** Packets that the capturing machine says it lost; nothing is known of that when left out. */
  dropped?: number;
  /** Codes that may be found as well, each with the reason why it would be true, or could not be told. */
  allowed?: Partial<Record<FindingCode, string>>;
}

/** The cases of one kind. */
export interface CaseFile {
  name: string;
  cases: readonly FindingCase[];
  /** The outcome hangs on random draws: worth trying with many seeds. */
  drawn?: boolean;
}

/** A label in its parts; null where any will do. */
export interface LabelParts {
  code: FindingCode;
  direction: Direction | null;
  callId: string | null;
}

export function labelParts(label: Label): LabelParts {
  const [code, ...rest] = label.split(' ');
  const callId = rest.find((part) => part.startsWith('@'))?.slice(1) ?? null;
  const direction = rest.find((part) => !part.startsWith('@')) ?? null;
  return { code: code as FindingCode, direction: direction as Direction | null, callId };
}

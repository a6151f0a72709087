/** Something that began at one age in several calls of one way, as it is known of one stream. */
export interface SharedAge {
  streamId: string;
  /** Findings that it may be said of. */
  codes: readonly string[];
  ageMs: number;
  calls: number;
  ofCalls: number;
}

type Shared = Pick<SharedAge, 'ageMs' | 'calls' | 'ofCalls'>;

const SAID =
  /; it begins -?\d+ s into the call, as in \d+ of \d+ calls that came the same way and grew as old, at different times: it comes with the age of a call/;

/** What is said of it behind the text of a finding. */
export function sharedAgeText({ ageMs, calls, ofCalls }: Shared): string {
  return (
    `; it begins ${(ageMs / 1000).toFixed(0)} s into the call, as in ${calls} of ${ofCalls} calls that came the ` +
    'same way and grew as old, at different times: it comes with the age of a call'
  );
}

/** The text of a finding with what is known by now, in place of what was known when it was judged. */
export function withSharedAge(text: string, shared: Shared): string {
  const said = sharedAgeText(shared);
  return SAID.test(text) ? text.replace(SAID, said) : text + said;
}

/** The same as evidence. */
export function sharedAgeEvidence({ ageMs, calls, ofCalls }: Shared): Record<string, string | number> {
  return { signature: 'worse_with_age', onsetAgeMs: ageMs, ageCalls: calls, ofCalls };
}

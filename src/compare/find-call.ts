import { neutralised } from '../report/wire-text.ts';

/** The place of a call among others, or what to tell the reader. */
export type FoundCall = { ok: true; at: number } | { ok: false; message: string };

/**
 * Finds one call by its id, its Call-ID, or a beginning of the Call-ID that only one call has.
 *
 * @param shownId the Call-ID of a call, as a message may show it
 */
export function callNamed(
  names: readonly { id: string; callId: string }[],
  text: string,
  side: string,
  shownId: (at: number) => string = (at) => names[at]!.callId,
): FoundCall {
  const places = [...names.keys()];
  const found =
    [
      places.filter((at) => names[at]!.id === text),
      places.filter((at) => names[at]!.callId === text),
      text === '' ? [] : places.filter((at) => names[at]!.callId.startsWith(text)),
    ].find((candidates) => candidates.length > 0) ?? [];
  const shown = `"${neutralised(text)}"`;
  if (found.length === 1) return { ok: true, at: found[0]! };
  if (found.length === 0)
    return { ok: false, message: `${side} has no call ${shown} (${whatThereIs(names)})` };
  const some = found.slice(0, 5).map((at) => `${names[at]!.id} (${shownId(at)})`);
  return { ok: false, message: `${shown} means ${found.length} calls of ${side}: ${some.join(', ')}` };
}

function whatThereIs(names: readonly { id: string }[]): string {
  if (names.length === 0) return 'it has none';
  return names.length === 1 ? `it has ${names[0]!.id}` : `it has ${names[0]!.id} to ${names.at(-1)!.id}`;
}

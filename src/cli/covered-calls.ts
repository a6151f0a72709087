import { callRef } from '../live/call-ref.ts';
import { maskReported } from '../privacy/reported.ts';
import { jsonText } from '../report/wire-text.ts';
import type { RecentCall } from '../web/recent-calls.ts';
import type { ChosenPseudonyms } from './pseudonym-options.ts';

/**
 * Calls of a history, looked for by their names and now without them. A reference to a call is made of its Call-ID, and
 * whoever guesses that could check it: it is made of the pseudonym instead.
 *
 * @param found all calls that were found: their names are looked for in the texts of those that are shown
 */
export function coverCalls(
  { names }: ChosenPseudonyms,
  shown: readonly RecentCall[],
  found: readonly RecentCall[],
): RecentCall[] {
  for (const { call } of found) maskReported(names, call);
  const list = (text: string): string => {
    const records = maskReported(names, JSON.parse(text) as object[]);
    return `[${records.map(jsonText).join(',\n')}]`;
  };
  return shown.map((each) => {
    const call = maskReported(names, each.call);
    const [streams, findings] = [list(each.streams), list(each.findings)];
    return { ...each, ref: callRef(call.callId), call, streams, findings };
  });
}

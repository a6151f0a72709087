import type { CallRecord } from './types.ts';

/** Answer to the first media, ms: of the way on which it came later; null where none came. */
export function mediaDelayMs({ setup }: Pick<CallRecord, 'setup'>): number | null {
  const { callerToCallee, calleeToCaller } = setup.mediaDelayMs;
  if (callerToCallee === null) return calleeToCaller;
  return calleeToCaller === null ? callerToCallee : Math.max(callerToCallee, calleeToCaller);
}

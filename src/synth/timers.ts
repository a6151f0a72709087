/** RFC 3261 17.1.1.1: T1 is the round trip to be expected, T2 the longest pause between repetitions. */
const T1_MS = 500;
const T2_MS = 4000;
/** Timers B, F and H: 64 * T1. */
export const TIMEOUT_MS = 64 * T1_MS;

/** When an INVITE is sent again until somebody answers, ms after the first time (timer A). */
export function inviteRepeats(): number[] {
  const times: number[] = [];
  let pause = T1_MS;
  for (let at = pause; at < TIMEOUT_MS; at += pause) {
    times.push(at);
    pause *= 2;
  }
  return times;
}

/** When any other request, or a final response to an INVITE, is sent again (timers E and G). */
export function otherRepeats(): number[] {
  const times: number[] = [];
  let pause = T1_MS;
  for (let at = pause; at < TIMEOUT_MS; at += pause) {
    times.push(at);
    pause = Math.min(T2_MS, pause * 2);
  }
  return times;
}

/** The repetitions of a request. */
export function repeatsOfMethod(method: string): number[] {
  return method === 'INVITE' ? inviteRepeats() : otherRepeats();
}

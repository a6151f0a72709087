/**
 * Less than times kept in microseconds can tell apart, ms. Times are sums and differences of doubles: what differs by
 * less does not differ, so that a packet 50.000 ms behind is not late for a buffer of 50, whatever its last bit.
 */
export const SLACK_MS = 0.0004;

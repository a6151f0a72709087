/** SIP messages as they passed the tap, each hop and each repetition for itself. */
export interface SipCounts {
  /** By method; `other` for methods that no standard names. */
  requests: Record<string, number>;
  /** By status, `100` to `699`. */
  responses: Record<string, number>;
}

/** Methods of RFC 3261 and its extensions: the only names under which requests are counted. */
export const SIP_METHODS = [
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
] as const;

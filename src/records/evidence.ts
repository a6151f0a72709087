/** Fewer expected packets (5 s of 20 ms audio) say too little about a stream to rank or accuse it (standards section 8). */
export const EVIDENCE_MIN = 250;

/** Intervals with fewer packets due say too little for a rate or a score of their own: of three packets one loss is a MOS of 2. */
export const INTERVAL_EVIDENCE_MIN = 50;

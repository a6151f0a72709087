/** Fewer expected packets (5 s of 20 ms audio) say too little about a stream to rank or accuse it (standards section 8). */
export const EVIDENCE_MIN = 250;

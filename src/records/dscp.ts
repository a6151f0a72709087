/** Differentiated services code points by name: RFC 2474, RFC 2597, RFC 3246, RFC 5865 (VA, VOICE-ADMIT), RFC 8622 (LE). */
const NAMED: readonly (readonly [name: string, dscp: number])[] = [
  ...Array.from({ length: 7 }, (_, i) => [`CS${i + 1}`, (i + 1) << 3] as const),
  ...[1, 2, 3, 4].flatMap((of) =>
    [1, 2, 3].map((drop) => [`AF${of}${drop}`, (of << 3) | (drop << 1)] as const),
  ),
  ['EF', 46],
  ['VA', 44],
  ['LE', 1],
];

const BY_NAME = new Map(NAMED);
const BY_DSCP = new Map(NAMED.map(([name, dscp]) => [dscp, name]));

/** What a configuration may call a marking. */
export const DSCP_PATTERN = /^(?:CS[1-7]|AF[1-4][1-3]|EF|VA|LE|[0-9]|[1-5][0-9]|6[0-3])$/;

/** The code point that a text, which `DSCP_PATTERN` matches, names. */
export function dscpOf(text: string): number {
  return BY_NAME.get(text) ?? Number(text);
}

/** What a code point is called in a configuration. */
export function dscpName(dscp: number): string {
  return BY_DSCP.get(dscp) ?? String(dscp);
}

/** A code point for people: `EF (46)`, `DSCP 3`. */
export function dscpText(dscp: number): string {
  const name = BY_DSCP.get(dscp);
  return name === undefined ? `DSCP ${dscp}` : `${name} (${dscp})`;
}

/** What a marking is, in a sentence: `not marked at all (DSCP 0)`, `marked AF31 (26)`. */
export function markedText(dscp: number): string {
  return dscp === 0 ? 'not marked at all (DSCP 0)' : `marked ${dscpText(dscp)}`;
}

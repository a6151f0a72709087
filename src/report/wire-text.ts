/**
 * Text that came from the wire (parties, Call-IDs, codec names) may hold escape sequences meant for the terminal of
 * whoever reads the report. Control characters, the invisible format characters (bidirectional overrides among
 * them), line separators and broken surrogates are shown as escapes instead.
 */
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Nearly every text is printable ASCII, which is found out much faster. */
const PRINTABLE = /^[\x20-\x7e]*$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `text` made safe for a terminal: `ESC [ 3 1 m` appears as `\x1b[31m` in plain characters. */
export function neutralised(text: string): string {
  return text.replace(DANGEROUS, (found) => SHORT[found] ?? escaped(found.codePointAt(0)!));
}

function escaped(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

/**
 * A value as JSON on one line. What JSON leaves as it is but a terminal would obey (DEL, the C1 controls,
 * bidirectional overrides) is written as `\uXXXX`, which is the same text to every parser.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return PRINTABLE.test(text) ? text : text.replace(DANGEROUS, unicodeEscapes);
}

function unicodeEscapes(found: string): string {
  let text = '';
  for (let i = 0; i < found.length; i++) text += `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}

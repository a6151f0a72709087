import type { Pseudonyms } from './pseudonyms.ts';
import { type Blanked, maskSip } from './sip-text.ts';

const START = /(?:SIP\/2\.0 \d{3}[^\r\n]*|[A-Z]{2,20} [^\s]{1,1024} SIP\/2\.0)\r?\n/g;
const LENGTH = /^(?:content-length|l)[ \t]*:[ \t]*(\d{1,7})/im;

/**
 * What one direction of a connection carried, without holes: its SIP messages masked, everything else blanked.
 * @returns the text, as long as it was, and how many octets were blanked
 */
export function maskStream(
  names: Pseudonyms,
  text: string,
  blanked: Blanked,
): { text: string; octets: number } {
  let out = '';
  let octets = 0;
  const blank = (from: number, to: number): void => {
    // Between messages there may be empty lines, which keep a connection alive.
    const piece = text.slice(from, to).replace(/[^\r\n]/g, () => {
      octets++;
      return 'x';
    });
    out += piece;
  };
  START.lastIndex = 0;
  for (let found = START.exec(text); found !== null; found = START.exec(text)) {
    blank(out.length, found.index);
    const head = /\r?\n\r?\n/g;
    head.lastIndex = found.index;
    const blankLine = head.exec(text);
    const headEnd = blankLine === null ? text.length : blankLine.index + blankLine[0].length;
    const length = Number(LENGTH.exec(text.slice(found.index, headEnd))?.[1] ?? 0);
    const end = Math.min(text.length, headEnd + length);
    out += maskSip(names, text.slice(found.index, end), blanked);
    START.lastIndex = end;
  }
  blank(out.length, text.length);
  return { text: out, octets };
}

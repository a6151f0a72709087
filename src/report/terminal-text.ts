/** Characters that take two columns of a terminal: East Asian wide and full width forms, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
const MARKS_ONLY = /^\p{M}+$/u;
/** Plain ASCII, the usual case, needs no look at single characters. */
const ASCII = /^[\x20-\x7e]*$/;

/** Made when it is needed first: it takes as long as a table of a hundred calls. */
let segmenter: Intl.Segmenter | null = null;

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Columns a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(grapheme: string): number {
  if (MARKS_ONLY.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/**
 * A text cut to a width, with a mark in the middle where something is missing: the ends of addresses and numbers
 * tell them apart. Never cuts a character in two.
 */
export function truncated(text: string, width: number, unicode: boolean): string {
  if (displayWidth(text) <= width) return text;
  const mark = unicode ? '…' : '~';
  if (width < 1) return '';
  const parts = Array.from(graphemesOf(text), ({ segment }) => segment);
  const room = width - 1;
  const head = fitting(parts, Math.ceil(room / 2));
  const tail = fitting(parts.toReversed(), room - displayWidth(head.join(''))).toReversed();
  return head.join('') + mark + tail.join('');
}

function fitting(parts: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const part of parts) {
    used += graphemeWidth(part);
    if (used > width) break;
    taken.push(part);
  }
  return taken;
}

/** A text with spaces up to a width. */
export function padded(text: string, width: number, align: 'left' | 'right'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/**
 * A text in lines no wider than `width`, broken at spaces; a word that is wider stays whole, so that it can still be
 * copied. One line if the width is 0.
 */
export function wrapped(text: string, width: number): string[] {
  if (width <= 0) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines;
}

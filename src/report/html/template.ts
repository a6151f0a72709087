import { neutralised } from '../wire-text.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Most texts need no escape, which is found out faster. */
const HARMLESS = /^[ !#-%(-;=?-~]*$/;

/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Html | string | number | null | readonly Html[];

/** HTML of a template; whatever is put in is escaped, unless it is HTML itself. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  let text = strings[0]!;
  for (const [i, part] of parts.entries()) text += textOf(part) + strings[i + 1]!;
  return new Html(text);
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === null) return '';
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return escaped(String(part));
}

/** A text as it can stand in HTML; control characters are shown as escapes. */
export function escaped(text: string): string {
  if (HARMLESS.test(text)) return text;
  return neutralised(text).replace(/[&<>"']/g, (found) => ESCAPES[found]!);
}

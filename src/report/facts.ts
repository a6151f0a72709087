import { PLAIN, type TextStyle } from './paint.ts';
import { wrapped } from './terminal-text.ts';

const LABEL_WIDTH = 12;
const INDENT = 2;

/** A labelled line: `  jitter      mean 3.1 ms ...`, its continuation under the text and not under the label. */
export function* factLines(label: string, text: string, style: TextStyle): Generator<string> {
  const paint = style.paint ?? PLAIN;
  const left = INDENT + LABEL_WIDTH;
  const columns = style.columns ?? 0;
  let first = true;
  for (const line of wrapped(text, columns === 0 ? 0 : Math.max(1, columns - left))) {
    const head = first ? ' '.repeat(INDENT) + paint.dim(label.padEnd(LABEL_WIDTH)) : ' '.repeat(left);
    yield head + line;
    first = false;
  }
}

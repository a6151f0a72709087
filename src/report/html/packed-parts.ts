import { gzipSync } from 'node:zlib';
import { Html } from './template.ts';

/** Between two parts of a block. Escaped text never holds it. */
const SEPARATOR = '\u001e';

/**
 * Pieces of HTML that the page unpacks when they are asked for: several together, compressed, as text that no parser
 * takes for markup. `name` and a number make the id of each block.
 */
export function* packedBlocks(name: string, parts: Iterable<Html>, each: number): Generator<Html> {
  let block: string[] = [];
  let number = 0;
  for (const { text } of parts) {
    block.push(text);
    if (block.length < each) continue;
    yield packed(`${name}-${number++}`, block);
    block = [];
  }
  if (block.length > 0) yield packed(`${name}-${number}`, block);
}

function packed(id: string, block: readonly string[]): Html {
  const bytes = gzipSync(block.join(SEPARATOR), { level: 6 });
  return new Html(
    `<script type="application/octet-stream" id="${id}">${bytes.toString('base64')}</script>\n`,
  );
}

/** A value as JSON that can stand in a script element: it holds no `<`. */
export function embeddedJson(id: string, value: unknown): Html {
  const text = JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/[\u2028\u2029]/g, (found) => (found === '\u2028' ? '\\u2028' : '\\u2029'));
  return new Html(`<script type="application/json" id="${id}">${text}</script>\n`);
}

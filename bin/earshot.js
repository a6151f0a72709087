#!/usr/bin/env node
import { statSync } from 'node:fs';

/** When a file was made, ms; -1 when there is none. */
function madeAt(url) {
  return statSync(url, { throwIfNoEntry: false })?.mtimeMs ?? -1;
}

const compiled = new URL('../dist/cli/main.js', import.meta.url);
const bundled = new URL('../dist/bundle/main.js', import.meta.url);
// A bundle older than what it was made of is left alone.
const main = madeAt(bundled) >= madeAt(compiled) ? bundled : compiled;
if (madeAt(main) >= 0) {
  const { run } = await import(main.href);
  await run(process.argv);
} else {
  process.stderr.write('earshot: not built yet; run "npm run setup" in the checkout first\n');
  process.exitCode = 1;
}

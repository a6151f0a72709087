// Puts the compiled command line into a few files. Modules that are compiled apart load each other's constants for every
// packet; in one file they are known to the compiler. And a hundred small files take longer to open than one large.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

/** Bundles these entry points: what several of them need stands in files that they share. */
function bundle(...names) {
  return build({
    entryPoints: names.map((name) => join(dist, 'cli', `${name}.js`)),
    outdir: join(dist, 'bundle'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // Writes the value of a constant where it is used; names and lines stay as they are.
    minifySyntax: true,
    logLevel: 'error',
  });
}

// The thread that measures starts from a file of its own, too.
await bundle('main', 'measuring-worker', 'cap-capture');
// Apart: what a lane shares with the engine would otherwise stand in a file apart from the rest of the engine.
await bundle('lane-worker');

// A worker starts from a file of its own.
for (const file of ['unpack-worker.js', 'zstd-frames.js']) {
  copyFileSync(join(dist, 'capture', file), join(dist, 'bundle', file));
}

// Puts the compiled command line into a few files. Modules that are compiled apart load each other's constants for every
// packet; in one file they are known to the compiler. And a hundred small files take longer to open than one large.
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { settledModule } from './settled-module.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const entries = ['main', 'measuring-worker', 'cap-capture'];
const compiled = (name) => join(dist, 'cli', `${name}.js`);

/** Bundles these entry points: what several of them need stands in files that they share. */
function bundle(names, options = {}) {
  return build({
    entryPoints: names.map(compiled),
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
    ...options,
  });
}

/**
 * Every file that is a beginning needs all of `core`, and so `core` stands in one file. Without it there is a file for
 * each set of beginnings that share something: sixty for a replay, which take 25 ms to open.
 */
function oneCore(core, beginnings) {
  return {
    name: 'one-core',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^earshot:core$/ }, () => ({ path: 'core', namespace: 'core' }));
      onLoad({ filter: /.*/, namespace: 'core' }, () => ({
        contents: core.map((path) => `import ${JSON.stringify(path)};`).join('\n'),
        resolveDir: dist,
      }));
      onLoad({ filter: /\.js$/ }, ({ path }) =>
        beginnings.has(path)
          ? { contents: `import 'earshot:core'; ${readFileSync(path, 'utf8')}` }
          : undefined,
      );
    },
  };
}

/** What of the modules in a build is always needed by `names`, and which modules something begins with. */
function coreOf({ inputs }, names) {
  const beginnings = new Set(entries.map(compiled));
  for (const { imports } of Object.values(inputs))
    for (const { kind, path, external } of imports)
      if (kind === 'dynamic-import' && !external) beginnings.add(resolve(path));
  const core = new Set();
  const visit = (path) => {
    if (core.has(path)) return;
    core.add(path);
    for (const { kind, path: next, external } of inputs[path].imports)
      if (kind === 'import-statement' && !external) visit(next);
  };
  const wanted = names.map(compiled);
  for (const path of Object.keys(inputs)) if (wanted.includes(resolve(path))) visit(path);
  return { core: [...core].map((path) => resolve(path)).filter((path) => !beginnings.has(path)), beginnings };
}

rmSync(join(dist, 'bundle'), { recursive: true, force: true });
const { metafile } = await bundle(entries, { metafile: true, write: false });
const { core, beginnings } = coreOf(metafile, ['main', 'replay']);
await bundle(entries, { plugins: [oneCore(core, beginnings)] });
// Apart: what a lane shares with the engine would otherwise stand in a file apart from the rest of the engine.
await bundle(['lane-worker']);

for (const name of readdirSync(join(dist, 'bundle'))) {
  const path = join(dist, 'bundle', name);
  writeFileSync(path, settledModule(readFileSync(path, 'utf8')));
}

// A worker starts from a file of its own.
for (const file of ['unpack-worker.js', 'zstd-frames.js']) {
  copyFileSync(join(dist, 'capture', file), join(dist, 'bundle', file));
}

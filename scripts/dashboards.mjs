// Writes what is made of code in dashboards/, and docs/dashboards.md. A test checks that they are up to date. The limits are
// those of a rule file: the first argument, or rules/default.yaml.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const rules = process.argv[2];
const root = fileURLToPath(new URL('..', import.meta.url));
// Below the root, so that packages are found.
const folder = mkdtempSync(join(root, 'node_modules', '.dashboards-'));
try {
  const outfile = join(folder, 'all.mjs');
  await build({
    entryPoints: [join(root, 'dashboards', 'source', 'all.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  const { generatedFiles } = await import(pathToFileURL(outfile).href);
  const rulesFile = rules === undefined ? join(root, 'rules', 'default.yaml') : resolve(rules);
  for (const [path, text] of generatedFiles(rulesFile)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

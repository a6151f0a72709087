// npm run test:findings -- [--only NAME] [--seeds N] [--quiet]
// Examines the detectors on labelled captures and prints precision and recall of every finding code. Exit status 1 when
// one of them falls short.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const outfile = join(import.meta.dirname, '..', '..', 'dist', `findings-examination-${process.pid}.mjs`);
await build({
  ...{ entryPoints: [join(import.meta.dirname, 'run.ts')], outfile, logLevel: 'warning' },
  ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external' },
});
try {
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}

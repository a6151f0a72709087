// Makes a fresh checkout ready: installs the locked dependencies and compiles, each only when something changed.
// Plain JavaScript without imports from node_modules, because there may be none yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'node_modules', '.earshot-setup');

/** Newest modification time below a path, ms. */
function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: false,
  });
  if (result.status !== 0) {
    process.stderr.write(`setup: "${command} ${args.join(' ')}" failed\n`);
    process.exit(1);
  }
}

/** The bundle is faster, not different: without it the compiled modules are run as they are. */
function bundle() {
  const made = spawnSync(process.execPath, [join(root, 'scripts', 'bundle.mjs')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (made.status === 0) return;
  rmSync(join(root, 'dist', 'bundle'), { recursive: true, force: true });
  process.stderr.write(`setup: no bundle (${made.stderr.trim().split('\n')[0]}); going on without\n`);
}

const installed = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
if (installed < newest(join(root, 'package-lock.json'))) {
  process.stderr.write('setup: installing dependencies\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, '');
}
const built = join(root, 'dist', 'cli', 'main.js');
const sources = Math.max(newest(join(root, 'src')), newest(join(root, 'tsconfig.build.json')));
if (!existsSync(built) || statSync(built).mtimeMs < sources) {
  process.stderr.write('setup: compiling\n');
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  bundle();
}

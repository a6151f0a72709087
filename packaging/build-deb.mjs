// npm run deb [-- --output DIRECTORY]
// Builds a Debian package of the compiled program with its run-time dependencies. Needs dpkg-deb.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { output: { type: 'string', default: root } } });
const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();

const CONTROL = `Package: earshot
Version: ${version}
Section: net
Priority: optional
Architecture: ${architecture}
Depends: nodejs (>= 20.19), adduser
Recommends: libpcap0.8
Maintainer: Earshot developers <earshot@localhost>
Description: ${description.split(':')[0]}
 ${description}
`;

const stage = mkdtempSync(join(tmpdir(), 'earshot-deb-'));
try {
  chmodSync(stage, 0o755);
  const program = join(stage, 'usr/lib/earshot');
  const put = (from, to, mode = 0o644) => {
    mkdirSync(dirname(join(stage, to)), { recursive: true });
    cpSync(join(root, from), join(stage, to));
    chmodSync(join(stage, to), mode);
  };
  mkdirSync(program, { recursive: true });
  for (const part of ['bin', 'dist', 'docs'])
    cpSync(join(root, part), join(program, part), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) put(file, `usr/lib/earshot/${file}`);
  execFileSync('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], {
    cwd: program,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  mkdirSync(join(stage, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/earshot/bin/earshot', join(stage, 'usr/bin/earshot'));
  put('packaging/earshot.service', 'lib/systemd/system/earshot.service');
  put('packaging/debian/earshot.yaml', 'etc/earshot/earshot.yaml');
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) put(file, `usr/share/doc/earshot/${file}`);
  put('packaging/debian/postinst', 'DEBIAN/postinst', 0o755);
  put('packaging/debian/prerm', 'DEBIAN/prerm', 0o755);
  writeFileSync(join(stage, 'DEBIAN/control'), CONTROL);
  writeFileSync(join(stage, 'DEBIAN/conffiles'), '/etc/earshot/earshot.yaml\n');
  const file = join(values.output, `earshot_${version}_${architecture}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', stage, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  console.log(file);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

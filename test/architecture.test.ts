import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

/** What each folder may import besides itself. A folder that is missing here fails the test. */
const ALLOWED: Record<string, readonly string[]> = {
  records: [],
  packet: [],
  sip: ['records'],
  quality: [],
  synth: [],
  capture: ['packet'],
  tls: ['packet'],
  rtp: ['packet', 'records'],
  rtcp: ['packet', 'records'],
  across: ['packet', 'rtp', 'records'],
  t38: ['packet', 'records'],
  calls: ['packet', 'rtp', 'sip', 'records'],
  registrations: ['packet', 'sip', 'records'],
  trunks: ['packet', 'sip', 'records'],
  scans: ['packet', 'sip', 'records'],
  engine: [
    'packet',
    'rtp',
    'rtcp',
    't38',
    'sip',
    'tls',
    'quality',
    'across',
    'calls',
    'registrations',
    'trunks',
    'scans',
    'records',
  ],
  evidence: ['engine', 'packet', 'privacy', 'rtcp', 'rtp', 'sip', 'tls'],
  store: ['evidence', 'packet', 'privacy'],
  privacy: [],
  report: ['records'],
  compare: ['records', 'report'],
  taps: ['engine', 'packet', 'records', 'report', 'rtp', 'sip'],
  live: ['across', 'calls', 'capture', 'engine', 'packet', 'records', 'registrations', 'report', 'store'],
  metrics: ['live', 'packet', 'records', 'report'],
  web: ['live', 'metrics', 'records', 'report'],
  alerts: ['config', 'records', 'report'],
  delivery: [],
  notify: ['alerts', 'delivery', 'live', 'records', 'report'],
  config: ['calls', 'capture', 'delivery', 'engine', 'metrics', 'records', 'rtp', 'web'],
  doctor: ['capture'],
  cli: [
    'alerts',
    'compare',
    'delivery',
    'doctor',
    'notify',
    'capture',
    'config',
    'engine',
    'evidence',
    'live',
    'metrics',
    'packet',
    'privacy',
    'records',
    'report',
    'store',
    'synth',
    'taps',
    'tls',
    'web',
  ],
};

/** Folders that may touch files, clocks, sockets and the process. All others are the core. */
const OUTSIDE = new Set([
  'capture',
  'report',
  'live',
  'metrics',
  'web',
  'delivery',
  'notify',
  'cli',
  'store',
  'synth',
]);

interface Import {
  file: string;
  folder: string;
  target: string;
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : [];
  });
}

const allFiles = files(source);
const folderOf = (file: string): string => relative(source, file).split('/')[0] ?? '';

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern = /(?:from|import)\s*\(?\s*'([^']+)'/g;
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    folder: folderOf(file),
    target: match[1] ?? '',
  }));
}

const imports = allFiles.flatMap(importsOf);

describe('the direction of dependencies', () => {
  test('every folder of src is known', () => {
    expect([...new Set(allFiles.map(folderOf))].filter((folder) => !(folder in ALLOWED))).toEqual([]);
  });

  test('folders import only what stands below them', () => {
    const wrong = imports.filter(({ file, folder, target }) => {
      if (!target.startsWith('.')) return false;
      const other = folderOf(resolve(dirname(file), target));
      return other !== folder && !(ALLOWED[folder] ?? []).includes(other);
    });
    expect(wrong.map(({ file, target }) => `${relative(root, file)} imports ${target}`)).toEqual([]);
  });

  test('protocol folders take only the packet view from packet', () => {
    const wrong = imports.filter(({ folder, target }) => {
      if (folder !== 'rtp' && folder !== 'rtcp' && folder !== 't38') return false;
      return target.includes('/packet/') && basename(target) !== 'view.ts';
    });
    expect(wrong.map(({ file, target }) => `${relative(root, file)} imports ${target}`)).toEqual([]);
  });

  test('the core touches neither the system nor the clock', () => {
    const banned =
      /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|process\.|console\.|setTimeout|setInterval)/;
    const core = allFiles.filter((file) => !OUTSIDE.has(folderOf(file)));
    expect(core.length).toBeGreaterThan(20);
    const impure = core.filter((file) => banned.test(readFileSync(file, 'utf8')));
    const system = imports.filter(({ folder, target }) => !OUTSIDE.has(folder) && target.startsWith('node:'));
    expect(impure.map((file) => relative(root, file))).toEqual([]);
    expect(system.map(({ file, target }) => `${relative(root, file)} imports ${target}`)).toEqual([]);
  });
});

/** The files that a file needs when it is loaded; types alone are gone by then. */
function loadedBy(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/^(?:import|export) (?!type )(?:([^;']*?) from )?'(\.[^']+)';/gm);
  const needed = [...statements].filter(([, names]) => {
    const braced = /^\{([^}]*)\}$/.exec(names?.trim() ?? '')?.[1];
    return braced === undefined || braced.split(',').some((name) => !/^\s*(?:type .*)?$/.test(name));
  });
  return needed.map(([, , target]) => resolve(dirname(file), target!));
}

/** A way from a file back to itself, or null. */
function cycleFrom(file: string, loads: ReadonlyMap<string, readonly string[]>): string[] | null {
  const cameFrom = new Map<string, string>();
  const ahead = [file];
  for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
    for (const next of loads.get(at) ?? []) {
      if (next === file) {
        const way = [file];
        for (let back = at; back !== file; back = cameFrom.get(back)!) way.unshift(back);
        return [file, ...way];
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      ahead.push(next);
    }
  }
  return null;
}

test('no file needs itself by way of others', () => {
  const loads = new Map(allFiles.map((file) => [file, loadedBy(file)]));
  expect([...loads.values()].flat().length).toBeGreaterThan(1000);
  const cycles = allFiles.flatMap((file) => {
    const cycle = cycleFrom(file, loads);
    return cycle === null ? [] : [cycle.map((each) => relative(root, each)).join(' > ')];
  });
  expect(cycles).toEqual([]);
});

/** What makes the dashboards: it runs when they are built, and is in no probe. */
const dashboardFiles = files(join(root, 'dashboards/source'));

test('dashboards are made of rules and metrics, and nothing is made of dashboards', () => {
  const targets = dashboardFiles.flatMap(importsOf).filter(({ target }) => target.includes('/src/'));
  expect(targets.length).toBeGreaterThan(5);
  const wrong = targets.filter(
    ({ target }) => !/\/src\/(alerts|metrics)\/|\/src\/cli\/metric-facts\.ts$/.test(target),
  );
  expect(wrong.map(({ file, target }) => `${relative(root, file)} imports ${target}`)).toEqual([]);
  expect(imports.filter(({ target }) => /dashboards|grafana/.test(target))).toEqual([]);
});

describe('the shape of the code', () => {
  test('files stay under 400 lines', () => {
    const long = [...allFiles, ...files(join(root, 'test')), ...dashboardFiles].filter(
      (file) => readFileSync(file, 'utf8').split('\n').length > 400,
    );
    expect(long.map((file) => relative(root, file))).toEqual([]);
  });

  test('no drawer for odds and ends', () => {
    const drawers = allFiles.filter((file) =>
      /(utils?|helpers?|common|manager|misc)/i.test(relative(source, file)),
    );
    expect(drawers).toEqual([]);
  });

  test('what is exported is not assigned to: scripts/bundle.mjs exports copies', () => {
    const assigned = allFiles.filter((file) => /^export (let|var)\b/m.test(readFileSync(file, 'utf8')));
    expect(assigned.map((file) => relative(source, file))).toEqual([]);
  });

  test('hot files allocate nothing per packet', () => {
    const hot = [
      'rtp/jitter.ts',
      'rtp/run.ts',
      'rtp/sequence.ts',
      'rtp/verdicts.ts',
      'rtp/header.ts',
      'packet/ethernet.ts',
      'packet/exported-pdu.ts',
      'packet/gre.ts',
      'packet/icmp.ts',
      'packet/inside.ts',
      'packet/ip.ts',
      'packet/ip-protocols.ts',
      'packet/l2tp.ts',
      'packet/link.ts',
      'engine/fast-lane.ts',
      'packet/mpls.ts',
      'packet/nflog.ts',
      'packet/plausible.ts',
      'packet/ppp.ts',
      'packet/udp-tunnels.ts',
      'packet/view.ts',
      'packet/wireless.ts',
    ];
    const banned = /=>|\bnew \w|\.\.\.|\.map\(|\.slice\(|\.subarray\(|BigInt|\btry\b|`/;
    for (const file of hot) {
      const code = readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      expect(code.match(banned)?.[0] ?? null, file).toBeNull();
    }
  });
});

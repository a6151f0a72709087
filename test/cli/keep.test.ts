import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportCall, ReportFinding, ReportStream } from '../../src/report/contract.ts';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

const demo = readFileSync(join(ROOT, DEMO));

interface Report {
  calls: ReportCall[];
  streams: ReportStream[];
  findings: ReportFinding[];
}

function replayed(...files: string[]): Report {
  const { code, stdout } = earshot(['replay', ...files, '--json', '--no-payload']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Report;
}

describe('earshot live --keep', () => {
  test('keeps files in which replay finds what the probe found', () => {
    const directory = folder.at('kept');
    const live = earshot(['live', '-', '--json', '--keep', '1h', '--keep-in', directory], { input: demo });
    expect(live.code).toBe(0);
    const again = replayed(...readdirSync(directory).map((name) => join(directory, name)));
    const original = replayed(DEMO);
    expect(again.calls).toEqual(original.calls);
    // Which keys were pressed is nobody's business.
    expect(again.streams).toEqual(original.streams.map((stream) => ({ ...stream, events: [] })));
    expect(again.findings).toEqual(original.findings);
  });

  test.each([
    [['--keep', '10m'], 2, '--keep 10m --keep-in /var/lib/earshot/packets'],
    [['--keep-in', 'x'], 2, '--keep 10m --keep-in /var/lib/earshot/packets'],
    [['--keep', '10m', '--keep-in', DEMO], 1, `${DEMO} cannot be written to (EEXIST)`],
  ])('%s is refused in one line', (options, code, said) => {
    const refused = earshot(['live', '-', ...options], { input: demo });
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(said);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a configuration that does not say where is wrong', () => {
    const file = folder.write('earshot.yaml', 'keep: {for: 10m}\n');
    const { code, stderr, stdout } = earshot(['config', 'check', file]);
    expect(code).toBe(2);
    expect(stderr + stdout).toContain(':1:13: keep.for: keep.directory must say where packets are kept');
  });
});

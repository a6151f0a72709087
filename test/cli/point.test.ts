import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, DEMO, earshot, Folder } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

const config = (): string =>
  folder.write(
    'earshot.yaml',
    'probe: { name: fra-1 }\ngroups:\n  sites: [{ name: Berlin, cidr: [192.0.2.12/31] }]\n',
  );

describe('the point of measurement', () => {
  const point = (...args: string[]): unknown => {
    const { code, stdout } = earshot(['replay', DEMO, '--json', ...args]);
    expect(code).toBe(0);
    return (JSON.parse(stdout) as { capture: { point: unknown } }).capture.point;
  };

  test('is what --point says, or else the name of the probe of a configuration that is given', () => {
    expect(point()).toBeNull();
    expect(point('--point', ' Frankfurt, SBC outside ')).toBe('Frankfurt, SBC outside');
    expect(point('--config', config())).toBe('fra-1');
    expect(point('--config', config(), '--point', 'fra-2')).toBe('fra-2');
  });

  test('stands at the head of the table and of the page, with pseudonyms as well', () => {
    const plain = earshot(['replay', DEMO]).stdout;
    expect(earshot(['replay', DEMO, '--point', 'fra-1']).stdout).toBe(`measured at fra-1\n${plain}`);
    const file = folder.at('page.html');
    expect(earshot(['replay', DEMO, '--point', 'fra <1>', '--html', file]).code).toBe(0);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('<title>Call quality report of fra &lt;1&gt; 2026-03-02 09:00 UTC</title>');
    expect(page).toContain('<p>Measured at <b>fra &lt;1&gt;</b></p>');
    expect(point('--point', 'fra-10.0.0.1-4930123456', '--pseudonymise=addresses')).toBe(
      'fra-10.0.0.1-4930123456',
    );
  });

  test('stands in the comment of a slice, which can be made of one site', () => {
    const out = folder.at('site.pcapng');
    const args = ['slice', DEMO, '--config', config(), '--filter', 'site=Berlin', '-o', out];
    expect(earshot(args)).toMatchObject({ code: 0, stderr: '' });
    const text = readFileSync(out, 'latin1');
    expect(text).toContain('Captured at fra-1.\n');
    expect(text).toMatch(/3 calls: c2 \S+, c3 \S+, c8 /);
    expect(earshot(['slice', DEMO, '--call', 'c1', '-o', out]).code).toBe(0);
    expect(readFileSync(out, 'latin1')).not.toContain('Captured at');
  });

  test.each([
    [['replay', DEMO, '--point', ' '], /--point.*up to 64 printable characters/],
    [['replay', DEMO, '--point', 'a\nb'], /--point.*up to 64 printable characters/],
    [['slice', DEMO, '-o', 'x', '--filter', 'site=a'], /--filter: site=... goes by the groups/],
    [['slice', DEMO, '-o', 'x', '--config', 'missing.yaml'], /missing.yaml: there is no such file/],
  ])('%j is wrong usage', (args, why) => {
    const { code, stdout, stderr } = earshot(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(why);
  });
});

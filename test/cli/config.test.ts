import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, earshot, Folder } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

function file(name: string, text: string): string {
  return folder.write(name, text);
}

test('every mistake is a line of its own, in the order of the file, and the exit status 2', () => {
  const path = file(
    'wrong.yaml',
    'interfaces:\n  - name: eth1\n    engine: rign\nqualiti:\n  playout: none\n',
  );
  const { code, stdout, stderr } = earshot(['config', 'check', path]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe(
    `earshot: ${path}:3:13: interfaces[0].engine: expected one of auto, ring, pcap, cap, got "rign"; did you mean ring?`,
  );
  expect(lines[1]).toContain(`${path}:4:1: qualiti: no such setting; did you mean quality?`);
  const json = earshot(['config', 'check', path, '--json']);
  expect(json.code).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({
    file: path,
    problems: [{ line: 3, column: 13 }, { line: 4 }],
  });
});

test('a file that is not there', () => {
  const { code, stderr } = earshot(['config', 'check', folder.at('none.yaml')]);
  expect(code).toBe(2);
  expect(stderr).toBe(`earshot: ${folder.at('none.yaml')}: there is no such file\n`);
});

test('a name that would write to a terminal is shown in plain characters', () => {
  const { code, stderr } = earshot(['replay', '/none/\x1b[31m\n.pcap']);
  expect(code).toBe(1);
  expect(stderr).toBe('earshot: /none/\\x1b[31m .pcap: no such file\n');
  expect(earshot(['config', 'check', '/none/\x1b[31m.yaml']).stderr).toBe(
    'earshot: /none/\\x1b[31m.yaml: there is no such file\n',
  );
});

test('the defaults are a valid file', () => {
  const { code, stdout } = earshot(['config', 'print', '--defaults']);
  expect(code).toBe(0);
  const path = file('defaults.yaml', stdout);
  expect(earshot(['config', 'check', path])).toMatchObject({ code: 0, stdout: `${path}: valid\n` });
});

test('secrets come from the environment and are not printed', () => {
  const path = file('hep.yaml', 'hep:\n  - listen: udp:127.0.0.1:9060\n    key: $' + '{HEP_KEY}\n');
  const shown = earshot(['config', 'print', path], { env: { HEP_KEY: 'sesame' } });
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('listen: udp:127.0.0.1:9060');
  expect(shown.stdout).not.toContain('sesame');
  const json = earshot(['config', 'print', path, '--json'], { env: { HEP_KEY: 'sesame' } });
  expect(json.stdout).not.toContain('sesame');
  expect(JSON.parse(json.stdout)).toMatchObject({
    hep: [{ key: '(not shown)' }],
    quality: { playout: 'adaptive' },
  });
  expect(earshot(['config', 'check', path]).stderr).toMatch(
    /:3:10: hep\[0\]\.key: the environment variable HEP_KEY is not set/,
  );
});

test('the schema for editors is JSON', () => {
  const { code, stdout } = earshot(['config', 'schema']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ type: 'object', additionalProperties: false });
});

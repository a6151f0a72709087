import { beforeAll, expect, test } from 'vitest';
import { build, shell } from './earshot.ts';

beforeAll(build, 120_000);

test.each([
  ['a load', '--load 60x10'],
  ['a scenario', '--calls 20 --duration 20'],
])('%s is written whole into a pipe whose reader is slow', (_, what) => {
  const { code, stdout, stderr } = shell(`earshot synth ${what} -o - | (sleep 1; earshot replay - --json)`);
  expect({ code, stderr: stderr.split('\n').filter((line) => line.startsWith('earshot:')) }).toEqual({
    code: 0,
    stderr: [],
  });
  const { capture, calls } = JSON.parse(stdout) as { capture: { discarded: object }; calls: object[] };
  expect(calls).toHaveLength(what.startsWith('--load') ? 60 : 20);
  expect(capture.discarded).toEqual({});
});

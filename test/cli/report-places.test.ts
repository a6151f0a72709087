import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placesOf } from '../../src/cli/report-places.ts';
import type { GroupRule } from '../../src/metrics/groups/groups.ts';
import { call, signalling, stream } from '../report/records.ts';
import { build, DEMO, earshot, Folder } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

const rule = (name: string, changes: Partial<GroupRule>): GroupRule => {
  return { name, cidr: [], vlan: [], userAgent: [], header: null, value: '*', ...changes };
};

describe('places of records', () => {
  const trunk = rule('carrier', { cidr: ['198.51.100.0/24'] });
  const config = { sites: [rule('north', { userAgent: ['Phone/*'] })], trunks: [trunk], devices: [] };

  test('are those that metrics and alerts have', () => {
    const places = placesOf(config)!;
    const hosts = { source: '192.0.2.1', destination: '198.51.100.9' };
    const userAgents = { caller: 'Phone/1', callee: null };
    expect(places.kinds).toEqual(['trunk', 'site']);
    expect(places.call(call({ signalling: signalling({ hosts, userAgents }) }))).toEqual({
      site: 'north',
      trunk: 'carrier',
      direction: 'outbound',
    });
    const of = stream({
      dst: { ip: '198.51.100.7', port: 1 },
      sender: { userAgent: 'Phone/2', headers: {} },
    });
    expect(places.stream(of)).toMatchObject({ site: 'north', trunk: 'carrier' });
  });

  test('are null where no group holds, and inside only where trunks are known', () => {
    const nobody = { caller: null, callee: null };
    const elsewhere = call({ signalling: signalling({ userAgents: nobody }) });
    expect(placesOf(config)!.call(elsewhere)).toEqual({ site: null, trunk: null, direction: 'internal' });
    const sites = placesOf({ ...config, trunks: [] })!;
    expect(sites.call(elsewhere)).toEqual({ site: null, trunk: null, direction: null });
    expect(placesOf({ sites: [], trunks: [], devices: [] })).toBeNull();
  });
});

describe('replay --config', () => {
  /** In the demo, one telephone has 192.0.2.12; the far end is 203.0.113.20. */
  const yaml = (): string =>
    folder.write(
      'groups.yaml',
      `groups:
  sites: [{ name: Berlin, cidr: [192.0.2.12/31] }]
  trunks: [{ name: carrier-a, cidr: [203.0.113.0/24] }]
`,
    );
  const replay = (...args: string[]) => earshot(['replay', DEMO, '--config', yaml(), ...args]);
  interface Placed {
    id: string;
    site: string | null;
    trunk: string | null;
  }
  const parsed = (...args: string[]): { calls: Placed[]; streams: Placed[] } => {
    const { code, stdout, stderr } = replay(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as { calls: Placed[]; streams: Placed[] };
  };

  test('gives calls and streams their site and trunk, without rules', () => {
    const { calls, streams } = parsed();
    expect(calls.find(({ id }) => id === 'c2')).toMatchObject({
      ...{ site: 'Berlin', trunk: 'carrier-a', direction: 'outbound' },
    });
    expect(streams.find(({ id }) => id === 's4')).toMatchObject({ site: 'Berlin', trunk: 'carrier-a' });
    expect(streams.find(({ id }) => id === 's9')).toMatchObject({ site: null, trunk: 'carrier-a' });
    const [header, ...rows] = replay('--csv', 'streams').stdout.trimEnd().split('\r\n');
    expect(header).toMatch(/,noScore,site,trunk$/);
    expect(rows.every((row) => /,(?:Berlin)?,carrier-a$/.test(row))).toBe(true);
    expect(replay('--ndjson').stdout).toMatch(/^\{"type":"call",.*"site":"Berlin"/m);
    expect(replay('--call', 'c2').stdout).toContain('  place       site Berlin, trunk carrier-a, outbound\n');
  });

  test('chooses by them, in either case', () => {
    expect(parsed('--filter', 'site=berlin').calls.map(({ id }) => id)).toEqual(['c2', 'c3', 'c8']);
    expect(parsed('--filter', 'trunk=carrier-a').calls.map(({ id }) => id)).toEqual([
      ...['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8'],
    ]);
    expect(parsed('--filter', 'trunk=carrier-b').streams).toEqual([]);
  });

  test('adds the blocks to the table, and changes nothing else in it', () => {
    const { stdout } = replay();
    const blocks = stdout.split('\n\n');
    expect(blocks.map((block) => block.split('\n')[0])).toContain('BY TRUNK');
    expect(stdout).toMatch(/^Berlin +3 /m);
    const without = blocks.filter((block) => !block.startsWith('BY ')).join('\n\n');
    expect(without).toBe(earshot(['replay', DEMO]).stdout);
  });

  test('goes for the conditions of a gate', () => {
    const failed = replay(
      '--fail-if',
      'max(lostRatio, site=berlin)>5%',
      '--fail-if',
      'p05(mosLq, trunk=x)<3',
    );
    expect(failed.code).toBe(3);
    expect(failed.stderr).toMatch(
      /^earshot: failed: max\(lostRatio, site=berlin\)>5%: 0\.056112 over 4 streams/,
    );
    expect(failed.stderr).toMatch(/failed: p05\(mosLq, trunk=x\)<3: .*0 streams/);
    expect(replay('--fail-if', 'max(setup.postDialDelayMs, trunk=carrier-a, site=Berlin)>1000').code).toBe(0);
  });

  test('names of groups go with pseudonyms as in alerts, and not to a provider', () => {
    const provider = replay('--provider', '203.0.113.0/24');
    expect(provider.stdout).toContain('names of sites and trunks');
    expect(provider.stdout).not.toMatch(/BY TRUNK|Berlin|carrier-a/);
    expect(replay('--provider', '203.0.113.0/24', '--json').stdout).not.toMatch(/Berlin|carrier-a/);
    expect(replay('--pseudonymise').stdout).toMatch(/^Berlin +3 /m);
  });

  test.each([
    [['--filter', 'site=Berlin'], /--filter: site=... goes by the groups of a configuration/],
    [['--filter', 'trunk='], /no trunk is named/],
    [['--fail-if', 'p05(mosLq, trunk=a)<3'], /--fail-if: trunk=... goes by the groups of a configuration/],
  ])('%j is wrong usage', (args, why) => {
    const { code, stdout, stderr } = earshot(['replay', DEMO, ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(why);
  });

  test('a kind without groups cannot be chosen by', () => {
    const file = folder.write('sites.yaml', 'groups:\n  sites: [{ name: a, cidr: [192.0.2.1] }]\n');
    const { code, stderr } = earshot(['replay', DEMO, '--config', file, '--filter', 'trunk=x']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'earshot: --filter: trunk=... means nothing here: the configuration has no groups.trunks\n',
    });
  });
});

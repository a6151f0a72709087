import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LiveOptions } from '../../src/cli/live-options.ts';
import { livePlan } from '../../src/cli/live-plan.ts';
import { afterRestart } from '../../src/cli/reload.ts';
import { readEarshotConfig } from '../../src/config/earshot-schema.ts';
import { build, DEMO, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

function planOf(yaml: string) {
  const checked = readEarshotConfig(yaml, {});
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const options = { interface: [], hep: [], plcOf: {}, threshold: {} } as unknown as LiveOptions;
  return livePlan(checked.config, options, () => false, { pipe: false, hepKey: null });
}

describe('what waits for a restart', () => {
  const before = 'interfaces: [{name: eth1}]\nhttp: {listen: "127.0.0.1:9464"}\n';

  test.each([
    ['', []],
    ['log: {level: debug}', []],
    ['probe: {name: x}', ['http or metrics']],
    ['hep: [{listen: "udp:127.0.0.1:9060"}]', ['hep']],
    ['quality: {plc: false, badR: 70}', []],
    ['quality: {playout: fixed50}', ['quality.playout']],
    ['thresholds: {lossWarningRatio: 0.5}', []],
    ['signalling: {emergencyNumbers: ["999"]}', []],
    ['limits: {streams: 128}', ['limits or privacy']],
    ['privacy: {showDigits: true}', ['privacy']],
    ['privacy: {pseudonymise: names}', ['pseudonyms']],
    ['tls: {keylog: keys.txt}', ['tls']],
    ['influxdb: [{url: "http://127.0.0.1:8086", database: d}]', ['influxdb']],
    ['keep: {for: 10m, directory: kept}', ['keep']],
    ['history: {directory: told}', ['history']],
  ])('%s', (added, expected) => {
    expect(afterRestart(planOf(before), planOf(`${before}${added}\n`))).toEqual(expected);
  });

  test('another interface', () => {
    expect(afterRestart(planOf(before), planOf(before.replace('eth1', 'eth2')))).toEqual(['interfaces']);
  });
});

test('SIGHUP reads the configuration again; a wrong one changes nothing, and is told', async () => {
  const file = folder.at('earshot.yaml');
  const valid = 'hep: [{listen: "udp:127.0.0.1:39063"}]\n';
  writeFileSync(file, valid);
  const probe = spawn(process.execPath, ['bin/earshot.js', 'live', '--config', file], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  probe.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const said = async (text: string, times = 1): Promise<void> => {
    while (log.split(text).length - 1 < times) {
      if (probe.exitCode !== null) throw new Error(`it ended: ${log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await said('"measuring"');
  writeFileSync(file, `${valid}qualiti: {}\n`);
  probe.kill('SIGHUP');
  await said('the old one stays in force');
  expect(log).toContain('did you mean quality?');
  writeFileSync(file, `${valid}quality: {plc: false, playout: neteq}\nlog: {level: warn}\n`);
  probe.kill('SIGHUP');
  await said('takes effect after a restart');
  expect(log).toContain('"settings":"quality.playout"');
  probe.kill('SIGTERM');
  const [code] = await once(probe, 'exit');
  // Told at level info, which was in force before.
  expect(log).not.toContain('stopping; a second signal');
  expect(code).toBe(0);
}, 60_000);

test('what packets are judged by after SIGHUP is in the records of the thread that measures', async () => {
  const file = folder.at('judged.yaml');
  writeFileSync(file, 'quality: {badR: 50}\n');
  const probe = spawn(process.execPath, ['bin/earshot.js', 'live', '-', '--json', '--config', file], {
    cwd: ROOT,
  });
  const texts = { out: '', err: '' };
  probe.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  probe.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.err += text;
  });
  const logged = async (text: string): Promise<void> => {
    while (!texts.err.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await logged('"measuring"');
  writeFileSync(file, 'quality: {badR: 71}\n');
  probe.kill('SIGHUP');
  await logged('the configuration was read again');
  probe.stdin.end(readFileSync(join(ROOT, DEMO)));
  const [code] = await once(probe, 'exit');
  const streams = texts.out
    .split('\n')
    .filter((line) => line.startsWith('{"type":"stream"'))
    .map((line) => JSON.parse(line));
  const limits = new Set(streams.map(({ quality }) => quality?.badR).filter((badR) => badR !== undefined));
  expect([code, [...limits], texts.err.includes('after a restart')]).toEqual([0, [71], false]);
}, 60_000);

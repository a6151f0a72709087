import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, DEMO, earshot, Folder, ROOT } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

describe('earshot live --listen', () => {
  test('serves what is measured, by the groups of the configuration', async () => {
    const file = folder.write(
      'earshot.yaml',
      'http: {token: "t0ken"}\ngroups:\n  sites: [{name: everywhere, cidr: [0.0.0.0/0]}]\n',
    );
    const args = ['bin/earshot.js', 'live', '-', '--json', '--config', file, '--listen', '127.0.0.1:0'];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (bytes: Buffer) => {
      log += bytes.toString('utf8');
    });
    child.stdin.write(readFileSync(join(ROOT, DEMO)));
    const until = async <T>(look: () => Promise<T | null> | T | null): Promise<T> => {
      for (;;) {
        const found = await look();
        if (found !== null) return found;
        await sleep(50);
      }
    };
    const address = await until(() => /"address":"([^"]+)"/.exec(log)?.[1] ?? null);
    expect((await fetch(`${address}/metrics`)).status).toBe(401);
    const headers = { authorization: 'Bearer t0ken' };
    const counted = await until(async () => {
      const text = await (await fetch(`${address}/metrics`, { headers })).text();
      return /^earshot_rtp_packets_total\{site="everywhere",.*\} [1-9]\d*$/m.exec(text)?.[0] ?? null;
    });
    expect(counted).toContain('trunk="none"');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    await expect(fetch(`${address}/-/healthy`)).rejects.toThrow();
  });

  test('is refused where others could ask, and says what to do', () => {
    const { code, stderr } = earshot(['live', '-', '--listen', '0.0.0.0:0']);
    expect(code).toBe(1);
    expect(stderr).toContain('0.0.0.0:0 can be reached by others and lacks TLS');
    const wrong = earshot(['live', '-', '--listen', 'nowhere']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('HOST:PORT');
  });
});

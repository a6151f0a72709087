import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/metrics.ts';
import { LOCAL_HTTP } from '../../src/web/http-options.ts';
import { LiveView } from '../../src/web/live-view.ts';
import { RecentCalls } from '../../src/web/recent-calls.ts';
import { WebServer } from '../../src/web/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
const made = spawnSync('openssl', [
  ...['req', '-x509', ...kind, '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
  ...['-keyout', key, '-out', cert],
]);
const reason = made.status === 0 ? '' : ' (skipped: openssl is not installed)';

describe.skipIf(reason !== '')(`the server with TLS${reason}`, () => {
  test('listens for everybody with a certificate and a password, and asks for it', async () => {
    const shown = {
      ...{ metrics: new Metrics({ version: '1', probe: 'p' }), recent: new RecentCalls() },
      ...{ view: new LiveView(), isReady: () => true },
    };
    const credentials = { username: 'noc', password: 'sesame', token: null };
    const server = new WebServer(
      { ...LOCAL_HTTP, host: '0.0.0.0', port: 0, tls: { cert, key }, credentials },
      shown,
    );
    const { port } = new URL(await server.listen());
    const ask = (auth?: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          port,
          path: '/metrics',
          ca: readFileSync(cert),
          auth,
          agent: false,
        };
        request(options, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await ask()).toBe(401);
    expect(await ask('noc:guess')).toBe(401);
    expect(await ask('noc:sesame')).toBe(200);
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
    await server.close();
  });
});

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Metrics } from '../../src/metrics/metrics.ts';
import { LOCAL_HTTP } from '../../src/web/http-options.ts';
import { LiveView } from '../../src/web/live-view.ts';
import { RecentCalls } from '../../src/web/recent-calls.ts';
import { CONNECTIONS_MAX, WebServer } from '../../src/web/server.ts';

const open: Socket[] = [];
let server: WebServer | null = null;
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await server?.close();
});

test('clients that were refused and never close keep no connection', async () => {
  const shown = {
    ...{ metrics: new Metrics({ version: '1', probe: 'p' }), recent: new RecentCalls() },
    ...{ view: new LiveView(), isReady: () => true },
  };
  server = new WebServer({ ...LOCAL_HTTP, host: '127.0.0.1', port: 0 }, shown);
  const address = await server.listen();
  const { hostname, port } = new URL(address);
  const answers: string[] = [];
  for (let i = 0; i < CONNECTIONS_MAX; i++) {
    // Its half stays open whatever the server does.
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    open.push(socket);
    socket.on('error', () => {});
    const ended = once(socket, 'end');
    socket.on('data', (bytes) => answers.push(bytes.toString('latin1')));
    socket.write('\x16\x03\x01\r\n\r\n');
    await ended;
  }
  expect(new Set(answers.map((answer) => answer.split('\r\n', 1)[0]))).toEqual(
    new Set(['HTTP/1.1 400 Bad Request']),
  );
  const healthy = await fetch(`${address}/-/healthy`);
  expect(healthy.status).toBe(200);
});

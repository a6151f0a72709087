import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { callRef } from '../../src/live/call-ref.ts';
import type { LiveRecord } from '../../src/live/live-records.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { HttpError, type HttpOptions, LOCAL_HTTP } from '../../src/web/http-options.ts';
import { LiveView } from '../../src/web/live-view.ts';
import { RecentCalls } from '../../src/web/recent-calls.ts';
import { WebServer } from '../../src/web/server.ts';
import {
  callTold,
  findingTold,
  intervalTold,
  startTold,
  statusTold,
  streamTold,
} from '../metrics/records.ts';

let running: WebServer[] = [];
afterEach(async () => {
  await Promise.all(running.map((server) => server.close()));
  running = [];
});

async function serve(
  records: readonly LiveRecord[] = [],
  options: Partial<HttpOptions> = {},
  isReady = true,
) {
  const [metrics, recent, view] = [
    new Metrics({ version: '1', probe: 'p' }),
    new RecentCalls(),
    new LiveView(),
  ];
  for (const each of [metrics, recent, view]) each.records(records);
  const server = new WebServer(
    { ...LOCAL_HTTP, host: '127.0.0.1', port: 0, ...options },
    { metrics, recent, view, isReady: () => isReady },
  );
  running.push(server);
  const address = await server.listen();
  return { server, address, get: (path: string, init: RequestInit = {}) => fetch(`${address}${path}`, init) };
}

/** Sends bytes as they are; answers with all that comes back. */
function raw(address: string, text: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
  });
}

const HOSTILE = '"><script>alert(1)</script>\u001b[31m';
const RECORDS: LiveRecord[] = [
  startTold(1),
  intervalTold(),
  streamTold({ callId: 'abc@pbx' }),
  findingTold({ callId: 'abc@pbx', severity: 'critical', code: 'one_way_media', text: HOSTILE }),
  callTold({ callId: 'abc@pbx', from: HOSTILE, verdict: 'media', findings: ['one_way_media'] }),
  callTold({ callId: 'fine@pbx', verdict: 'healthy', findings: [] }),
  statusTold(100),
];

describe('what the server answers', () => {
  test('metrics in both formats, packed where that is asked for', async () => {
    const { get, address } = await serve(RECORDS);
    const text = await get('/metrics');
    expect(text.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await text.text()).toContain('\nearshot_calls_total{');
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    const open = await get('/metrics', { headers: { accept } });
    expect(open.headers.get('content-type')).toContain('application/openmetrics-text; version=1.0.0');
    expect((await open.text()).endsWith('# EOF\n')).toBe(true);
    const host = new URL(address).host;
    const request = `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`;
    const answer = await raw(address, request);
    const [head = '', ...body] = answer.split('\r\n\r\n');
    expect(head).toContain('content-encoding: gzip');
    expect(gunzipSync(Buffer.from(body.join('\r\n\r\n'), 'latin1')).toString()).toContain(
      'earshot_build_info{',
    );
  });

  test('health and readiness, without credentials', async () => {
    const credentials = { username: null, password: null, token: 't' };
    const { get } = await serve([], { credentials }, false);
    expect((await get('/-/healthy')).status).toBe(200);
    expect((await get('/-/ready')).status).toBe(503);
    expect((await get('/metrics')).status).toBe(401);
  });

  test('calls: lists, one of them, and what is wrong with a question', async () => {
    const { get } = await serve(RECORDS);
    const list = async (query: string) =>
      (await (await get(`/api/calls${query}`)).json()) as { calls: { callId: string }[] };
    expect((await list('?worst=1')).calls.map(({ callId }) => callId)).toEqual(['abc@pbx']);
    expect((await list('')).calls.map(({ callId }) => callId)).toEqual(['fine@pbx', 'abc@pbx']);
    expect((await list('?verdict=healthy')).calls).toHaveLength(1);
    expect((await list('?finding=one_way_media')).calls).toHaveLength(1);
    const one = await get(`/api/calls/${callRef('abc@pbx')}`);
    expect(await one.json()).toMatchObject({
      schema: 'earshot.report/1',
      calls: [{ callId: 'abc@pbx' }],
      streams: [{ callId: 'abc@pbx' }],
      findings: [{ code: 'one_way_media' }],
    });
    for (const query of ['?worst=0', '?worst=x', '?worst=1000', '?verdict=bad', '?what=1']) {
      expect((await get(`/api/calls${query}`)).status).toBe(400);
    }
    const unknown = await get('/api/calls/000000000000');
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('may still be up, and is shown when it is over');
    expect((await get('/../../etc/passwd')).status).toBe(404);
  });

  test('pages are escaped, strict, and work without scripts', async () => {
    const { get } = await serve(RECORDS);
    for (const path of ['/', `/calls/${callRef('abc@pbx')}`]) {
      const page = await get(path);
      const policy = page.headers.get('content-security-policy')!;
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'/);
      expect(page.headers.get('x-content-type-options')).toBe('nosniff');
      const text = await page.text();
      expect(text).toContain('one_way_media');
      expect(text).not.toContain('<script');
      expect(text).not.toContain('\u001b');
      expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)');
      expect(text).not.toMatch(/\son\w+=|javascript:/);
    }
  });

  test('findings say which way they are about', async () => {
    const { get } = await serve(RECORDS);
    for (const path of ['/', `/calls/${callRef('abc@pbx')}`])
      expect(await (await get(path)).text()).toMatch(/<td>(?:caller to callee|callee to caller): /);
  });

  test('the status page has holds on evidence, and says which do not get what they are about', async () => {
    const hold = { files: 2, bytes: 3 << 20, maxBytes: 4 << 20, fullSince: null, problem: null };
    const full = { ...hold, name: 'b', fullSince: '2026-03-02T09:00:00.000Z', problem: 'it is full' };
    const history = { of: 'history', holds: [], problem: 'holds cannot be read (EACCES)' } as const;
    const packets = { of: 'packets', holds: [{ ...hold, name: 'a' }, full], problem: null } as const;
    const { get } = await serve([statusTold(1, { held: [{ ...packets, holds: [...packets.holds] }] })]);
    const page = await (await get('/')).text();
    expect(page).toContain('<h2>Held evidence</h2>');
    expect(page).toContain('<td class="good">gets what it is about</td>');
    expect(page).toContain('<td class="bad">full since 2026-03-02 09:00:00Z: evidence goes</td>');
    const unknown = await serve([statusTold(1, { held: [{ ...history, holds: [] }] })]);
    expect(await (await unknown.get('/')).text()).toContain('history: holds cannot be read (EACCES)');
    expect(await (await (await serve(RECORDS)).get('/')).text()).not.toContain('Held evidence');
  });

  test('the status page can refresh itself', async () => {
    const { get } = await serve(RECORDS);
    expect(await (await get('/?refresh=10')).text()).toContain('<meta http-equiv="refresh" content="10">');
    expect(await (await get('/?refresh=0.1')).text()).toContain('content="5"');
    expect(await (await get('/?refresh=x')).text()).not.toContain('http-equiv="refresh"');
    expect(await (await (await serve()).get('/')).text()).toContain('no status yet');
  });
});

describe('what the server refuses', () => {
  test('other methods, bodies, long addresses, large headers, nonsense', async () => {
    const { get, address, server } = await serve();
    const host = new URL(address).host;
    const post = await get('/metrics', { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(await raw(address, `GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nhello`)).toMatch(
      /^HTTP\/1.1 413 /,
    );
    expect((await get(`/${'x'.repeat(3000)}`)).status).toBe(414);
    const big = `GET / HTTP/1.1\r\nHost: ${host}\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(address, big)).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(address, '\u0016\u0003\u0001nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect((await get('/-/healthy')).status).toBe(200);
    expect(server.answered.get('405')).toBe(1);
  });

  test('HEAD has no body', async () => {
    const { address } = await serve(RECORDS);
    const host = new URL(address).host;
    const answer = await raw(address, `HEAD /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer.split('\r\n\r\n')[1]).toBe('');
  });

  test('a name of a stranger, unless it is configured or credentials are asked for', async () => {
    const ask = (address: string, rest = ''): Promise<string> =>
      raw(address, `GET /api/calls HTTP/1.1\r\nHost: evil.example\r\n${rest}Connection: close\r\n\r\n`);
    expect(await ask((await serve()).address)).toMatch(/^HTTP\/1.1 403 /);
    expect(await ask((await serve([], { names: ['evil.example'] })).address)).toMatch(/^HTTP\/1.1 200 /);
    const credentials = { username: null, password: null, token: 't' };
    const { address } = await serve([], { credentials });
    expect(await ask(address)).toMatch(/^HTTP\/1.1 401 /);
    expect(await ask(address, 'Authorization: Bearer t\r\n')).toMatch(/^HTTP\/1.1 200 /);
  });

  test('to begin where it must not, or cannot', async () => {
    await expect(serve([], { host: '0.0.0.0' })).rejects.toThrow(HttpError);
    await expect(serve([], { tls: { cert: '/nowhere', key: '/nowhere' } })).rejects.toThrow(/certificate/);
    const { address } = await serve();
    const port = Number(new URL(address).port);
    await expect(serve([], { port })).rejects.toThrow(`cannot listen on 127.0.0.1:${port}`);
  });
});

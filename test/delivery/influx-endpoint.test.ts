import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type InfluxEndpoint,
  outcomeOf,
  writeRequest,
  writeToInflux,
} from '../../src/delivery/influx-endpoint.ts';
import { batchOf } from './folder.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Asked {
  url: string;
  headers: IncomingMessage['headers'];
  text: string;
}

/** A server that answers everything so. */
async function serving(answer: (response: ServerResponse) => void): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = gunzipSync(Buffer.concat(pieces)).toString('utf8');
      asked.push({ url: request.url ?? '', headers: request.headers, text });
      answer(response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function endpoint(changes: Partial<InfluxEndpoint>): InfluxEndpoint {
  return {
    ...{ url: 'http://127.0.0.1:1', api: '1', database: 'calls', retentionPolicy: null, username: null },
    ...{ password: null, bucket: null, org: null, token: null, timeoutMs: 5000 },
    ...changes,
  };
}

const never = new AbortController().signal;
const write = (changes: Partial<InfluxEndpoint>) => writeToInflux(endpoint(changes), batchOf('m', 3), never);

describe('requests', () => {
  test('api 1: database, retention policy, basic authentication', async () => {
    const { url, asked } = await serving((response) => response.writeHead(204).end());
    const credentials = { username: 'probe', password: 'päss' };
    const given = { url: `${url}/`, retentionPolicy: 'two weeks', ...credentials };
    expect(await write(given)).toEqual({ kind: 'taken', rejected: 0, error: null });
    expect(asked).toHaveLength(1);
    expect(asked[0]!.url).toBe('/write?db=calls&rp=two+weeks&precision=ns');
    const basic = Buffer.from('probe:päss').toString('base64');
    expect(asked[0]!.headers).toMatchObject({ authorization: `Basic ${basic}`, 'content-encoding': 'gzip' });
    expect(asked[0]!.text).toBe('m v=0i 0\nm v=1i 1\nm v=2i 2\n');
  });

  test('api 2: bucket, organization, token', async () => {
    const { url, asked } = await serving((response) => response.writeHead(204).end());
    const given = {
      url: `${url}/influx`,
      api: '2',
      database: null,
      bucket: 'b',
      org: 'o',
      token: 't',
    } as const;
    expect((await write(given)).kind).toBe('taken');
    expect(asked[0]!.url).toBe('/influx/api/v2/write?org=o&bucket=b&precision=ns');
    expect(asked[0]!.headers.authorization).toBe('Token t');
  });

  test('api 2 without organization, as InfluxDB 3 takes it; a bearer token for what is in front of api 1', () => {
    expect(writeRequest(endpoint({ api: '2', database: null, bucket: 'b', token: 't' })).url).toBe(
      'http://127.0.0.1:1/api/v2/write?bucket=b&precision=ns',
    );
    expect(writeRequest(endpoint({ token: 't' })).headers.authorization).toBe('Bearer t');
  });

  test('nobody there, no answer in time, a redirection: not now', async () => {
    const gone = await serving(() => {});
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await write({ url: gone.url })).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/REFUSED/),
    });
    const silent = await serving(() => {});
    expect(await write({ url: silent.url, timeoutMs: 50 })).toMatchObject({ kind: 'failed' });
    const moved = await serving((response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    );
    expect(await write({ url: moved.url })).toMatchObject({ kind: 'failed', error: '307' });
  });

  test('what was taken is taken, also where the words about it break off or never come', async () => {
    const broken = await serving((response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{', () => response.destroy());
    });
    expect(await write({ url: broken.url })).toEqual({ kind: 'taken', rejected: 0, error: null });
    const hanging = await serving((response) =>
      response.writeHead(200, { 'content-length': '9' }).write('{'),
    );
    expect(await write({ url: hanging.url, timeoutMs: 200 })).toMatchObject({ kind: 'taken' });
    const refusing = await serving((response) => {
      response.writeHead(400, { 'content-length': '1000' });
      response.write('partial', () => response.destroy());
    });
    expect(await write({ url: refusing.url })).toMatchObject({ kind: 'failed' });
  });

  test('it gives up when told to', async () => {
    const silent = await serving(() => {});
    const controller = new AbortController();
    const outcome = writeToInflux(endpoint({ url: silent.url }), batchOf('m'), controller.signal);
    controller.abort();
    expect((await outcome).kind).toBe('failed');
  });

  test('an answer without end is not read to its end', async () => {
    const { url } = await serving((response) => {
      response.writeHead(500);
      const more = (): void => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    const outcome = await write({ url });
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect((outcome as { error: string }).error.length).toBeLessThan(400);
  });
});

describe('answers', () => {
  const of = (status: number, text = '', retryAfterMs: number | null = null) =>
    outcomeOf({ status, text, retryAfterMs }, 10);

  test.each([
    [400, '{"error":"partial write: points beyond retention policy dropped=4"}', 4],
    [400, '{"error":"partial write: field type conflict: input field \\"v\\" is type float dropped=1"}', 1],
    [400, `{"error":"unable to parse 'x': missing fields\\nunable to parse 'y': bad number"}`, 2],
    [422, '{"code":"unprocessable entity","message":"partial write: ... dropped=10"}', 10],
    // Early versions of InfluxDB 2 say so.
    [500, '{"code":"internal error","message":"partial write: points beyond retention policy dropped=3"}', 3],
    [
      400,
      '{"error":"partial write of line protocol occurred","data":[{"error_message":"x","line_number":2}]}',
      1,
    ],
    [400, '{"error":"something else"}', 10],
    [400, '{"error":"partial write: dropped=99"}', 10],
  ])('%i %s: refused for good are %i', (status, text, rejected) => {
    expect(of(status, text)).toMatchObject({ kind: 'taken', rejected });
  });

  test.each([401, 403, 404, 429, 500, 502, 503, 301])('%i: not now', (status) => {
    expect(of(status, '{"error":"x"}')).toMatchObject({ kind: 'failed' });
  });

  test('a page of a proxy says nothing of points', () => {
    expect(of(400, '<html>The plain HTTP request was sent to HTTPS port</html>').kind).toBe('failed');
  });

  test('too large, and how long to wait', () => {
    expect(of(413).kind).toBe('tooLarge');
    expect(of(429, '', 7000)).toMatchObject({ retryAfterMs: 7000 });
  });
});

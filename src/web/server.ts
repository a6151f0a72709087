import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { asksForCredentials, challengeOf, isAuthorized, isExpectedHost } from './access.ts';
import { HttpError, type HttpOptions, whyRefused } from './http-options.ts';
import { type Answer, answer, OPEN_PATHS, problem, type Shown, sizeOf } from './routes.ts';

/** Connections at one time; further ones are closed. */
export const CONNECTIONS_MAX = 64;
/** Bytes of the headers of a request. */
export const HEADER_BYTES_MAX = 8192;
/** Characters of what is asked for. */
export const URL_CHARACTERS_MAX = 2048;
const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
/** A client that neither asks nor reads for so long is let go: longer than Prometheus waits between scrapes. */
const IDLE_MS = 75_000;
/** A client that does not take its answer. */
const STUCK_MS = 30_000;

/** The HTTP server of a live probe. It only answers; nothing can be changed through it. */
export class WebServer {
  /** Requests answered, by status. */
  readonly answered = new Map<string, number>();
  private readonly server: Server;
  private readonly options: HttpOptions;
  private readonly shown: Shown;

  /** @throws {HttpError} when the options are refused, or the certificate cannot be used */
  constructor(options: HttpOptions, shown: Shown) {
    const refused = whyRefused(options);
    if (refused !== null) throw new HttpError(refused);
    this.options = options;
    this.shown = shown;
    this.server = createServer(options, (request, response) => void this.take(request, response));
    this.server.maxConnections = CONNECTIONS_MAX;
    this.server.headersTimeout = HEADERS_MS;
    this.server.requestTimeout = REQUEST_MS;
    this.server.keepAliveTimeout = IDLE_MS;
    this.server.timeout = IDLE_MS;
    this.server.on('clientError', (_error, socket) => {
      this.count(400);
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      // Ended is not closed: a client that never closes its half would keep one of few connections.
      const refusal = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
      socket.end(refusal, () => socket.destroy());
    });
  }

  /** Begins to listen. @returns the address. @throws {HttpError} */
  listen(): Promise<string> {
    const { host, port, tls } = this.options;
    return new Promise((resolve, reject) => {
      // It stays: an error after this one, such as too many open files, ends no probe.
      this.server.on('error', (cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'EADDRINUSE' ? 'somebody else listens there' : cause.message;
        reject(new HttpError(`cannot listen on ${host}:${port}: ${why}`, { cause }));
      });
      this.server.listen(port, host, () => {
        const { address, port: bound } = this.server.address() as AddressInfo;
        const shown = address.includes(':') ? `[${address}]` : address;
        resolve(`${tls === null ? 'http' : 'https'}://${shown}:${bound}`);
      });
    });
  }

  /** Stops listening and lets everybody go. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Nobody has to send anything here: what comes is thrown away, and the connection with it.
    request.resume();
    response.on('error', () => response.destroy());
    let answered: Answer;
    try {
      answered = await this.answerTo(request);
    } catch {
      answered = problem(500, 'the probe could not answer');
    }
    this.send(request, response, answered);
  }

  private async answerTo(request: IncomingMessage): Promise<Answer> {
    const { method, url = '/', headers } = request;
    const { credentials, names } = this.options;
    if (method !== 'GET' && method !== 'HEAD')
      return problem(405, 'only GET and HEAD', { allow: 'GET, HEAD' });
    if (hasBody(headers)) return problem(413, 'a request has no body here', { connection: 'close' });
    if (url.length > URL_CHARACTERS_MAX) return problem(414, 'the address is too long');
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    if (!OPEN_PATHS.has(path)) {
      if (!isAuthorized(headers.authorization, credentials)) {
        return problem(401, 'credentials are needed', { 'www-authenticate': challengeOf(credentials) });
      }
      if (!asksForCredentials(credentials) && !isExpectedHost(headers.host, names)) {
        return problem(403, 'this machine is not known by that name; see http.names');
      }
    }
    return answer({ path, query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)), headers }, this.shown);
  }

  private send(
    request: IncomingMessage,
    response: ServerResponse,
    { status, type, body, headers }: Answer,
  ): void {
    this.count(status);
    if (response.destroyed) return;
    const pieces = typeof body === 'string' ? [Buffer.from(body, 'utf8')] : body;
    response.writeHead(status, {
      'content-type': type,
      'content-length': sizeOf(pieces),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...headers,
    });
    response.setTimeout(STUCK_MS, () => response.destroy());
    if (request.method === 'HEAD') response.end();
    // Piece by piece, as the client takes them.
    else Readable.from(pieces).pipe(response);
  }

  private count(status: number): void {
    const code = String(status);
    this.answered.set(code, (this.answered.get(code) ?? 0) + 1);
  }
}

function hasBody(headers: IncomingMessage['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function createServer(
  { tls }: HttpOptions,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const limits = { maxHeaderSize: HEADER_BYTES_MAX, connectionsCheckingInterval: 1000 };
  if (tls === null) return createHttpServer(limits, listener);
  try {
    const cert = readFileSync(tls.cert);
    const key = readFileSync(tls.key);
    return createHttpsServer({ ...limits, cert, key, minVersion: 'TLSv1.2' }, listener);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HttpError(`the certificate or its key cannot be used: ${why}`, { cause });
  }
}

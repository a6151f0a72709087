/** Real TLS connections over loopback, made with Node.js: what went over the wire, and the keys. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConnectionOptions,
  connect as connectTls,
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';

/** What one side sent in one piece. */
export interface Sent {
  fromClient: boolean;
  bytes: Uint8Array;
}

export interface LiveSession {
  /** In the order in which it passed. */
  sent: Sent[];
  keyLog: string;
  protocol: string | null;
  cipher: string;
  /** For resumption, and whether it was one. */
  session?: Buffer | undefined;
  resumed?: boolean;
}

interface Credentials {
  key: Buffer;
  cert: Buffer;
}

/** Keys of a server for tests, made by openssl; null where there is none. */
export function makeCredentials(kind: 'rsa' | 'ec'): Credentials | null {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-tls-'));
  try {
    const key = join(folder, 'key.pem');
    const cert = join(folder, 'cert.pem');
    const algorithm = kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const names = ['-subj', '/CN=sip.example.com', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '2', '-newkey', ...algorithm, ...names], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Line {
  fromClient: boolean;
  text: string;
}

/** A line that may be no text. */
export interface AnyLine {
  fromClient: boolean;
  text: string | Uint8Array;
}

/**
 * Plays a dialogue through TLS, with a relay in between that notes every piece. Each line is sent when the one before
 * has arrived.
 */
export async function liveSession(
  dialogue: readonly AnyLine[],
  credentials: Credentials,
  both: TlsOptions & ConnectionOptions,
  serverOnly: TlsOptions = {},
  afterFirst?: (client: TLSSocket) => Promise<void>,
): Promise<LiveSession> {
  const keyLog: string[] = [];
  const server = createTlsServer({ ...credentials, ...both, ...serverOnly });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = await openRelay((server.address() as AddressInfo).port);
  const accepted = once(server, 'secureConnection');
  const client = connectTls({
    port: relay.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...both,
  });
  client.on('keylog', (line: Buffer) => keyLog.push(line.toString()));
  await once(client, 'secureConnect');
  const [peer] = (await accepted) as [TLSSocket];
  const protocol = client.getProtocol();
  const cipher = client.getCipher().name;
  for (const { fromClient, text } of dialogue) {
    const [from, to] = fromClient ? [client, peer] : [peer, client];
    const arrived = received(to, Buffer.byteLength(text));
    from.write(text);
    await arrived;
    await afterFirst?.(client);
    afterFirst = undefined;
  }
  const closed = once(peer, 'close');
  const session = client.getSession();
  const resumed = client.isSessionReused();
  client.end();
  peer.end();
  await closed;
  relay.close();
  server.close();
  return { sent: relay.sent, keyLog: keyLog.join(''), protocol, cipher, session, resumed };
}

/** A relay to a port of this machine that notes every piece that passes. */
export interface Relay {
  port: number;
  sent: Sent[];
  close(): void;
}

export async function openRelay(target: number): Promise<Relay> {
  const sent: Sent[] = [];
  const relay = createServer((inbound) => {
    const outbound = connect(target, '127.0.0.1');
    pass(inbound, outbound, (bytes) => sent.push({ fromClient: true, bytes }));
    pass(outbound, inbound, (bytes) => sent.push({ fromClient: false, bytes }));
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return { port: (relay.address() as AddressInfo).port, sent, close: () => relay.close() };
}

function pass(from: Socket, to: Socket, note: (bytes: Uint8Array) => void): void {
  from.on('data', (chunk: Buffer) => {
    note(new Uint8Array(chunk));
    to.write(chunk);
  });
  from.on('end', () => to.end());
  from.on('error', () => to.destroy());
}

async function received(socket: Socket, length: number): Promise<void> {
  let left = length;
  while (left > 0) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    left -= chunk.length;
  }
}

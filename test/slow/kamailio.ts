/** A Kamailio that answers every request with 200, over UDP, TCP, TLS and WebSocket, and tells a collector. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCredentials } from '../tls/live-session.ts';

const MODULES = [
  '/usr/lib/x86_64-linux-gnu/kamailio/modules/',
  '/usr/lib/aarch64-linux-gnu/kamailio/modules/',
];
/** Where its modules are. */
export const modules = MODULES.find((path) => existsSync(join(path, 'siptrace.so')));

/** Why there is none; null when there is one. */
export const missingKamailio: string | null =
  spawnSync('kamailio', ['-v']).status !== 0
    ? 'kamailio is not installed'
    : modules === undefined || !['tls.so', 'websocket.so'].every((name) => existsSync(join(modules, name)))
      ? 'its modules tls, websocket and siptrace are not installed'
      : null;

export interface Kamailio {
  sipPort: number;
  tlsPort: number;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function startKamailio(hepPort: number, hepVersion: 2 | 3): Promise<Kamailio> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-kamailio-'));
  const [sipPort, tlsPort] = [await freePort(), await freePort()];
  const credentials = makeCredentials('rsa');
  if (credentials === null) throw new Error('openssl is not installed');
  writeFileSync(join(folder, 'key.pem'), credentials.key);
  writeFileSync(join(folder, 'cert.pem'), credentials.cert);
  const tls = `[server:default]
method = TLSv1.2+
verify_certificate = no
private_key = ${folder}/key.pem
certificate = ${folder}/cert.pem
`;
  writeFileSync(join(folder, 'tls.cfg'), tls);
  writeFileSync(join(folder, 'kamailio.cfg'), configuration(folder, sipPort, tlsPort, hepPort, hepVersion));
  const args = ['-DD', '-E', '-f', join(folder, 'kamailio.cfg'), '-P', join(folder, 'pid'), '-Y', folder];
  const child = spawn('kamailio', args, { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  if (child.exitCode !== null) throw new Error(`kamailio ended with code ${child.exitCode}`);
  return {
    sipPort,
    tlsPort,
    stop: async () => {
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

function configuration(folder: string, sip: number, tls: number, hep: number, version: number): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
tcp_accept_no_cl=yes
listen=udp:127.0.0.1:${sip}
listen=tcp:127.0.0.1:${sip}
listen=tls:127.0.0.1:${tls}
mpath="${modules}"
loadmodule "tm.so"
loadmodule "tls.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
loadmodule "siptrace.so"
modparam("tls","config","${folder}/tls.cfg")
modparam("siptrace","duplicate_uri","sip:127.0.0.1:${hep}")
modparam("siptrace","hep_mode_on",1)
modparam("siptrace","hep_version",${version})
modparam("siptrace","hep_capture_id",77)
modparam("siptrace","trace_on",1)
modparam("siptrace","trace_to_database",0)
event_route[xhttp:request] {
  set_reply_close();
  set_reply_no_connect();
  if ($hdr(Upgrade)=~"websocket" && $rm=~"GET") {
    if (ws_handle_handshake()) exit;
  }
  xhttp_reply("404","Not Found","","");
}
request_route {
  sip_trace();
  if (is_method("ACK")) exit;
  sl_send_reply("200","OK");
}
`;
}

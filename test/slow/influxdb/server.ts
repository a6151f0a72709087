import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type INanoDate, InfluxDB } from 'influx';

/** A row as it is read back; `time` is nanoseconds since the epoch. */
export type Row = Record<string, string | number | boolean | null> & { time: string };

const CONFIG = (folder: string, http: number, rpc: number): string => `reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[logging]
  level = "error"
`;

/** An InfluxDB 1.x of its own, which can be killed and started again with what it has. It is read by a library of others. */
export class InfluxServer {
  readonly url: string;
  private readonly folder: string;
  private readonly client: InfluxDB;
  private child: ChildProcess | null = null;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.client = new InfluxDB({ host: '127.0.0.1', port, database: 'earshot' });
  }

  static async start(): Promise<InfluxServer> {
    const folder = mkdtempSync(join(tmpdir(), 'earshot-influxdb-'));
    const [http, rpc] = [await freePort(), await freePort()];
    writeFileSync(join(folder, 'influxdb.conf'), CONFIG(folder, http, rpc));
    const server = new InfluxServer(folder, http);
    await server.begin();
    await server.client.createDatabase('earshot');
    return server;
  }

  async begin(): Promise<void> {
    const path = `${process.env.PATH}:/usr/sbin`;
    this.child = spawn('influxd', ['-config', join(this.folder, 'influxdb.conf')], {
      stdio: 'ignore',
      env: { ...process.env, PATH: path },
    });
    for (let tries = 0; tries < 200; tries++) {
      if ((await fetch(`${this.url}/ping`).catch(() => null))?.ok === true) return;
      await sleep(50);
    }
    throw new Error('InfluxDB does not start');
  }

  /** Ends it as a fault would. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null) return;
    const over = once(child, 'exit');
    child.kill('SIGKILL');
    await over;
  }

  async rows(measurement: string): Promise<Row[]> {
    const found = await this.client.query<object>(`SELECT * FROM "${measurement}"`, { precision: 'n' });
    return [...found].map((row): Row => ({ ...row, time: (row as { time: INanoDate }).time.getNanoTime() }));
  }

  async count(measurement: string): Promise<number> {
    return (await this.rows(measurement)).length;
  }

  /** Names and types of fields, names of tags, names of measurements. */
  async schema(query: string): Promise<Record<string, string>[]> {
    return [...(await this.client.query<Record<string, string>>(query))];
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

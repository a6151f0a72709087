import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { BoxConfig } from '../middlebox/main.ts';
import type { BoxTruth } from '../middlebox/truth.ts';
import { type Lab, logged, type Running } from './lab.ts';

const SOURCE = resolve(import.meta.dirname, '../middlebox/main.ts');

/** Bundles the box, which runs in a process of its own, into the lab's folder. */
function bundled(lab: Lab): string {
  const outfile = lab.path('box.mjs');
  buildSync({ entryPoints: [SOURCE], outfile, bundle: true, platform: 'node', format: 'esm' });
  return outfile;
}

const mains = new WeakMap<Lab, string>();

export interface Box {
  running: Running;
  /** Ends it and reads what it did. */
  finish(): Promise<BoxTruth>;
}

/** Starts a box between two sides in a host. */
export async function startBox(lab: Lab, host: string, config: Omit<BoxConfig, 'out'>): Promise<Box> {
  const main = mains.get(lab) ?? bundled(lab);
  mains.set(lab, main);
  const out = lab.path(`${host}.truth.json`);
  const file = lab.write(`${host}.box.json`, JSON.stringify({ ...config, out }));
  const running = lab.start(host, [process.execPath, main, file]);
  await logged(running, 'ready');
  const finish = async (): Promise<BoxTruth> => {
    running.child.stdin!.end();
    await running.ended;
    return JSON.parse(readFileSync(out, 'utf8')) as BoxTruth;
  };
  return { running, finish };
}

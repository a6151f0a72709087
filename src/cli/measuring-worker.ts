import { parentPort, workerData } from 'node:worker_threads';
import { CaptureError } from '../capture/errors.ts';
import type { EngineWish } from '../capture/live/choose.ts';
import type { HepAddress } from '../capture/live/hep-address.ts';
import { openHepSource } from '../capture/live/hep-source.ts';
import { openInterface } from '../capture/live/interface-source.ts';
import { LiveCaptureError, type LiveSource } from '../capture/live/live-source.ts';
import { openPipeSource } from '../capture/live/pipe-source.ts';
import { LagMeter } from '../live/lag-meter.ts';
import { Measuring } from '../live/measuring.ts';
import { Outbox } from '../live/outbox.ts';
import { type FromMeasuring, type Notice, Shared, type ToMeasuring } from '../live/thread-messages.ts';
import { isoMicros } from '../report/iso-time.ts';
import type { TlsKeys } from '../tls/key-log.ts';
import { inflate } from './inflate.ts';
import { engineOptions, type MeasuringOptions } from './measuring-options.ts';
import { readKeyLog } from './read-key-log.ts';
import { nodeCrypto } from './tls-crypto.ts';

/** Where packets come from, as plain data. */
export interface SourceChoice {
  interfaces: readonly string[];
  engine: EngineWish;
  filter: string | null;
  /** Reads a capture from standard input. */
  pipe: boolean;
  hep: readonly HepAddress[];
  hepKey: Uint8Array | null;
}

/** What the thread is started with. */
export interface MeasuringThreadData {
  memory: SharedArrayBuffer;
  sources: SourceChoice;
  measuring: MeasuringOptions;
  keylog: string | null;
  packetsMax: number | null;
}

/** How often records are handed over and time is seen to pass. */
const TICK_MS = 100;

async function openSources(choice: SourceChoice, keys: TlsKeys, reasons: Notice[]): Promise<LiveSource[]> {
  const sources: LiveSource[] = [];
  try {
    for (const name of choice.interfaces) {
      const { engine, filter } = choice;
      const opened = await openInterface({ interface: name, engine, filter, input: sources.length });
      sources.push(opened.source);
      const fields = { interface: name, engine: opened.source.engine, why: opened.why };
      reasons.push({ level: 'info', text: `capturing from ${name}`, fields });
    }
    for (const address of choice.hep) {
      const { hepKey: authenticationKey } = choice;
      sources.push(await openHepSource({ address, authenticationKey, input: sources.length }));
    }
    if (choice.pipe) {
      sources.push(openPipeSource({ input: sources.length, onKeyLog: (text) => keys.add(text) }));
    }
    return sources;
  } catch (error) {
    await Promise.all(sources.map((source) => source.stop()));
    throw error;
  }
}

async function measure(data: MeasuringThreadData, post: (message: FromMeasuring) => void): Promise<void> {
  const shared = new Shared(data.memory);
  const outbox = new Outbox((records) => post({ kind: 'records', records }), { count: () => shared.taken });
  const nowMs = (): number => performance.now();
  const wallUs = (): number => Date.now() * 1000;
  const keys = readKeyLog(data.keylog ?? undefined);
  const notice = (notice: Notice): void => post({ kind: 'notice', notice });
  const reasons: Notice[] = [];
  const sources = await openSources(data.sources, keys, reasons);
  const lag = new LagMeter(nowMs);
  let timer: NodeJS.Timeout | null = null;
  const measuring = new Measuring({
    sources,
    engine: {
      ...engineOptions(data.measuring),
      decryption: { keys, crypto: nodeCrypto },
      hep: {
        inflate,
        ...(data.sources.hepKey === null ? {} : { authenticationKey: data.sources.hepKey }),
      },
    },
    outbox,
    nowMs,
    wallUs,
    lags: () => ({ measuring: lag.read(), serving: shared.takeServingLag() }),
    packetsMax: data.packetsMax,
    notice,
    closed: (capture, failed) => {
      if (timer !== null) clearInterval(timer);
      lag.stop();
      post({ kind: 'closing', capture, failed });
      parentPort!.close();
    },
  });
  try {
    measuring.start();
  } catch (error) {
    await Promise.all(sources.map((source) => source.stop()));
    throw error;
  }
  const begun = sources.map(({ engine, name, stamps }) => ({ engine, name, stamps }));
  for (const reason of reasons) notice(reason);
  post({ kind: 'started', start: { time: isoMicros(wallUs()), sources: begun } });
  timer = setInterval(() => {
    shared.beat();
    measuring.tick();
  }, TICK_MS);
  parentPort!.on('message', (message: ToMeasuring) => {
    if (message.kind === 'stop') void measuring.stop();
  });
}

const post = (message: FromMeasuring): void => parentPort!.postMessage(message);
measure(workerData as MeasuringThreadData, post).catch((error: unknown) => {
  if (!(error instanceof LiveCaptureError) && !(error instanceof CaptureError)) throw error;
  const code = error instanceof LiveCaptureError ? error.code : 'failed';
  post({ kind: 'refused', code, message: error.message });
  parentPort!.close();
});

import { setTimeout as waitMs } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { CaptureError } from '../capture/errors.ts';
import { openHepSource } from '../capture/live/hep-source.ts';
import { LiveCaptureError, type LiveSource } from '../capture/live/live-source.ts';
import type { RingHandles } from '../capture/live/packet-socket.ts';
import { openPipeSource } from '../capture/live/pipe-source.ts';
import { RingTurns } from '../capture/live/ring-turns.ts';
import { diskNotices } from '../live/kept-packets.ts';
import { LagMeter } from '../live/lag-meter.ts';
import { Measuring } from '../live/measuring.ts';
import { Outbox } from '../live/outbox.ts';
import { type FromMeasuring, type Notice, Shared, type ToMeasuring } from '../live/thread-messages.ts';
import { isoMicros } from '../report/iso-time.ts';
import { PacketRing } from '../store/packet-ring.ts';
import { SegmentFiles, StoreError } from '../store/segment-files.ts';
import type { TlsKeys } from '../tls/key-log.ts';
import { inflate } from './inflate.ts';
import { laneThreads } from './lane-threads.ts';
import type { InterfaceChoice, KeepChoice, LivePlan, SourceChoice } from './live-plan.ts';
import { readKeyLog } from './read-key-log.ts';
import { nodeCrypto } from './tls-crypto.ts';

/** What the thread is started with. */
export interface MeasuringThreadData {
  memory: SharedArrayBuffer;
  plan: LivePlan;
  packetsMax: number | null;
}

/** Beside this one, whether that is a bundle or the compiled file. */
const CAP_PROGRAM = fileURLToPath(new URL('./cap-capture.js', import.meta.url));

/** How often records are handed over and time is seen to pass. */
const TICK_MS = 100;
/** At the end the disk has so long to take what is left. */
const DISK_MS = 2000;

async function openSources(choice: SourceChoice, keys: TlsKeys, reasons: Notice[]): Promise<LiveSource[]> {
  const sources: LiveSource[] = [];
  const turns = new RingTurns();
  try {
    for (const each of choice.interfaces) {
      const { source, why } = await openInterface(each, sources.length, turns);
      sources.push(source);
      const fields = { interface: each.name, engine: source.engine, why };
      reasons.push({ level: 'info', text: `capturing from ${each.name}`, fields });
    }
    for (const { address, key: authenticationKey } of choice.hep) {
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

/** The engines are loaded only here: whoever reads a pipe or HEP needs no native code. */
async function openInterface(choice: InterfaceChoice, input: number, turns: RingTurns) {
  const { openLive } = await import('../capture/live/open-live.ts');
  const { name, engine, filter, promiscuous, blocks, blockBytes, retireMs, sockets } = choice;
  return openLive({
    ...{ interface: name, engine, input, promiscuous, blockBytes, retireMs },
    ...{ bufferBytes: blocks * blockBytes, sockets, turns, capProgram: CAP_PROGRAM },
    ...(filter === null ? {} : { filter: { expression: filter } }),
  });
}

/** Where all agents have one key, HEP that passes an interface must carry it, too. */
function sharedKey({ hep }: SourceChoice): { authenticationKey?: Uint8Array } {
  const [first, ...others] = hep.map(({ key }) => key);
  if (first === undefined || first === null) return {};
  const isShared = others.every((key) => key !== null && Buffer.from(key).equals(first));
  return isShared ? { authenticationKey: first } : {};
}

function heldBy(sources: readonly LiveSource[]): RingHandles[] {
  return sources.flatMap((source) => source.handles?.() ?? []);
}

function sameRings(some: readonly RingHandles[], others: readonly RingHandles[]): boolean {
  return some.length === others.length && some.every(({ address }, i) => address === others[i]!.address);
}

function ringOf(choice: KeepChoice | null): PacketRing | null {
  if (choice === null) return null;
  return new PacketRing(choice, new SegmentFiles(choice.directory, choice.maxBytes, 'pcapng'));
}

async function measure(data: MeasuringThreadData, post: (message: FromMeasuring) => void): Promise<void> {
  const shared = new Shared(data.memory);
  const outbox = new Outbox((records) => post({ kind: 'records', records }), { count: () => shared.taken });
  const nowMs = (): number => performance.now();
  const wallUs = (): number => Date.now() * 1000;
  const { plan } = data;
  const keys = readKeyLog(plan.keylog ?? undefined);
  const notice = (notice: Notice): void => post({ kind: 'notice', notice });
  const reasons: Notice[] = [];
  const ring = ringOf(plan.keep ?? null);
  const sources = await openSources(plan.sources, keys, reasons);
  const lag = new LagMeter(nowMs);
  let timer: NodeJS.Timeout | null = null;
  const measuring = new Measuring({
    sources,
    engine: {
      ...plan.engine,
      rtp: { ...plan.engine.rtp, lanes: laneThreads(plan.threads ?? 0, false) },
      decryption: { keys, crypto: nodeCrypto },
      hep: { inflate, ...sharedKey(plan.sources) },
    },
    outbox,
    nowMs,
    wallUs,
    lags: () => ({ measuring: lag.read(), serving: shared.takeServingLag() }),
    packetsMax: data.packetsMax,
    notice,
    ring,
    intervals: plan.intervals ?? true,
    closed: async (capture, failed) => {
      if (timer !== null) clearInterval(timer);
      lag.stop();
      await Promise.race([ring?.close(), waitMs(DISK_MS)]);
      for (const untold of ring === null ? [] : diskNotices(ring)) notice(untold);
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
  let held = heldBy(sources);
  post({ kind: 'holding', rings: held });
  const begun = sources.map(({ engine, name, stamps }) => ({ engine, name, stamps }));
  for (const reason of reasons) notice(reason);
  post({ kind: 'started', start: { time: isoMicros(wallUs()), sources: begun } });
  timer = setInterval(() => {
    shared.beat();
    const holding = heldBy(sources);
    // An interface that was made anew has another ring.
    if (!sameRings(holding, held)) post({ kind: 'holding', rings: holding });
    held = holding;
    measuring.tick();
  }, TICK_MS);
  parentPort!.on('message', (message: ToMeasuring) => {
    if (message.kind === 'stop') void measuring.stop();
    else measuring.rejudge(message.changes);
  });
}

/** What keeps capture from beginning, said in one line. */
const EXPECTED = [LiveCaptureError, CaptureError, StoreError];

const post = (message: FromMeasuring): void => parentPort!.postMessage(message);
measure(workerData as MeasuringThreadData, post).catch((error: unknown) => {
  if (!(error instanceof Error) || !EXPECTED.some((kind) => error instanceof kind)) throw error;
  const code = error instanceof LiveCaptureError ? error.code : 'failed';
  post({ kind: 'refused', code, message: error.message });
  parentPort!.close();
});

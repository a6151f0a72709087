import type { PacketBatch } from '../../packet/batch.ts';
import { CaptureError } from '../errors.ts';
import { HepReceiver, type HepReceiverCounters } from '../hep/receiver.ts';
import { type HepAddress, hepAddressText } from './hep-address.ts';
import { LiveCaptureError, type LiveCounters, type LiveSource, type StampOrigin } from './live-source.ts';
import { socketDrops } from './socket-drops.ts';

export interface HepSourceOptions {
  address: HepAddress;
  /** What chunk 14 of every message must hold; others are dropped. `null`: not looked at. */
  authenticationKey: Uint8Array | null;
  /** Written to the batches' `input` column. */
  input: number;
}

/** What is told beside the counters that every source has. */
const DETAILS = [
  'malformed',
  'unauthenticated',
  'tooLong',
  'cutOff',
  'connections',
  'connectionsEvicted',
  'connectionsForeign',
] as const satisfies readonly (keyof HepReceiverCounters)[];

/** Agents do not stop when the probe does. */
const DRAIN_TURNS_MAX = 200;

/**
 * Listens for HEP of capture agents. What is delivered are raw IP packets with HEP inside, as a capture of the agents'
 * own datagrams would hold them; the engine opens both alike.
 *
 * @throws {LiveCaptureError} when the address cannot be had
 */
export async function openHepSource(options: HepSourceOptions): Promise<LiveSource> {
  const { address, authenticationKey, input } = options;
  const { transport, host, port } = address;
  try {
    const receiver = await HepReceiver.open({
      host,
      port,
      transports: [transport],
      input,
      ...(authenticationKey === null ? {} : { authenticationKey }),
    });
    return new HepSource(receiver, { ...address, port: receiver.port });
  } catch (cause) {
    if (!(cause instanceof CaptureError)) throw cause;
    throw new LiveCaptureError('address_unusable', `${cause.message} (--hep ${hepAddressText(address)})`, {
      cause,
    });
  }
}

class HepSource implements LiveSource {
  readonly engine = 'hep';
  readonly name: string;
  /** The agents stamped the packets when they captured them. */
  readonly stamps: StampOrigin = 'kernel';
  readonly #receiver: HepReceiver;
  readonly #address: HepAddress;
  #isStarted = false;
  #isStopping = false;
  #finished: Promise<void> = Promise.resolve();
  /** What the kernel had dropped when it was last asked: a closed socket is in no table. */
  #kernelDrops: number | null = null;

  constructor(receiver: HepReceiver, address: HepAddress) {
    this.#receiver = receiver;
    this.#address = address;
    this.name = hepAddressText(address);
  }

  start(deliver: (batch: PacketBatch) => void, ended: (reason: LiveCaptureError | null) => void): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#finished = this.#run(deliver).then(() => {
      const { failure } = this.#receiver;
      if (failure === null || this.#isStopping) {
        ended(null);
        return;
      }
      const text = failure instanceof Error ? failure.message : String(failure);
      ended(new LiveCaptureError('failed', `${this.name}: receiving ended: ${text}`, { cause: failure }));
    });
  }

  counters(): LiveCounters {
    const { counters } = this.#receiver;
    if (this.#address.transport === 'udp' && !this.#isStopping) {
      this.#kernelDrops = socketDrops(this.#address.host, this.#address.port) ?? this.#kernelDrops;
    }
    return {
      packets: counters.messages,
      bytes: counters.bytes,
      dropped: counters.queueFull + (this.#kernelDrops ?? 0),
      ringFull: null,
      ringHighWaterRatio: null,
      up: null,
    };
  }

  details(): Readonly<Record<string, number>> {
    const { counters, openConnections } = this.#receiver;
    return { ...Object.fromEntries(DETAILS.map((name) => [name, counters[name]])), openConnections };
  }

  async stop(): Promise<void> {
    if (!this.#isStopping) {
      await this.#drain();
      this.counters();
    }
    this.#isStopping = true;
    await this.#receiver.close();
    await this.#finished;
  }

  /** Takes what the kernel has, until a turn of the event loop brings nothing more. */
  async #drain(): Promise<void> {
    const { counters } = this.#receiver;
    for (let turn = 0, seen = -1; turn < DRAIN_TURNS_MAX && counters.messages !== seen; turn++) {
      seen = counters.messages;
      await new Promise((resolve) => setTimeout(resolve, 1));
      // A timer may be due before the loop has looked at its sockets again; an immediate comes after it has.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #run(deliver: (batch: PacketBatch) => void): Promise<void> {
    while (await this.#receiver.ready()) {
      // Datagrams come one event each: those that are there already make one batch.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#receiver.read();
      if (batch !== null) deliver(batch);
    }
  }
}

import type {
  LiveCaptureError,
  LiveCounters,
  LiveEngine,
  LiveSource,
  StampOrigin,
} from '../../src/capture/live/live-source.ts';
import type { PacketBatch } from '../../src/packet/batch.ts';

/** A source whose packets and counters a test decides. */
export class FakeSource implements LiveSource {
  readonly engine: LiveEngine;
  readonly name: string;
  stamps: StampOrigin = 'kernel';
  dropped: number | null = 0;
  up: boolean | null = null;
  highWaterRatio: number | null = null;
  isPressed = false;
  stopped = 0;
  private packets = 0;
  private bytes = 0;
  private deliver: (batch: PacketBatch) => void = () => {};
  private ended: (reason: LiveCaptureError | null) => void = () => {};

  constructor(engine: LiveEngine = 'ring', name = 'eth0') {
    this.engine = engine;
    this.name = name;
  }

  start(deliver: (batch: PacketBatch) => void, ended: (reason: LiveCaptureError | null) => void): void {
    this.deliver = deliver;
    this.ended = ended;
  }

  push(batch: PacketBatch): void {
    this.packets += batch.count;
    for (let i = 0; i < batch.count; i++) this.bytes += batch.originalLength[i]!;
    this.deliver(batch);
  }

  end(reason: LiveCaptureError | null): void {
    this.ended(reason);
  }

  counters(): LiveCounters {
    const { packets, bytes, dropped, up, highWaterRatio: ringHighWaterRatio } = this;
    return { packets, bytes, dropped, ringFull: 0, ringHighWaterRatio, up };
  }

  async stop(): Promise<void> {
    this.stopped++;
    this.ended(null);
  }
}

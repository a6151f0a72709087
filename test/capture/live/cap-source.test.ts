import { describe, expect, test } from 'vitest';
import { type CapHandle, type CapModule, CapSource } from '../../../src/capture/live/cap-source.ts';
import type { LiveCaptureError } from '../../../src/capture/live/live-source.ts';
import type { PacketBatch } from '../../../src/packet/batch.ts';

/** The surface of the package, with packets of our own. */
class FakeCap implements CapHandle {
  static refusal: string | null = null;
  static last: FakeCap;
  buffer: Buffer = Buffer.alloc(0);
  opened: unknown[] = [];
  closed = false;
  #listener: (octets: number, truncated: boolean) => void = () => {};

  constructor() {
    FakeCap.last = this;
  }

  open(device: string, filter: string, bufferSize: number, buffer: Buffer): string {
    if (FakeCap.refusal !== null) throw new Error(FakeCap.refusal);
    this.opened = [device, filter, bufferSize];
    this.buffer = buffer;
    return 'LINKTYPE_LINUX_SLL';
  }

  on(_event: 'packet', listener: (octets: number, truncated: boolean) => void): void {
    this.#listener = listener;
  }

  close(): void {
    this.closed = true;
  }

  bring(octets: readonly number[], truncated = false): void {
    this.buffer.set(octets);
    this.#listener(octets.length, truncated);
  }
}

const module: CapModule = { Cap: FakeCap };

function packets(batch: PacketBatch): unknown[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const start = batch.offset[i]!;
    return {
      bytes: [...batch.bytes.subarray(start, start + batch.capturedLength[i]!)],
      wire: batch.originalLength[i],
      timeUs: batch.timeUs[i],
      linkType: batch.linkType[i],
      input: batch.input[i],
      frame: batch.frame[i],
    };
  });
}

function started(options: { filter?: string } = {}) {
  let nowUs = 1e15;
  const batches: unknown[][] = [];
  const ends: (LiveCaptureError | null)[] = [];
  const source = new CapSource({ interface: 'eth0', input: 2, module, nowUs: () => nowUs++, ...options });
  source.start(
    (batch) => batches.push(packets(batch)),
    (reason) => ends.push(reason),
  );
  return { source, batches, ends, cap: FakeCap.last };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the package cap', () => {
  test('packets of one turn of the event loop are one batch, each stamped when it came', async () => {
    const { source, batches, cap } = started({ filter: 'udp' });
    expect(cap.opened).toEqual(['eth0', 'udp', 64 << 20]);
    cap.bring([1, 2, 3]);
    cap.bring([4, 5], true);
    expect(batches).toEqual([]);
    await turn();
    cap.bring([6]);
    await turn();
    const same = { linkType: 113, input: 2 };
    expect(batches).toEqual([
      [
        { bytes: [1, 2, 3], wire: 3, timeUs: 1e15, frame: 1, ...same },
        { bytes: [4, 5], wire: 3, timeUs: 1e15 + 1, frame: 2, ...same },
      ],
      [{ bytes: [6], wire: 1, timeUs: 1e15 + 2, frame: 3, ...same }],
    ]);
    expect(source.counters()).toMatchObject({ packets: 3, bytes: 7, dropped: null, up: null });
    expect(source.stamps).toBe('arrival');
  });

  test('what does not fit into one batch goes on in the next', async () => {
    const { batches, cap } = started();
    const long = Array.from({ length: 60_000 }, (_, i) => i & 255);
    for (let i = 0; i < 20; i++) cap.bring(long);
    await turn();
    expect(batches.map((batch) => batch.length)).toEqual([17, 3]);
    for (let i = 0; i < 5000; i++) cap.bring([i & 255]);
    await turn();
    expect(batches.slice(2).map((batch) => batch.length)).toEqual([2048, 2048, 904]);
  });

  test('stopping hands over what waits, and ends once', async () => {
    const { source, batches, ends, cap } = started();
    cap.bring([1]);
    await Promise.all([source.stop(), source.stop()]);
    expect([batches.length, ends, cap.closed]).toEqual([1, [null], true]);
  });

  test.each([
    ["eth0: You don't have permission to capture on that device", 'no_permission'],
    ['eth7: No such device exists', 'no_such_interface'],
    ['syntax error in filter expression', 'bad_filter'],
    ['something else', 'failed'],
  ])('a refusal has a code: %s', (refusal, code) => {
    FakeCap.refusal = refusal;
    try {
      expect(() => started()).toThrow(expect.objectContaining({ code }));
    } finally {
      FakeCap.refusal = null;
    }
  });
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCap } from '../../src/capture/live/cap-source.ts';
import type { EngineWish } from '../../src/capture/live/choose.ts';
import { loadKoffi } from '../../src/capture/live/koffi.ts';
import { openLibpcap } from '../../src/capture/live/libpcap.ts';
import { build } from '../cli/earshot.ts';
import { Lab, titled, waitMs, whyNot } from './lab/lab.ts';
import { inHost, NUMBERED, readNumbered, sendFrames, startCapturing } from './live/captured.ts';

/** A lab with a sender `s` and a probe `p`, whose device is `to-s`. */
async function inLab<T>(work: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = new Lab();
  try {
    await lab.open('s', 'p');
    lab.link('s', '192.0.2.1/24', 'p', '192.0.2.2/24');
    return await work(lab);
  } finally {
    await lab.close();
  }
}

const reason =
  whyNot(['setpriv']) ??
  (loadKoffi() === null ? 'koffi is not installed' : null) ??
  (openLibpcap() === null ? 'libpcap is not installed' : null);

/** May this checkout be read by anybody? */
function readableByAll(): boolean {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const script = new URL('./live/capture.mjs', import.meta.url).pathname;
  return spawnSync('setpriv', [...nobody, process.execPath, '--check', script]).status === 0;
}

const options = { interface: 'to-s', filter: NUMBERED };

describe.skipIf(reason !== null)(titled('capturing from an interface', reason), () => {
  beforeAll(build);

  test.each<EngineWish>(['ring', 'pcap'])(
    '%s: all that was sent comes, in order, stamped by the kernel',
    async (engine) => {
      const { sources, error } = await inLab(async (lab) => {
        const capture = await startCapturing(lab, 'p', [{ ...options, engine, input: 3 }]);
        await sendFrames(lab, 's', { device: 'to-p', count: 20_000, everyUs: 50 });
        return capture.stop();
      });
      expect(error).toBeNull();
      const { packets, counters, ended, stamps } = sources[0]!;
      expect(packets.map((packet) => readNumbered(packet).number)).toEqual(
        Array.from({ length: 20_000 }, (_, i) => i),
      );
      expect(packets.map(({ frame }) => frame)).toEqual(Array.from({ length: 20_000 }, (_, i) => i + 1));
      expect([counters.packets, counters.bytes, counters.dropped]).toEqual([20_000, 20_000 * 214, 0]);
      expect([ended, stamps]).toEqual([null, 'kernel']);
      const late = packets.map((packet) => packet.timeUs - readNumbered(packet).sentUs).sort((a, b) => a - b);
      // Reading the clock and the system call lie between, no event loop.
      expect(late[10_000]).toBeGreaterThan(-200);
      expect(late[10_000]).toBeLessThan(200);
      expect(packets.every(({ timeUs }, i) => i === 0 || timeUs >= packets[i - 1]!.timeUs)).toBe(true);
    },
  );

  test.each<EngineWish>(['ring', 'pcap'])('%s: a packet all alone is there at once', async (engine) => {
    const { sources } = await inLab(async (lab) => {
      const capture = await startCapturing(lab, 'p', [{ ...options, engine }]);
      await sendFrames(lab, 's', { device: 'to-p', count: 3, everyUs: 400_000 });
      await waitMs(500);
      return capture.stop();
    });
    const delays = sources[0]!.packets.map(({ timeUs, deliveredUs }) => (deliveredUs - timeUs) / 1000);
    expect(delays.length).toBe(3);
    expect(Math.min(...delays)).toBeLessThan(150);
  });

  test.each<EngineWish>(['ring', 'pcap'])('%s: VLAN tags are where they were', async (engine) => {
    const { sources } = await inLab(async (lab) => {
      const capture = await startCapturing(lab, 'p', [{ interface: 'to-s', engine }]);
      await sendFrames(lab, 's', { device: 'to-p', count: 5, vlans: [42] });
      await sendFrames(lab, 's', { device: 'to-p', count: 5, vlans: [100, 7] });
      return capture.stop();
    });
    const tagged = sources[0]!.packets.filter(({ bytes }) =>
      [0x8100, 0x88a8].includes(bytes.readUInt16BE(12)),
    );
    const tags = tagged.map(({ bytes }) => bytes.subarray(12, 18).toString('hex'));
    expect(tags.slice(0, 5)).toEqual(new Array(5).fill('8100002a0800'));
    expect(tags.slice(5)).toEqual(new Array(5).fill('88a800648100'));
    expect(tagged.slice(0, 5).map((packet) => readNumbered(packet, 46).number)).toEqual([0, 1, 2, 3, 4]);
    expect(tagged.slice(5).map((packet) => readNumbered(packet, 50).number)).toEqual([0, 1, 2, 3, 4]);
    expect(tagged.map(({ originalLength }) => originalLength)).toEqual([
      ...new Array<number>(5).fill(218),
      ...new Array<number>(5).fill(222),
    ]);
  });

  test.each<EngineWish>(['ring', 'pcap'])(
    '%s: what is lost while nobody reads is counted',
    async (engine) => {
      const { sources } = await inLab(async (lab) => {
        const capture = await startCapturing(lab, 'p', [
          { ...options, engine, bufferBytes: 1 << 20, blockBytes: 64 << 10 },
        ]);
        await capture.tell('sleep 3000', 'sleeping');
        await sendFrames(lab, 's', { device: 'to-p', count: 30_000 });
        await capture.tell('note', 'noted 1');
        return capture.stop();
      });
      const { counters, packets } = sources[0]!;
      expect(packets.length).toBe(counters.packets);
      expect(counters.dropped).toBeGreaterThan(10_000);
      expect(counters.packets + counters.dropped!).toBe(30_000);
      if (engine === 'ring') expect(counters.ringFull).toBeGreaterThan(0);
    },
  );

  test.each<[EngineWish, number]>([
    ['ring', 1],
    ['ring', 2],
    ['pcap', 1],
  ])(
    '%s: survives its interface going down and up, and being made anew (sockets: %i)',
    async (engine, sockets) => {
      const { sources, notes } = await inLab(async (lab) => {
        const capture = await startCapturing(lab, 'p', [{ ...options, engine, sockets }]);
        await sendFrames(lab, 's', { device: 'to-p', count: 100 });
        await inHost(lab, 'p', ['ip', 'link', 'set', 'to-s', 'down']);
        await waitMs(1500);
        await capture.tell('note', 'noted 1');
        await inHost(lab, 'p', ['ip', 'link', 'set', 'to-s', 'up']);
        await waitMs(2500);
        await capture.tell('note', 'noted 2');
        await sendFrames(lab, 's', { device: 'to-p', count: 200 });
        // What libpcap has not handed over when its interface is deleted is gone: it reports that first. The ring reads on.
        if (engine === 'pcap') await waitMs(300);
        await inHost(lab, 'p', ['ip', 'link', 'delete', 'to-s']);
        await waitMs(1500);
        lab.link('s', '192.0.2.1/24', 'p', '192.0.2.2/24');
        await waitMs(2500);
        await sendFrames(lab, 's', { device: 'to-p', count: 300 });
        await capture.tell('note', 'noted 3');
        return capture.stop();
      });
      expect(notes.map(([counters]) => counters!.up)).toEqual([false, true, true]);
      const { packets, counters, ended } = sources[0]!;
      expect(packets.map((packet) => readNumbered(packet).number)).toEqual(
        [100, 200, 300].flatMap((count) => Array.from({ length: count }, (_, i) => i)),
      );
      expect([counters.packets, counters.dropped, ended]).toEqual([600, 0, null]);
    },
  );

  const group = { ...options, engine: 'ring' as const, sockets: 2 };

  test('ring: several sockets share the packets, each flow and its answers to one of them', async () => {
    const { sources } = await inLab(async (lab) => {
      const capture = await startCapturing(lab, 'p', [group]);
      await sendFrames(lab, 's', { device: 'to-p', count: 2000, flows: 40, everyUs: 20 });
      return capture.stop();
    });
    const { packets, counters, ended } = sources[0]!;
    const flows = [0, 1].map(
      (ring) => new Set(packets.filter(({ buffer }) => buffer === ring).map(({ bytes }) => flowOf(bytes))),
    );
    expect([counters.packets, counters.dropped, packets.length, ended]).toEqual([2000, 0, 2000, null]);
    expect([...flows[0]!].filter((flow) => flows[1]!.has(flow))).toEqual([]);
    expect(flows[0]!.size + flows[1]!.size).toBe(40);
    expect(Math.min(flows[0]!.size, flows[1]!.size)).toBeGreaterThan(3);
  });

  test('ring: after a standstill, what several sockets have comes in the order of its stamps, to within a block', async () => {
    const { sources } = await inLab(async (lab) => {
      const capture = await startCapturing(lab, 'p', [group]);
      await capture.tell('sleep 2500', 'sleeping');
      await sendFrames(lab, 's', { device: 'to-p', count: 4000, flows: 40, everyUs: 500 });
      return capture.stop();
    });
    const { packets, counters } = sources[0]!;
    expect([counters.packets, new Set(packets.map(({ buffer }) => buffer)).size]).toEqual([4000, 2]);
    let latestUs = 0;
    let backUs = 0;
    for (const { timeUs } of packets) {
      backUs = Math.max(backUs, latestUs - timeUs);
      latestUs = Math.max(latestUs, timeUs);
    }
    // A block is handed over after 60 ms; what looks like a clock set back begins at 100 ms.
    expect(backUs).toBeLessThan(100_000);
    const sentForUs = packets.at(-1)!.timeUs - packets[0]!.timeUs;
    expect(sentForUs).toBeGreaterThan(1_000_000);
  });

  test('ring: of a thread that dies, another one gives the ring back', async () => {
    const script = fileURLToPath(new URL('./live/dying.mjs', import.meta.url));
    const said = await inLab(async (lab) => {
      const running = lab.start('p', [process.execPath, script]);
      expect(await running.ended).toBe(0);
      return readFileSync(running.log, 'utf8');
    });
    expect(JSON.parse(said)).toEqual([1, 1, 0]);
  });

  const noCap = loadCap() === null ? 'the package cap is not built here' : null;
  test.skipIf(noCap !== null)(
    titled('cap: packets come, stamped when they are read, and nobody knows of losses', noCap),
    async () => {
      const { sources } = await inLab(async (lab) => {
        const capture = await startCapturing(lab, 'p', [{ ...options, engine: 'cap' }]);
        await sendFrames(lab, 's', { device: 'to-p', count: 500, everyUs: 200 });
        return capture.stop();
      });
      const { packets, counters, stamps, ended } = sources[0]!;
      expect(packets.map((packet) => readNumbered(packet).number)).toEqual(
        Array.from({ length: 500 }, (_, i) => i),
      );
      expect([stamps, ended, counters.dropped]).toEqual(['arrival', null, null]);
    },
  );

  test('without the right to, it says in one line how to get it', async () => {
    const errors = await inLab(async (lab) => {
      const without = ['setpriv', '--inh-caps=-all', '--bounding-set=-net_raw,-net_admin'];
      const results = [];
      for (const engine of ['ring', 'pcap'] as const) {
        results.push(await (await startCapturing(lab, 'p', [{ ...options, engine }], without)).stop());
      }
      return results.map(({ error }) => error);
    });
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'LiveCaptureError', code: 'no_permission' });
      expect(error!.message).toMatch(/^may not capture on to-s: it takes CAP_NET_RAW; [^\n]*setcap[^\n]*$/);
    }
  });

  const closed = reason === null && !readableByAll() ? 'this checkout cannot be read by other users' : null;
  test.skipIf(closed !== null).each<EngineWish>(['ring', 'pcap'])(
    titled('%s: an unprivileged user with one ambient capability is enough', closed),
    async (engine) => {
      const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
      const ambient = ['--inh-caps=+net_raw', '--ambient-caps=+net_raw', '--no-new-privs'];
      const { sources, error } = await inLab(async (lab) => {
        const capture = await startCapturing(
          lab,
          'p',
          [{ ...options, engine }],
          [...nobody, ...ambient, '--bounding-set=-all,+net_raw'],
        );
        await sendFrames(lab, 's', { device: 'to-p', count: 50 });
        return capture.stop();
      });
      expect(error).toBeNull();
      expect(sources[0]!.packets.length).toBe(50);
    },
  );

  test.each<EngineWish>(['ring', 'pcap'])(
    '%s: an interface that is not there is named, with those that are',
    async (engine) => {
      const { error } = await inLab(async (lab) =>
        (await startCapturing(lab, 'p', [{ interface: 'eth7', engine }])).stop(),
      );
      expect(error).toMatchObject({
        code: 'no_such_interface',
        message: 'there is no interface eth7; there are: lo, to-s',
      });
    },
  );
});

/** Ports of both ends in one order. */
function flowOf(bytes: Buffer): string {
  return [bytes.readUInt16BE(34), bytes.readUInt16BE(36)].sort((a, b) => a - b).join(' ');
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CapProcess } from '../../../src/capture/live/cap-process.ts';
import { pcapHead, pcapRecords } from '../../../src/capture/live/cap-records.ts';
import { LiveCaptureError } from '../../../src/capture/live/live-source.ts';
import { createBatch, type PacketBatch } from '../../../src/packet/batch.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-cap-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Packets of these octets, a second apart. */
function batchOf(...packets: number[][]): PacketBatch {
  const batch = createBatch(Uint8Array.from(packets.flat()), packets.length);
  batch.count = packets.length;
  packets.forEach((octets, i) => {
    batch.offset[i] = packets.slice(0, i).flat().length;
    batch.capturedLength[i] = octets.length;
    batch.originalLength[i] = octets.length + i;
    batch.timeUs[i] = 1.7e15 + i * 1e6 + 123_456.75;
    batch.linkType[i] = 113;
  });
  return batch;
}

const PCAP = Buffer.concat([pcapHead(113), pcapRecords(batchOf([1, 2, 3], [4, 5]))]).toString('base64');

/** A program in place of the one that captures; `task` is what it was told. */
function program(body: string): string {
  const path = join(folder, `program-${body.length}.mjs`);
  writeFileSync(
    path,
    `const task = JSON.parse(process.argv[2]);\nconst pcap = Buffer.from('${PCAP}', 'base64');\n${body}\n`,
  );
  return path;
}

function started(body: string, options: { filter?: string } = {}) {
  const packets: unknown[] = [];
  const source = new CapProcess(program(body), { interface: 'eth0', input: 2, ...options });
  let gone: (reason: LiveCaptureError | null) => void = () => {};
  const ended = new Promise<LiveCaptureError | null>((resolve) => {
    gone = resolve;
  });
  source.start((batch) => {
    for (let i = 0; i < batch.count; i++) {
      const start = batch.offset[i]!;
      const bytes = [...batch.bytes.subarray(start, start + batch.capturedLength[i]!)];
      packets.push([bytes, batch.originalLength[i], batch.timeUs[i], batch.linkType[i], batch.input[i]]);
    }
  }, gone);
  const delivered = async (count: number): Promise<void> => {
    while (packets.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { source, packets, ended, delivered };
}

const TWO = [
  [[1, 2, 3], 3, 1.7e15 + 123_456.75, 113, 2],
  [[4, 5], 3, 1.7e15 + 1e6 + 123_456.75, 113, 2],
];

describe('a process that captures with the package cap', () => {
  test('brings packets as it captured them, and ends with its standard input', async () => {
    const { source, packets, ended, delivered } = started(
      'if (!task.trial) { process.stdout.write(pcap); process.stdin.resume(); }',
    );
    await delivered(2);
    expect([source.engine, source.name, source.stamps]).toEqual(['pcap', 'eth0', 'arrival']);
    expect(source.counters()).toMatchObject({ packets: 2, bytes: 6, dropped: null });
    await source.stop();
    expect([await ended, packets]).toEqual([null, TWO]);
  });

  test('is told interface and filter, once to try and once to do', async () => {
    const { source, ended } = started(
      'if (task.interface !== "eth0" || task.filter !== "udp") process.exit(9); if (!task.trial) process.stdin.resume();',
      { filter: 'udp' },
    );
    await source.stop();
    expect(await ended).toBeNull();
  });

  test('what it cannot do is known before anything began', () => {
    const said = JSON.stringify({ code: 'no_such_interface', message: 'there is no eth0' });
    expect(() => started(`console.error('a word'); console.error('${said}'); process.exitCode = 1;`)).toThrow(
      expect.objectContaining({
        name: 'LiveCaptureError',
        code: 'no_such_interface',
        message: 'there is no eth0',
      }),
    );
    expect(() =>
      started(`console.error('${said}'); console.error('Assertion failed'); process.abort();`),
    ).toThrow(expect.objectContaining({ code: 'no_such_interface', message: 'there is no eth0' }));
    expect(() => started('throw new Error("native trouble")')).toThrow(LiveCaptureError);
  });

  test('where it dies, what came before counts, and it is said', async () => {
    const { packets, ended } = started(
      'if (!task.trial) process.stdout.write(pcap, () => process.kill(process.pid, "SIGKILL"));',
    );
    expect((await ended)?.message).toBe('capturing on eth0 with cap ended (SIGKILL)');
    expect(packets).toEqual(TWO);
  });

  test('one that does not end when it is told to is ended', async () => {
    const { source, ended, delivered } = started(
      'if (!task.trial) { process.stdout.write(pcap); setInterval(() => {}, 1000); }',
    );
    await delivered(2);
    await source.stop();
    expect(await ended).toBeNull();
  });
});

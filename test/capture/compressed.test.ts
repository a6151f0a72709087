import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openCapture, openCaptures } from '../../src/capture/open.ts';
import { zstdMethod } from '../../src/capture/unpacked-bytes.ts';
import { createRandom } from '../fuzz/random.ts';
import { type Collected, collect, collectBytes, temporaryDirectory } from './collect-packets.ts';
import { concat, enhancedPacket, interfaceBlock, pattern, pcapFile, section } from './write-captures.ts';

const directory = temporaryDirectory();

/** Noise that does not compress among packets that do, so that compressed files have many blocks. */
function octets(length: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  return seed % 4 === 0 ? Uint8Array.from({ length }, () => random() & 255) : pattern(length, seed);
}

const records = Array.from({ length: 3000 }, (_, i) => ({
  seconds: 1_700_000_000 + Math.floor(i / 50),
  fraction: (i % 50) * 20_000,
  data: octets(60 + (i % 160), i),
}));
const pcap = pcapFile({}, records);
const pcapng = concat(
  section(true),
  interfaceBlock(true),
  ...records.slice(0, 500).map(({ data }, i) => enhancedPacket(true, { data, ticks: BigInt(i) })),
);

const has = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const through =
  (command: string, ...options: string[]) =>
  (bytes: Uint8Array): Uint8Array =>
    new Uint8Array(
      execFileSync(command, options, { input: bytes, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] }),
    );
const gzip = (bytes: Uint8Array): Uint8Array => new Uint8Array(zlib.gzipSync(bytes));

type Compress = (bytes: Uint8Array) => Uint8Array;
const COMPRESSIONS: [string, Compress][] = [['gzip', gzip]];
if (has('lz4')) COMPRESSIONS.push(['lz4', through('lz4', '-c', '-B4', '-BD')]);
if (has('zstd') && zstdMethod() !== null) COMPRESSIONS.push(['zstd', through('zstd', '-c', '-q')]);

function essence({ packets, inputs, problems }: Collected): unknown {
  const [{ format, linkTypes, packets: count, bytes } = {} as never] = inputs;
  return { packets, problems, input: { format, linkTypes, count, bytes } };
}

describe.each(COMPRESSIONS)('%s', (name, compress) => {
  const packed = compress(pcap);

  test('the same packets as without, whatever the file is called and however it is read', () => {
    for (const plain of [pcap, pcapng]) {
      const expected = essence(collectBytes(directory, plain));
      for (const options of [{}, { chunkBytes: 1000 }, { chunkBytes: 33 }, { chunkBytes: 1 << 20 }]) {
        expect(essence(collectBytes(directory, compress(plain), { ...options, name: 'x.bin' }))).toEqual(
          expected,
        );
      }
    }
  });

  test('several compressed parts one after the other are one input', () => {
    const both = concat(compress(pcap.subarray(0, 100_001)), compress(pcap.subarray(100_001)));
    expect(essence(collectBytes(directory, both))).toEqual(essence(collectBytes(directory, pcap)));
  });

  test('cut anywhere: one problem that says so, and the packets before it', () => {
    const whole = collectBytes(directory, pcap).packets;
    for (const part of [0.999, 0.6, 0.3]) {
      const { packets, problems, inputs } = collectBytes(
        directory,
        packed.subarray(0, packed.length * part),
        {
          name: 'cut.pcap',
        },
      );
      expect(packets).toEqual(whole.slice(0, packets.length));
      if (part > 0.5) expect(packets.length).toBeGreaterThan(100);
      expect(problems).toMatchObject([{ code: 'truncated_file', fatal: true }]);
      const before = packets.length === 0 ? 'no packet was' : `the ${packets.length} packets before it were`;
      expect(problems[0]!.text).toContain(`cut.pcap: the ${name} data end in the middle; ${before} read`);
      expect(inputs[0]!.packets).toBe(packets.length);
    }
    const { packets, problems } = collectBytes(directory, packed.subarray(0, 12));
    expect(packets).toEqual([]);
    expect(problems).toMatchObject([{ code: 'truncated_file', fatal: true }]);
  });

  test('damage is always noticed, at the latest by the checksum at the end, and ends normally', () => {
    const random = createRandom(9);
    for (let run = 0; run < 25; run++) {
      const damaged = Uint8Array.from(packed);
      for (let k = 0; k < 3; k++) damaged[20 + (random() % (packed.length - 20))]! ^= 1 + (random() % 255);
      const { problems } = collectBytes(directory, damaged);
      // fzstd, which Node.js 20 needs, verifies no checksum.
      if (zstdMethod() === 'fzstd' && name === 'zstd') expect(problems.length).toBeLessThanOrEqual(1);
      else expect(problems).toMatchObject([{ fatal: true }]);
      for (const { text } of problems) expect(text).not.toMatch(/\n|undefined|NaN|null/);
    }
  });

  test('no capture inside, nothing inside, and compressed twice', () => {
    const nothing = collectBytes(directory, compress(new Uint8Array(0)));
    expect(nothing.problems).toMatchObject([{ code: 'empty_file', fatal: true }]);
    const text = collectBytes(directory, compress(Buffer.from('hello world')));
    expect(text.problems[0]!.text).toContain('not a capture file (starts with "hello wo")');
    const twice = collectBytes(directory, gzip(packed), { name: 'twice' });
    expect(twice.problems).toMatchObject([{ code: 'compressed', fatal: true }]);
    expect(twice.problems[0]!.text).toContain('twice: compressed twice, decompress it first');
  });

  test('a damaged capture in a sound compression is described as without', () => {
    const damaged = Uint8Array.from(pcap);
    damaged.set([255, 255, 255, 255], 24 + 8);
    expect(essence(collectBytes(directory, compress(damaged)))).toEqual(
      essence(collectBytes(directory, damaged)),
    );
    const cut = pcap.subarray(0, 5000);
    expect(essence(collectBytes(directory, compress(cut)))).toEqual(essence(collectBytes(directory, cut)));
  });

  test('progress counts what was read of the file', () => {
    const path = join(directory, `progress.${name}`);
    writeFileSync(path, packed);
    const source = openCapture(path);
    expect([source.bytesRead, source.bytesTotal]).toEqual([0, packed.length]);
    while (source.read() !== null);
    expect(source.bytesRead).toBe(packed.length);
    source.close();
  });

  test('a source that is closed early gives nothing more', () => {
    const path = join(directory, `early.${name}`);
    writeFileSync(path, packed);
    const source = openCapture(path, { chunkBytes: 64 << 10 });
    expect(source.read()!.count).toBeGreaterThan(0);
    source.close();
    source.close();
    expect(source.read()).toBeNull();
    expect(source.problems).toEqual([]);
  });

  test('many at once are merged by time', () => {
    const paths = Array.from({ length: 40 }, (_, i) => join(directory, `many.${i}.${name}`));
    for (const [i, path] of paths.entries()) {
      const shifted = records.filter((_, k) => k % 40 === i);
      writeFileSync(path, compress(pcapFile({}, shifted)));
    }
    const { packets, problems } = collect(openCaptures(paths));
    expect(problems).toEqual([]);
    expect(packets.map(({ hex }) => hex)).toEqual(
      collectBytes(directory, pcap).packets.map(({ hex }) => hex),
    );
  });

  test.skipIf(process.platform === 'win32')('a pipe whose writer pauses', () => {
    const pipe = join(directory, `pipe.${name}`);
    execFileSync('mkfifo', [pipe]);
    const [head, tail] = [join(directory, `head.${name}`), join(directory, `tail.${name}`)];
    writeFileSync(head, packed.subarray(0, packed.length / 2));
    writeFileSync(tail, packed.subarray(packed.length / 2));
    spawn('sh', ['-c', `{ cat '${head}'; sleep 0.2; cat '${tail}'; } > '${pipe}'`], { stdio: 'ignore' });
    expect(essence(collect(openCapture(pipe)))).toEqual(essence(collectBytes(directory, pcap)));
  });
});

describe('gzip, what the format allows', () => {
  test('a name, a comment and an extra field in the header (RFC 1952 2.3)', () => {
    const plain = gzip(pcap);
    const head = Uint8Array.from([...plain.subarray(0, 3), 0x04 | 0x08 | 0x10, ...plain.subarray(4, 10)]);
    const fields = [...[3, 0, 1, 2, 3], ...Buffer.from('trace.pcap\0'), ...Buffer.from('why\0')];
    const packed = concat(head, Uint8Array.from(fields), plain.subarray(10));
    expect(essence(collectBytes(directory, packed))).toEqual(essence(collectBytes(directory, pcap)));
  });

  test('a bomb is decompressed as far as it is read, and memory stays bounded', () => {
    // 256 MiB of zeros behind a file header: records of zero octets at time zero.
    const bomb = gzip(concat(pcapFile({}, []), new Uint8Array(256 << 20)));
    expect(bomb.length).toBeLessThan(300_000);
    const path = join(directory, 'bomb.gz');
    writeFileSync(path, bomb);
    const before = process.memoryUsage().rss;
    const source = openCapture(path);
    let packets = 0;
    for (let batch = source.read(); batch !== null && packets < 1e6; batch = source.read())
      packets += batch.count;
    source.close();
    expect(packets).toBeGreaterThanOrEqual(1e6);
    expect(process.memoryUsage().rss - before).toBeLessThan(128 << 20);
  });

  test('damage is named', () => {
    const damaged = Uint8Array.from(gzip(pcap));
    damaged[damaged.length - 6]! ^= 1;
    const { packets, problems } = collectBytes(directory, damaged, { name: 'd.gz' });
    // What zlib has not handed out yet when it fails is lost, 128 KiB at most.
    expect(packets.length).toBeGreaterThan(2000);
    expect(problems).toMatchObject([{ code: 'bad_compression', fatal: true }]);
    expect(problems[0]!.text).toContain(
      `d.gz: the gzip data are damaged; the ${packets.length} packets before it were read`,
    );
  });
});

const installed = has('zstd');

describe.skipIf(!installed || zstdMethod() === null)('zstd, what the format allows', () => {
  test.each([['-19'], ['--long=24', '-9'], ['--no-check'], ['--fast=5'], ['--no-content-size']])(
    '%s %s',
    (...options) => {
      const packed = through('zstd', '-c', '-q', ...options.filter((option) => option !== undefined))(pcap);
      expect(essence(collectBytes(directory, packed))).toEqual(essence(collectBytes(directory, pcap)));
    },
  );

  test('a skippable frame first, as pzstd writes it', () => {
    const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4);
    const packed = concat(skippable, through('zstd', '-c', '-q')(pcap));
    expect(essence(collectBytes(directory, packed))).toEqual(essence(collectBytes(directory, pcap)));
  });

  test('a frame that asks for a window of gigabytes is refused', () => {
    // RFC 8878 3.1.1: magic, no single segment, window descriptor 0xa8 (2 GiB), a raw block of four octets.
    const packed = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x21, 0, 0, 1, 2, 3, 4, 0, 0, 0);
    const { packets, problems } = collectBytes(directory, packed);
    expect(packets).toEqual([]);
    expect(problems).toMatchObject([{ code: 'compressed', fatal: true }]);
    expect(problems[0]!.text).toContain('need 2048 MiB of memory, 128 are given; decompress them first');
  });

  test('a dictionary is needed', () => {
    const packed = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 1, 9, 0, 0, 65);
    expect(collectBytes(directory, packed).problems[0]!.text).toContain('the zstd data need a dictionary');
  });

  test('any damage ends, in bounded time', () => {
    const packed = through('zstd', '-c', '-q', '-19')(pcap.subarray(0, 60_000));
    const random = createRandom(33);
    for (let run = 0; run < 150; run++) {
      const damaged = Uint8Array.from(
        packed.subarray(0, run % 3 === 0 ? 1 + (random() % packed.length) : packed.length),
      );
      for (let k = 1 + (random() % 4); k > 0; k--)
        damaged[4 + (random() % (damaged.length || 1))] = random() & 255;
      const { problems } = collectBytes(directory, damaged);
      expect(problems.filter((problem) => problem.fatal).length).toBeLessThanOrEqual(1);
    }
  });
});

test('how zstd can be read here is what Node.js and the installed packages say', () => {
  const own = 'createZstdDecompress' in zlib;
  let library = true;
  try {
    createRequire(import.meta.url).resolve('fzstd');
  } catch {
    library = false;
  }
  expect(zstdMethod()).toBe(own ? 'zstd' : library ? 'fzstd' : null);
});

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { captureFromDescriptor, openCapture } from '../../src/capture/open.ts';
import { collect, collectBytes, temporaryDirectory } from './collect-packets.ts';
import { concat, enhancedPacket, interfaceBlock, pattern, pcapFile, section } from './write-captures.ts';

const directory = temporaryDirectory();

function opening(path: string): unknown {
  try {
    openCapture(path).close();
  } catch (error) {
    return error;
  }
  return null;
}

describe('what cannot be opened', () => {
  test('a missing file', () => {
    const path = join(directory, 'missing.pcap');
    const error = opening(path);
    expect(error).toBeInstanceOf(CaptureError);
    expect(error).toMatchObject({ name: 'CaptureError', code: 'ENOENT', message: `${path}: no such file` });
    expect((error as CaptureError).cause).toBeInstanceOf(Error);
  });

  test('a directory', () => {
    const message = `${directory}: is a directory, expected a capture file`;
    expect(opening(directory)).toMatchObject({ code: 'EISDIR', message });
  });

  test('a path through a file', () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    expect(opening(join(path, 'x.pcap'))).toMatchObject({ code: 'ENOTDIR' });
  });

  test.skipIf(process.getuid?.() === 0)('a file without permission (not as root, who may read all)', () => {
    const path = join(directory, 'secret.pcap');
    writeFileSync(path, '');
    chmodSync(path, 0);
    expect(opening(path)).toMatchObject({ code: 'EACCES' });
  });
});

describe('what is no capture', () => {
  const hello = 'not a capture file (starts with "hello wo"); expected pcap or pcapng';
  test.each([
    ['nothing', '', 'empty_file', 'empty, there is nothing to read'],
    ['text', 'hello world', 'not_a_capture', hello],
    ['lines', 'a\nb', 'not_a_capture', 'not a capture file (starts with "a\\nb"); expected pcap or pcapng'],
    ['three bytes', '\xd4\xc3\xb2', 'not_a_capture', 'not a capture file (starts with d4 c3 b2); expected'],
    ['escapes', '\x1b[2J\x07abc', 'not_a_capture', '(starts with 1b 5b 32 4a 07 61 62 63); expected'],
    [
      'gzip, cut',
      '\x1f\x8b\x08\x00',
      'truncated_file',
      'the gzip data end in the middle; no packet was read',
    ],
    ['lz4, cut', '\x04\x22\x4d\x18', 'truncated_file', 'the lz4 data end in the middle; no packet was read'],
    ['old lz4', '\x02\x21\x4c\x18', 'compressed', 'capture in the old lz4 format, decompress it first'],
    ['xz', '\xfd7zXZ\x00', 'compressed', 'xz-compressed capture, decompress it first (unxz)'],
    ['snoop', 'snoop\0\0\0', 'unsupported_version', 'snoop capture, convert it with "editcap -F pcap"'],
  ] as const)('%s', (_, content, code, text) => {
    const bytes = Buffer.from(content, 'latin1');
    const { packets, problems, inputs } = collectBytes(directory, bytes, { name: 'x.txt' });
    const path = join(directory, 'x.txt');
    expect(packets).toEqual([]);
    expect(problems).toMatchObject([{ path, offset: 0, code, fatal: true }]);
    expect(problems[0]?.text).toContain(`${path}: `);
    expect(problems[0]?.text).toContain(text);
    const nothing = { format: null, linkTypes: [], packets: 0, bytes: 0, dropped: null, delivered: null };
    expect(inputs).toEqual([{ path, ...nothing }]);
  });

  test('a descriptor that cannot be read', () => {
    const source = captureFromDescriptor(openSync(join(directory, 'w'), 'w'), 'w');
    expect(source.read()).toBeNull();
    expect(source.problems).toMatchObject([{ code: 'read_error', text: 'w: cannot be read (EBADF)' }]);
  });
});

describe('progress and life', () => {
  const file = pcapFile({}, [{ seconds: 1, fraction: 2, data: pattern(60) }]);
  const path = join(directory, 'life.pcap');

  test('bytes are counted as they are read', () => {
    writeFileSync(path, file);
    const source = openCapture(path, { chunkBytes: 64 });
    expect([source.bytesRead, source.bytesTotal]).toEqual([0, 100]);
    expect(source.inputs[0]?.packets).toBe(0);
    expect(source.read()?.count).toBe(1);
    expect(source.inputs[0]?.packets).toBe(1);
    expect(source.read()).toBeNull();
    expect(source.read()).toBeNull();
    expect([source.bytesRead, source.bytesTotal]).toEqual([100, 100]);
  });

  test('a closed source gives nothing, closing twice does no harm', () => {
    writeFileSync(path, file);
    const source = openCapture(path);
    source.close();
    source.close();
    expect(source.read()).toBeNull();
    expect(source.problems).toEqual([]);
  });
});

/** Writes parts to a pipe from another process, with pauses of `pause` seconds between them. */
function writeToPipe(name: string, parts: Uint8Array[], pause: number): string {
  const pipe = join(directory, name);
  execFileSync('mkfifo', [pipe]);
  const commands = parts.map((part, index) => {
    const path = join(directory, `${name}.${index}`);
    writeFileSync(path, part);
    return `cat '${path}'`;
  });
  spawn('sh', ['-c', `{ ${commands.join(`; sleep ${pause}; `)}; } > '${pipe}'`], { stdio: 'ignore' });
  return pipe;
}

describe.skipIf(process.platform === 'win32')('pipes (POSIX only)', () => {
  const PAUSE_SECONDS = 0.3;
  const record = (seconds: number): Uint8Array =>
    pcapFile({}, [{ seconds, fraction: 0, data: pattern(60) }]).subarray(24);
  const parts = [
    concat(pcapFile({}, []), record(1), record(2).subarray(0, 30)),
    concat(record(2).subarray(30), record(3)),
  ];

  test('a packet is delivered as soon as it is complete', () => {
    const source = openCapture(writeToPipe('live', parts, PAUSE_SECONDS));
    expect(source.bytesTotal).toBeNull();
    const first = source.read();
    const arrived = performance.now();
    expect([first?.count, first?.timeUs[0]]).toEqual([1, 1e6]);
    const second = source.read();
    expect([second?.count, second?.timeUs[0], second?.timeUs[1]]).toEqual([2, 2e6, 3e6]);
    expect(performance.now() - arrived).toBeGreaterThan(PAUSE_SECONDS * 500);
    expect(source.read()).toBeNull();
    expect(source.problems).toEqual([]);
    expect(source.bytesRead).toBe(24 + 3 * 76);
  });

  test('a pipe opened without blocking is waited for', () => {
    const pipe = writeToPipe('nonblocking', parts, PAUSE_SECONDS);
    const reading = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    // Until the other process has the pipe open, our own writing end keeps it from looking finished.
    const writing = openSync(pipe, 'w');
    const source = captureFromDescriptor(reading, '-');
    expect(source.read()?.count).toBe(1);
    closeSync(writing);
    expect(source.read()?.count).toBe(2);
    expect(source.read()).toBeNull();
    expect(source.problems).toEqual([]);
  });

  test('byte by byte, also the first eight', () => {
    const file = concat(section(false), interfaceBlock(false), enhancedPacket(false, { data: pattern(5) }));
    const bytes = [file.subarray(0, 3), file.subarray(3, 6), file.subarray(6, 61), file.subarray(61)];
    const { packets, problems } = collect(openCapture(writeToPipe('bytes', bytes, 0.05)));
    expect(packets.length).toBe(1);
    expect(problems).toEqual([]);
  });

  test('messages about standard input call it so', () => {
    const path = join(directory, 'stdin');
    writeFileSync(path, 'hello world');
    const { problems, inputs } = collect(captureFromDescriptor(openSync(path, 'r'), '-'));
    expect(problems[0]).toMatchObject({ path: '-' });
    expect(problems[0]?.text).toMatch(/^standard input: not a capture file/);
    expect(inputs[0]?.path).toBe('-');
  });
});

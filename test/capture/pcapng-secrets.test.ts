import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture, openCaptures } from '../../src/capture/open.ts';
import { temporaryDirectory } from './collect-packets.ts';
import { concat, enhancedPacket, interfaceBlock, pattern, secretsBlock, section } from './write-captures.ts';

const directory = temporaryDirectory();

interface Got {
  /** Key logs in order, and after how many packets they came. */
  logs: string[];
  packets: number;
  problems: string[];
}

function read(bytes: Uint8Array, chunkBytes = 1 << 16): Got {
  const path = join(directory, 'secrets.pcapng');
  writeFileSync(path, bytes);
  const logs: string[] = [];
  const source = openCapture(path, {
    chunkBytes,
    onKeyLog: (text) => logs.push(Buffer.from(text).toString()),
  });
  let packets = 0;
  for (let batch = source.read(); batch !== null; batch = source.read()) packets += batch.count;
  source.close();
  return { logs, packets, problems: source.problems.map(({ text }) => text.replace(`${path}: `, '')) };
}

describe.each([
  ['little-endian', true],
  ['big-endian', false],
])('decryption secrets blocks, %s', (_, le) => {
  const text = Buffer.from('CLIENT_RANDOM aa bb\n');
  const packet = enhancedPacket(le, { data: pattern(60) });

  test('hand over their key log, whatever the chunks', () => {
    const file = concat(
      section(le),
      secretsBlock(le, text),
      interfaceBlock(le),
      packet,
      secretsBlock(le, Buffer.from('x')),
      packet,
    );
    for (const chunk of [1, 7, 64, 1 << 16]) {
      expect(read(file, chunk)).toEqual({ logs: [text.toString(), 'x'], packets: 2, problems: [] });
    }
  });

  test('of other kinds are passed over', () => {
    const file = concat(
      section(le),
      interfaceBlock(le),
      secretsBlock(le, text, { kind: 0x57474b4c }),
      packet,
    );
    expect(read(file)).toEqual({ logs: [], packets: 1, problems: [] });
  });

  test('that claim more than they hold are skipped and named', () => {
    const file = concat(
      section(le),
      interfaceBlock(le),
      secretsBlock(le, text, { claimed: 0xffff_ffff }),
      packet,
    );
    expect(read(file)).toEqual({
      logs: [],
      packets: 1,
      problems: [
        'the decryption secrets at byte 48 claim 4294967295 bytes where 20 can be; they were skipped',
      ],
    });
  });

  test('that are too long are passed over, not held', () => {
    const file = concat(section(le), interfaceBlock(le), secretsBlock(le, new Uint8Array(17 << 20)), packet);
    const { logs, packets, problems } = read(file);
    expect([logs, packets]).toEqual([[], 1]);
    expect(problems[0]).toContain('at most 16777216 are read');
  });

  test('of several files reach the same listener', () => {
    const paths = ['a', 'b'].map((name) => {
      const path = join(directory, `${name}.pcapng`);
      writeFileSync(
        path,
        concat(section(le), interfaceBlock(le), secretsBlock(le, Buffer.from(name)), packet),
      );
      return path;
    });
    const logs: string[] = [];
    const source = openCaptures(paths, { onKeyLog: (log) => logs.push(Buffer.from(log).toString()) });
    while (source.read() !== null);
    source.close();
    expect(logs).toEqual(['a', 'b']);
  });

  test('are passed over when nobody listens', () => {
    const path = join(directory, 'deaf.pcapng');
    writeFileSync(path, concat(section(le), secretsBlock(le, text), interfaceBlock(le), packet));
    const source = openCapture(path);
    expect(source.read()!.count).toBe(1);
    expect(source.problems).toEqual([]);
    source.close();
  });
});

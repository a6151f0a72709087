import { afterAll, describe, expect, test } from 'vitest';
import { CaptureError } from '../../src/capture/errors.ts';
import { readHepKey } from '../../src/cli/hep-key.ts';
import { Folder } from './earshot.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const text = (key: Uint8Array | null): string | null => (key === null ? null : Buffer.from(key).toString());

describe('the key of HEP', () => {
  test('is the first line of a file, before the environment', () => {
    const path = folder.write('key', 'first\r\nsecond\n');
    expect(text(readHepKey(path, { EARSHOT_HEP_KEY: 'other' }))).toBe('first');
  });

  test('is EARSHOT_HEP_KEY, or there is none', () => {
    expect(text(readHepKey(undefined, { EARSHOT_HEP_KEY: 'secret' }))).toBe('secret');
    expect(readHepKey(undefined, { EARSHOT_HEP_KEY: '' })).toBeNull();
    expect(readHepKey(undefined, {})).toBeNull();
  });

  test('an empty file is an error, not a probe that takes everything', () => {
    expect(() => readHepKey(folder.write('empty', '\n'), {})).toThrow(CaptureError);
    expect(() => readHepKey(folder.at('missing'), {})).toThrow(/no such file/);
  });
});

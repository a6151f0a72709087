import { describe, expect, test } from 'vitest';
import { EndpointSet } from '../../src/rtp/endpoint-set.ts';

const WORDS = Int32Array.of(0, 0, 0xffff, 0x0a00_0001);
const has = (set: EndpointSet, port: number): boolean =>
  set.has(WORDS[0]!, WORDS[1]!, WORDS[2]!, WORDS[3]!, port);

describe('announced endpoints', () => {
  test('one announced twice stays until both have taken it back', () => {
    const set = new EndpointSet(4);
    expect([set.add(WORDS, 1000), set.add(WORDS, 1000)]).toEqual([true, true]);
    set.remove(WORDS, 1000);
    expect(has(set, 1000)).toBe(true);
    set.remove(WORDS, 1000);
    expect(has(set, 1000)).toBe(false);
    expect(set.isEmpty).toBe(true);
  });

  test('whoever finds no room is told so, and is counted', () => {
    const set = new EndpointSet(1);
    expect(set.add(WORDS, 1000)).toBe(true);
    expect(set.add(WORDS, 2000)).toBe(false);
    expect(set.refused).toBe(1);
    set.remove(WORDS, 1000);
    expect(set.add(WORDS, 2000)).toBe(true);
    expect(has(set, 2000)).toBe(true);
  });
});

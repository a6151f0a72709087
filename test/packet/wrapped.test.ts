import { describe, expect, test } from 'vitest';
import { replayed } from '../engine/replayed.ts';
import { OUTER_DST, OUTER_SRC } from './headers.ts';
import { rewrap, wrappings } from './wrap.ts';
import { captureToWrap, essence, essenceOf } from './wrapped.ts';
import type { Wrapping } from './wrapping.ts';

/** RFC 5952 4 of the outer IPv6 addresses. */
const OUTER_SRC_6 = 'fd99::1';
const OUTER_DST_6 = 'fd99::2';

function addressesOf({ name, tunnel }: Wrapping): { src: string | null; dst: string | null } {
  if (tunnel?.addressed !== true) return { src: null, dst: null };
  return name.endsWith('IPv6') ? { src: OUTER_SRC_6, dst: OUTER_DST_6 } : { src: OUTER_SRC, dst: OUTER_DST };
}

describe.each([4, 6] as const)('the same calls over IPv%i, wrapped', (version) => {
  const plain = captureToWrap(version);
  const expected = essence(plain);

  test('the unwrapped calls are worth comparing', () => {
    expect(expected.streams).toHaveLength(4);
    expect(expected.calls).toHaveLength(2);
    expect(expected.decoded).toMatchObject({ other: expect.any(Number) });
    expect(replayed(plain).streams.map((s) => [s.vlans, s.encapsulation, s.tunnel])).toEqual(
      new Array(4).fill([[], [], null]),
    );
  });

  test.each(wrappings(version).map((wrapping) => [wrapping.name, wrapping] as const))('%s', (_, wrapping) => {
    const replay = replayed(rewrap(plain, wrapping.linkType, (inner) => [wrapping.wrap(inner)]));
    expect(essenceOf(replay)).toEqual(expected);
    const tunnel = wrapping.tunnel === null ? null : { id: wrapping.tunnel.id, ...addressesOf(wrapping) };
    for (const stream of replay.streams) {
      expect(stream.encapsulation).toEqual(wrapping.encapsulation);
      expect(stream.vlans).toEqual(wrapping.vlans);
      expect(stream.tunnel).toEqual(tunnel);
    }
  });
});

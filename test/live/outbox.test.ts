import { describe, expect, test } from 'vitest';
import type { LiveRecord, LiveRecordType } from '../../src/live/live-records.ts';
import { OUTSTANDING_MAX, Outbox } from '../../src/live/outbox.ts';

const record = (type: LiveRecordType): LiveRecord => ({ type }) as LiveRecord;

function box() {
  const posted: LiveRecord[][] = [];
  let taken = 0;
  const outbox = new Outbox((records) => posted.push(records), { count: () => taken | 0 });
  const add = (type: LiveRecordType, times: number): void => {
    for (let i = 0; i < times; i++) outbox.add(type, () => record(type));
  };
  return { outbox, posted, add, take: (n: number) => (taken += n) };
}

describe('records on their way to the other thread', () => {
  test('go in batches, in order, and what waits goes with a flush', () => {
    const { outbox, posted, add } = box();
    add('interval', 300);
    add('call', 1);
    expect(posted.map((batch) => batch.length)).toEqual([256]);
    outbox.flush();
    outbox.flush();
    expect(posted.map((batch) => batch.length)).toEqual([256, 45]);
    expect(posted[1]!.at(-1)!.type).toBe('call');
    expect(outbox.told).toEqual({ interval: 300, call: 1 });
  });

  test('are dropped when nobody takes them: intervals first, calls last, each counted', () => {
    const { outbox, add } = box();
    add('interval', OUTSTANDING_MAX);
    expect(outbox.told.interval).toBe(OUTSTANDING_MAX / 2);
    add('stream', OUTSTANDING_MAX);
    expect(outbox.told.stream).toBe(OUTSTANDING_MAX / 4);
    add('call', OUTSTANDING_MAX);
    expect(outbox.told.call).toBe(OUTSTANDING_MAX / 4);
    expect(outbox.outstanding).toBe(OUTSTANDING_MAX);
    expect(outbox.dropped).toEqual({
      interval: OUTSTANDING_MAX / 2,
      stream: (OUTSTANDING_MAX * 3) / 4,
      call: (OUTSTANDING_MAX * 3) / 4,
    });
  });

  test('are not even made without room', () => {
    const { outbox, add } = box();
    add('call', OUTSTANDING_MAX);
    outbox.add('call', () => {
      throw new Error('made');
    });
    expect(outbox.dropped.call).toBe(1);
  });

  test('flow again once they are taken, also when the count wraps at 2^32', () => {
    const { outbox, add, take } = box();
    for (let round = 0; round < 40; round++) {
      add('call', OUTSTANDING_MAX);
      outbox.flush();
      take(OUTSTANDING_MAX);
    }
    expect(outbox.dropped).toEqual({});
    expect(outbox.outstanding).toBe(0);
    const wrapping = box();
    wrapping.take(2 ** 32 - 10);
    // As many were posted, which the outbox knows modulo 2^32, too.
    expect(wrapping.outbox.outstanding).toBe(10);
  });

  test('at the end nothing is dropped', () => {
    const { outbox, add } = box();
    outbox.close();
    add('interval', OUTSTANDING_MAX * 2);
    expect(outbox.dropped).toEqual({});
  });
});

import { expect, test } from 'vitest';
import { TOLD_WAITING_MAX, ToldCalls } from '../../src/report/told-calls.ts';

test('a call has the streams and findings that stood before it, once', () => {
  const told = new ToldCalls();
  const [mine, other] = [{ callId: 'a' }, { callId: 'b' }];
  told.stream(mine);
  told.stream(other);
  told.stream({ callId: null });
  told.finding(mine);
  expect(told.of('a')).toEqual({ streams: [mine], findings: [mine] });
  expect(told.of('a')).toEqual({ streams: [], findings: [] });
  expect(told.of('b')).toEqual({ streams: [other], findings: [] });
});

test('what no call claims is forgotten with the next status, and bounded before', () => {
  const told = new ToldCalls();
  for (let n = 0; n <= TOLD_WAITING_MAX; n++) told.stream({ callId: 'a' });
  expect(told.of('a').streams).toHaveLength(TOLD_WAITING_MAX);
  told.finding({ callId: 'a' });
  told.forget();
  expect(told.of('a').findings).toEqual([]);
});

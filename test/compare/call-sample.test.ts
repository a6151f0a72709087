import { expect, test } from 'vitest';
import { sampleOfCall, sampleOfStreams } from '../../src/compare/call-sample.ts';

test('a call of a scan is no attempt, and no failure', () => {
  const failed = { state: 'failed', finalCode: 404 } as const;
  expect(sampleOfCall(failed, [], [])).toMatchObject({ failure: '404', answered: { part: 0, whole: 1 } });
  expect(sampleOfCall({ ...failed, signalling: { ofScan: true } }, [], [])).toMatchObject({
    failure: null,
    answered: { part: 0, whole: 0 },
    effective: { part: 0, whole: 0 },
  });
});

test('the worst moments of a call are no interval of three packets of which one was lost', () => {
  const interval = (expected: number, mosLq: number) => ({ expected, mosLq });
  const sampleOf = (...intervals: { expected: number; mosLq: number }[]) =>
    sampleOfStreams('a b', [{ expected: 503, quality: { scale: 'NB', mosLq: 4.1 }, intervals }]);
  expect(sampleOf(interval(250, 4.2), interval(250, 4.1), interval(3, 2.0)).mosP05).toEqual({ NB: 4.1 });
  expect(sampleOf(interval(250, 4.2), interval(50, 3.5)).mosP05).toEqual({ NB: 3.5 });
  expect(sampleOf(interval(3, 2.0)).mosP05).toEqual({});
});

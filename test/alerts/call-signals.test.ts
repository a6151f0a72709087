import { describe, expect, test } from 'vitest';
import { CALL_SIGNALS } from '../../src/alerts/call-signals.ts';
import { call } from './feed.ts';

const read = (name: string, changes: Parameters<typeof call>[0]): number | null =>
  CALL_SIGNALS.find((signal) => signal.name === `call.${name}`)!.read(call(changes));

const SILENT = { postDialDelayMs: null, answerDelayMs: null };
const setup = { ...call().setup, answerDelayMs: null };
const noRing = { ...call().setup, ...SILENT };
const answerTime = '2026-03-02T00:00:04.000000Z';

describe('what became of an attempt is what metrics count', () => {
  test.each([
    ['answered', { answerTime }, 1, 1, 0],
    ['busy', { state: 'failed', finalCode: 486, setup: noRing }, 0, 1, 0],
    ['refused by the service', { state: 'failed', finalCode: 503, setup: noRing }, 0, 0, 1],
    ['sent elsewhere', { state: 'failed', finalCode: 302, setup: noRing }, 0, null, 0],
    ['never answered by anybody', { state: 'failed', finalCode: null, setup: noRing }, 0, 0, 1],
    ['not answered in time after ringing', { state: 'failed', finalCode: 408, setup }, 0, 1, 0],
    ['taken back while it rang', { state: 'canceled', finalCode: 487, setup }, 0, 1, 0],
    ['taken back while it rang, the 487 unseen', { state: 'canceled', finalCode: null, setup }, 0, 1, 0],
    ['taken back while it rang, ended with 500', { state: 'canceled', finalCode: 500, setup }, 0, 1, 0],
    ['taken back before it rang', { state: 'canceled', finalCode: 487, setup: noRing }, 0, 0, 0],
    ['answered, its end unseen', { state: 'open', answerTime, endTime: null }, 1, 1, 0],
    ['still ringing', { state: 'ringing', finalCode: null, endTime: null, setup }, null, null, null],
  ] as const)('%s', (_, changes, answered, served, failed) => {
    expect(read('answered', changes)).toBe(answered);
    expect(read('served', changes)).toBe(served);
    expect(read('failed', changes)).toBe(failed);
  });

  test('a call of a scan is no attempt', () => {
    const { signalling } = call();
    const changes = { state: 'failed', finalCode: 404, setup: noRing } as const;
    for (const name of ['answered', 'served', 'failed', 'ringMs'])
      expect(read(name, { ...changes, signalling: { ...signalling, ofScan: true } }), name).toBeNull();
    expect(read('failed', { ...changes, signalling })).toBe(1);
  });

  test('a call whose INVITE was not seen is no attempt', () => {
    const { signalling } = call();
    expect(read('answered', { signalling: { ...signalling, tries: 0 } })).toBeNull();
  });
});

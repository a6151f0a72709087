import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StatusRecord } from '../../src/live/live-records.ts';
import { call, HOUR_S, start, status } from '../compare/told.ts';
import { build, earshot, Folder } from './earshot.ts';

const folder = new Folder();
beforeAll(build, 120_000);
afterAll(() => folder.remove());

/** Berlin's busy hour, in which the port of the mirror is too small. */
const [BUSY, CALM] = [10 * HOUR_S, 11 * HOUR_S];
const TEXT = 'the mirror is oversubscribed: 40 % of all packets were dropped';
const DROPPING: StatusRecord['trust'] = {
  verdict: 'untrusted',
  reasons: [{ code: 'capture_drops', text: TEXT }],
};

/**
 * A day of two sites. In the busy hour nearly all calls are Berlin's, and all that are measured then lack packets; few of the
 * others do.
 */
function* day(trust: StatusRecord['trust']) {
  yield start(8 * HOUR_S);
  for (let at = 8 * HOUR_S; at < 14 * HOUR_S; at += 60) {
    const isBusy = at >= BUSY && at < CALM;
    // What a status says holds for the five minutes before it.
    const isDoubted = at > BUSY && at <= CALM;
    yield status(at, isDoubted ? { trust } : {});
    const number = at / 60;
    const site = isBusy || number % 2 === 0 ? 'Berlin' : 'Oslo';
    const lost = isBusy || number % 16 < 2 ? 40 : 0;
    for (const told of call({ callId: `call-${at}`, from: at - 30, lost }))
      yield told.type === 'call' ? { ...told, site } : told;
  }
}

function explained(name: string, trust: StatusRecord['trust'], ...args: string[]) {
  const lines = [...day(trust)].map((record) => `${JSON.stringify(record)}\n`);
  const file = folder.write(name, lines.join(''));
  return earshot(['calls', file, '--explain', 'random_loss', ...args]);
}

describe('calls in a busy hour in which the capture drops packets', () => {
  test('blame nothing on the hour or the site, and are told to be left out', () => {
    const { code, stdout } = explained('dropping.ndjson', DROPPING);
    expect(code).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /^\d+ of 29\d calls had random_loss, as good as at random: none of \d dimensions tells them from the others\./,
    );
    expect(stdout).toMatch(/^Left out: 6\d calls that ran while the capture was untrusted \(/m);
    expect(stdout).toContain(`(${TEXT})`);
  });

  test('are blamed on it where the capture was to be believed', () => {
    const { stdout } = explained('believed.ndjson', { verdict: 'trusted', reasons: [] });
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /^\d+ of 360 calls had random_loss\. The hour of the day tells/,
    );
    expect(stdout).not.toContain('Left out');
  });

  test('as JSON', () => {
    const { stdout } = explained('dropping.ndjson', DROPPING, '--json');
    const { untrusted, calls } = JSON.parse(stdout);
    expect(untrusted).toEqual({ calls: 360 - calls, reasons: [{ code: 'capture_drops', text: TEXT }] });
    expect(untrusted.calls).toBeGreaterThanOrEqual(60);
  });
});

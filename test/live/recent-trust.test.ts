import { describe, expect, test } from 'vitest';
import type { CaptureAccount } from '../../src/engine/capture-account.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { SourceStatus } from '../../src/live/live-records.ts';
import { RecentTrust } from '../../src/live/recent-trust.ts';

const NOTHING = new Engine({ call: () => {}, stream: () => {}, finding: () => {} }).account();

const account = (changes: Partial<CaptureAccount>): CaptureAccount => ({ ...NOTHING, ...changes });

function source(changes: Partial<SourceStatus> = {}): SourceStatus {
  return {
    engine: 'ring',
    name: 'eth0',
    stamps: 'kernel',
    packets: 0,
    bytes: 0,
    dropped: 0,
    ringFull: 0,
    ringHighWaterRatio: 0.1,
    up: true,
    ended: false,
    details: {},
    ...changes,
  };
}

const codes = ({ reasons }: { reasons: readonly { code: string }[] }): string[] =>
  reasons.map(({ code }) => code);

describe('the trust of the last five minutes', () => {
  test('drops count while they are recent, and then no more', () => {
    const trust = new RecentTrust();
    const at = (minute: number, packets: number, dropped: number) =>
      trust.judge({
        atMs: minute * 60_000,
        account: account({ packets }),
        sources: [source({ dropped })],
        lagMs: 0,
      });
    expect(at(0, 0, 0).verdict).toBe('trusted');
    expect(at(1, 100_000, 50).verdict).toBe('degraded');
    expect(at(2, 110_000, 5050)).toMatchObject({
      verdict: 'untrusted',
      reasons: [{ code: 'capture_drops', dropped: 5050 }],
    });
    expect(at(5, 500_000, 5050).verdict).toBe('degraded');
    expect(at(6, 900_000, 5050)).toMatchObject({ verdict: 'degraded', reasons: [{ dropped: 5000 }] });
    expect(at(7, 990_000, 5050)).toEqual({ verdict: 'trusted', reasons: [] });
  });

  test('a clock that went back, copies and unread signalling likewise', () => {
    const trust = new RecentTrust();
    const before = account({ packets: 1000 });
    const encrypted = { ...NOTHING.encrypted, sipTlsSuspected: 2 };
    const after = account({
      packets: 2000,
      backwards: 3,
      backwardsMaxMs: 5000,
      mirrorDuplicates: 500,
      mirrorDuplicatesRatio: 0.25,
      discarded: { sip_truncated: 4 },
      encrypted,
    });
    const judge = (minute: number, what: CaptureAccount) =>
      codes(trust.judge({ atMs: minute * 60_000, account: what, sources: [source()], lagMs: 0 }));
    expect(judge(0, before)).toEqual([]);
    expect(judge(1, after)).toEqual([
      'capture_duplicates',
      'capture_truncated',
      'capture_clock',
      'encrypted_signalling',
    ]);
    expect(judge(7, { ...after, packets: 9000 })).toEqual([]);
  });

  test('a pipe that was not read for seconds', () => {
    const trust = new RecentTrust();
    const sources = [source({ engine: 'pipe', name: '-', dropped: null })];
    const judge = (minute: number, lagMs: number) =>
      codes(trust.judge({ atMs: minute * 60_000, account: account({}), sources, lagMs }));
    expect(judge(0, 0)).toEqual([]);
    expect(judge(1, 2500)).toEqual(['probe_behind']);
    expect(judge(2, 0)).toEqual(['probe_behind']);
    expect(judge(7, 0)).toEqual([]);
  });

  test('an interface that is down, unless it ended', () => {
    const judge = (changes: Partial<SourceStatus>) => {
      const sources = [source(changes)];
      return codes(new RecentTrust().judge({ atMs: 0, account: account({}), sources, lagMs: 0 }));
    };
    expect(judge({ up: false })).toEqual(['interface_down']);
    expect(judge({ up: false, ended: true })).toEqual([]);
    expect(judge({ stamps: 'arrival' })).toEqual(['capture_clock']);
  });
});

import { describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import { Tape } from '../calls/tape.ts';
import { replayed } from '../engine/replayed.ts';

describe('what is compared', () => {
  test('of the calls judged those that are calls are counted, not streams without signalling', () => {
    const { pcap } = buildScenario({
      calls: [
        { durationMs: 15_000, rtcp: { intervalMs: 3000 } },
        { startMs: 500, durationMs: 15_000, outcome: 'none', caller: { ip: '192.0.2.60' } },
      ],
      capture: { hideWay: 'calleeToCaller' },
    });
    const { account, streams } = replayed(pcap);
    expect(streams.filter(({ callId }) => callId === null)).toHaveLength(1);
    expect(account).toMatchObject({ calls: 1, oneSidedCalls: 1 });
  });

  test('losses are compared, also where more become certain at a time than wait for it', () => {
    const tape = new Tape();
    for (let i = 0; i < 12; i++) {
      tape.rtp({
        from: { ip: `192.0.2.${10 + i}`, port: 4000 },
        to: { ip: '198.51.100.1', port: 5000 + i * 2 },
        ssrc: i + 1,
        atMs: 100,
        count: 2000,
        ptimeMs: 1,
        octets: 8,
        lost: (index) => index > 20 && index % 2 === 1,
      });
    }
    tape.idle(10_000);
    const { account, streams } = tape.play();
    expect(streams).toHaveLength(12);
    expect(streams[0]!.lost).toBeGreaterThan(900);
    expect(account.discarded.comparison_table_full).toBeUndefined();
  });
});

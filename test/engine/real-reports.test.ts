import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { CallRecord, StreamRecord } from '../../src/records/types.ts';

/** Calls between real telephones through a real router; the captures are not part of this repository. */
const folder = resolve(import.meta.dirname, '../../../shared/pcaps');
const present = existsSync(folder);

interface Played {
  call: CallRecord;
  toCallee: StreamRecord;
  toCaller: StreamRecord;
}

function play(file: string): Played {
  const streams: StreamRecord[] = [];
  const calls: CallRecord[] = [];
  const engine = new Engine({
    stream: (record) => streams.push(record),
    call: (record) => calls.push(record),
    finding: () => {},
  });
  const source = openCapture(join(folder, file));
  for (let batch = source.read(); batch !== null; batch = source.read()) engine.ingest(batch);
  engine.finish();
  source.close();
  return {
    call: calls[0]!,
    toCallee: streams.find((stream) => stream.direction === 'callerToCallee')!,
    toCaller: streams.find((stream) => stream.direction === 'calleeToCaller')!,
  };
}

describe.skipIf(!present)('real telephones', () => {
  test('a router that drops 5 % one way and 2 % the other: before and behind the probe', () => {
    const file = 'gen_baresip_pcma_loss5.pcapng';
    const { truth } = JSON.parse(readFileSync(join(folder, 'ref', `${file}.json`), 'utf8')) as {
      truth: { a_to_b_dropped: number; b_to_a_dropped_after_capture: number };
    };
    const { call, toCallee, toCaller } = play(file);
    // The probe sits at the callee: what the caller sends was thinned on its way here, what it gets behind us.
    expect(toCallee.rtcp).toMatchObject({
      lossBeforeProbe: toCallee.lost,
      lossAfterProbe: 0,
      lossOnlyAtProbe: 0,
    });
    expect(toCallee.lost).toBe(truth.a_to_b_dropped);
    expect(toCaller.rtcp).toMatchObject({
      lossBeforeProbe: 0,
      lossAfterProbe: truth.b_to_a_dropped_after_capture,
      lossOnlyAtProbe: 0,
    });
    expect(toCaller.lost).toBe(0);
    // Both telephones write the same numbers into their BYE and its answer.
    expect(call.endpointReports).toMatchObject([
      { reporter: 'caller', source: 'x-rtp-stat', packetsLost: 18, fields: { PL: '18,51' } },
      { reporter: 'callee', source: 'x-rtp-stat', packetsLost: 51, fields: { PL: '51,18' } },
    ]);
    expect(call.roundTripMs!).toBeLessThan(2);
  });

  test.each([
    'gen_baresip_pcmu_rtcp.pcapng',
    'gen_baresip_opus_rtcp.pcapng',
    'gen_baresip_g722_rtcp.pcapng',
    'gen_baresip_pcmu_dup.pcapng',
    'gen_baresip_pcmu_reorder.pcapng',
    'gen_baresip_pcmu_jitter.pcapng',
    'gen_baresip_pcma_ipv6_rtcp.pcapng',
  ])('%s: nothing lost, and the telephones agree', (file) => {
    for (const { rtcp, lost } of [play(file).toCallee, play(file).toCaller]) {
      expect(lost).toBe(0);
      expect(rtcp).toMatchObject({
        lossBeforeProbe: 0,
        lossAfterProbe: 0,
        lossOnlyAtProbe: 0,
        lostRatio: 0,
        goodbyeReason: 'Adjo',
      });
      expect(rtcp.lossCompared).toBeGreaterThan(400);
      expect(rtcp.flags).toEqual([]);
    }
  });

  test('extended reports of another telephone', () => {
    const { call, toCallee, toCaller } = play('gen_linphone_g729_xr.pcapng');
    expect([toCallee.rtcp.xrReports, toCaller.rtcp.xrReports]).toEqual([3, 4]);
    expect(call.roundTripSidesMs.toCaller!).toBeLessThan(2);
    expect(call.roundTripSidesMs.toCallee!).toBeLessThan(12);
    expect(toCallee.rtcp.cname).toBe('sip:alice@10.77.1.2');
  });

  test('the hold that stops media stops nothing else', () => {
    const { toCallee, toCaller } = play('gen_baresip_tcp_hold.pcapng');
    for (const { rtcp } of [toCallee, toCaller]) expect(rtcp.lossAfterProbe).toBe(0);
    // One report was answered with a delay of 0.
    expect(toCallee.rtcp.roundTripsDropped).toEqual({ no_delay: 1 });
    expect(toCallee.roundTripMs).toBeNull();
  });
});

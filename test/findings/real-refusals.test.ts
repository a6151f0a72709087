import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { CallRecord, FindingRecord } from '../../src/records/types.ts';

/** Captures that nobody here wrote; not part of this repository. */
const folder = resolve(import.meta.dirname, '../../../shared/pcaps');

function replay(file: string): { calls: CallRecord[]; refused: FindingRecord[]; icmp: number } {
  const calls: CallRecord[] = [];
  const refused: FindingRecord[] = [];
  const engine = new Engine({
    stream() {},
    call: (record) => calls.push(record),
    finding: (record) => {
      if (record.code === 'media_rejected') refused.push(record);
    },
  });
  const source = openCapture(join(folder, file));
  for (let batch = source.read(); batch !== null; batch = source.read()) engine.ingest(batch);
  engine.finish();
  source.close();
  return { calls, refused, icmp: engine.account().discarded.icmp ?? 0 };
}

describe.runIf(existsSync(folder))('real ICMP', () => {
  test('SIPp plays audio to ports that nobody listens on', () => {
    const { calls, refused, icmp } = replay('gen_sipp_udp_10calls_lo.pcapng');
    // tshark: 2214 errors about nine ports, 246 each.
    expect(calls.flatMap(({ mediaRefusals }) => mediaRefusals.map(({ count }) => count))).toEqual(
      new Array(9).fill(246),
    );
    expect(icmp).toBe(0);
    expect(refused).toHaveLength(9);
    for (const finding of refused) {
      expect(finding).toMatchObject({
        severity: 'critical',
        direction: 'calleeToCaller',
        evidence: { reason: 'port_unreachable', fromReceiver: true, rtcp: false },
      });
    }
  });

  test.each([
    'gen_baresip_pcma_ipv6_rtcp.pcapng',
    'gen_baresip_pcmu_jitter.pcapng',
    'gen_baresip_opus_rtcp.pcapng',
    'gen_baresip_g722_rtcp.pcapng',
    'gen_baresip_pcma_loss5.pcapng',
    'gen_linphone_g729_xr.pcapng',
  ])('%s: ports that close at the end of a call', (file) => {
    const { calls, refused } = replay(file);
    expect(calls.flatMap(({ mediaRefusals }) => mediaRefusals)).toHaveLength(1);
    expect(refused).toEqual([]);
  });
});

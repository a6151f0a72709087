import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../cli/earshot.ts';
import { type Lab, titled, waitMs, whyNot } from './lab/lab.ts';
import { type BaresipOptions, startBaresip, startLinphonec } from './lab/programs.ts';
import { alarms, codesOf, type Replayed } from './lab/replayed.ts';
import { boxed, captured, inLab, PUBLIC, routeBothWays } from './lab/routed-call.ts';
import type { BoxTruth } from './middlebox/truth.ts';

type Codec = Pick<BaresipOptions, 'codec' | 'codecModule'>;

/** A call of baresip to baresip, which ends when the caller's time is over. */
async function baresipCall(lab: Lab, codec: Codec, seconds: number, via = PUBLIC.callee): Promise<void> {
  const callee = startBaresip(lab, 'b', { ...codec, ip: PUBLIC.callee, user: 'bob', seconds: seconds + 3 });
  await waitMs(1000);
  const dial = `sip:bob@${via}`;
  const caller = startBaresip(lab, 'a', { ...codec, ip: PUBLIC.caller, user: 'alice', seconds, dial });
  await caller.ended;
  await callee.stop();
}

/** linphonec calls baresip and hangs up. */
async function linphonecCall(lab: Lab): Promise<void> {
  const codec = { codec: 'PCMU', codecModule: 'g711.so' };
  const callee = startBaresip(lab, 'b', { ...codec, ip: PUBLIC.callee, user: 'bob', seconds: 14 });
  await waitMs(1000);
  const caller = startLinphonec(lab, 'a', PUBLIC.caller, `sip:bob@${PUBLIC.callee}`);
  await waitMs(9000);
  caller.child.stdin!.write('terminate\n');
  await waitMs(500);
  caller.child.stdin!.end('quit\n');
  await caller.stop();
  await callee.stop();
}

/** One routed call, seen on both wires of the router. */
function routed(call: (lab: Lab) => Promise<void>, rules: string | null = null) {
  return inLab(PUBLIC, async (lab) => {
    routeBothWays(lab, PUBLIC);
    if (rules !== null) lab.filter('m', rules);
    const seen = await captured(lab, ['to-a', 'to-b'], () => call(lab));
    return { report: seen['to-a'], behind: seen['to-b'], counted: lab.counted('m') };
  });
}

const towards = ({ streams }: Replayed, ip: string): Replayed['streams'][number] =>
  streams.find(({ dst }) => dst.ip === ip)!;

const reason = whyNot(['baresip', 'nft']);
describe.skipIf(reason !== null)(titled('baresip', reason), () => {
  beforeAll(build);

  test.concurrent.each([
    ['PCMU', 8000, { codec: 'PCMU', codecModule: 'g711.so' }],
    ['G722', 8000, { codec: 'G722/16000/1', codecModule: 'g722.so' }],
    ['opus', 48_000, { codec: 'opus/48000/2', codecModule: 'opus.so' }],
  ] as const)('%s: nothing is done, nothing is found', async (name, clockRate, codec) => {
    const { report } = await routed((lab) => baresipCall(lab, codec, 9));
    expect(alarms(report)).toEqual([]);
    expect(report.calls).toHaveLength(1);
    expect(report.calls[0]).toMatchObject({ state: 'answered', verdict: 'healthy', releasedBy: 'caller' });
    expect(report.streams).toHaveLength(2);
    for (const stream of report.streams) expect(stream).toMatchObject({ clockRate, lost: 0 });
    expect(report.streams.map(({ codec }) => codec?.toLowerCase())).toEqual([
      name.toLowerCase(),
      name.toLowerCase(),
    ]);
  });

  test.concurrent('loss behind or before the probe is told by the receiver, to the packet', async () => {
    const even = 'udp dport != 5060 udp dport & 1 == 0';
    const rule = `ip saddr ${PUBLIC.caller} ${even} numgen inc mod 30 == 7 counter drop`;
    const table = `table ip harm { chain forward { type filter hook forward priority 0; ${rule}\n}\n}\n`;
    const codec = { codec: 'PCMU', codecModule: 'g711.so' };
    const { report, behind, counted } = await routed((lab) => baresipCall(lab, codec, 17), table);
    const [before, after] = [towards(report, PUBLIC.callee), towards(behind, PUBLIC.callee)];
    expect([before.lost, after.lost]).toEqual([0, counted[0]]);
    expect(before.rtcp).toMatchObject({ lossBeforeProbe: 0, lossOnlyAtProbe: 0 });
    expect(after.rtcp).toMatchObject({ lossAfterProbe: 0, lossOnlyAtProbe: 0 });
    expect(before.rtcp.lossCompared).toBeGreaterThan(500);
    expect(Math.abs(before.rtcp.lossAfterProbe! - before.rtcp.lossCompared! / 30)).toBeLessThan(1);
    expect(after.rtcp.lossBeforeProbe).toBe(before.rtcp.lossAfterProbe);
    expect(alarms(report)).toEqual(['loss_after_probe callerToCallee']);
    // Every 30th alone: too regular to go unheard, and in a beat of 0.6 s.
    expect(alarms(behind)).toEqual(['critical_loss callerToCallee', 'periodic_impairment callerToCallee']);
    expect(codesOf(behind)).toContain('loss_before_probe');
  });

  test.concurrent('almost half a second each way, by RTCP of both ends', async () => {
    const { report, truth } = await inLab(PUBLIC, async (lab) => {
      const harm = { delayMs: 450 };
      const codec = { codec: 'PCMU', codecModule: 'g711.so' };
      const call = () => baresipCall(lab, codec, 16, PUBLIC.routerLeft);
      let truth: BoxTruth;
      const seen = await captured(lab, ['to-b'], async () => {
        truth = await boxed(lab, PUBLIC, { toRight: harm, toLeft: harm }, call);
      });
      return { report: seen['to-b'], truth: truth! };
    });
    expect(alarms(report)).toEqual(['high_delay']);
    const leastMs = Math.min(...truth.rtcpDelaysMs.toRight) + Math.min(...truth.rtcpDelaysMs.toLeft);
    // Receivers keep time in ms.
    expect(report.calls[0]!.roundTripMs).toBeGreaterThan(leastMs - 1);
  });

  const noLinphone = whyNot(['linphonec']);
  test.concurrent('linphonec calls', async ({ skip }) => {
    skip(noLinphone !== null, noLinphone ?? '');
    const { report } = await routed(linphonecCall);
    expect(alarms(report)).toEqual([]);
    expect(report.calls).toHaveLength(1);
    expect(report.calls[0]).toMatchObject({ state: 'answered', verdict: 'healthy', releasedBy: 'caller' });
    expect(report.streams.map(({ codec, lost }) => [codec, lost])).toEqual([
      ['PCMU', 0],
      ['PCMU', 0],
    ]);
    for (const { roundTripMs, rtcp } of report.streams) {
      expect(roundTripMs).not.toBeNull();
      expect(rtcp).toMatchObject({ lossBeforeProbe: 0, lossAfterProbe: 0 });
    }
    // baresip sums up in a header of its last message, as of its last report.
    const [told] = report.calls[0]!.endpointReports;
    expect(told).toMatchObject({ source: 'x-rtp-stat', reporter: 'callee', packetsLost: 0 });
  });
});

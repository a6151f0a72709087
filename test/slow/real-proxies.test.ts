import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../cli/earshot.ts';
import { missingKamailio } from './kamailio.ts';
import { startProxy } from './lab/kamailio-proxy.ts';
import { titled, waitMs, whyNot } from './lab/lab.ts';
import { startRtpengine } from './lab/programs.ts';
import { alarms, type Replayed } from './lab/replayed.ts';
import { captured, inLab, PUBLIC, routeBothWays, sippCall } from './lab/routed-call.ts';

const reason = whyNot(['sipp', 'kamailio']) ?? missingKamailio;

/** A call that the callee gets from a Kamailio in the router, seen on all wires at once. */
function proxied(options: { rtpengine?: boolean; hidesTopology?: boolean }): Promise<Replayed> {
  return inLab(PUBLIC, async (lab) => {
    routeBothWays(lab, PUBLIC);
    if (options.rtpengine === true) await startRtpengine(lab, 'm', PUBLIC.routerLeft, PUBLIC.routerRight);
    const sides = { left: PUBLIC.routerLeft, right: PUBLIC.routerRight, to: PUBLIC.callee };
    await startProxy(lab, 'm', { ...sides, ...options });
    await waitMs(1000);
    const seen = await captured(lab, ['any'], () => sippCall(lab, PUBLIC, { via: PUBLIC.routerLeft }));
    return seen.any;
  });
}

/** Direction, packets, copies and losses of each stream, the callee's first. */
const sights = ({ streams }: Replayed) =>
  streams
    .map(({ direction, packets, duplicates, lost }) => [direction, packets, duplicates, lost])
    .sort(([a], [b]) => String(a).localeCompare(String(b)));

describe.skipIf(reason !== null)(titled('Kamailio in the path', reason), () => {
  beforeAll(build);

  test.concurrent('a proxy: one call', async () => {
    const report = await proxied({});
    expect(alarms(report)).toEqual([]);
    expect(report.calls).toHaveLength(1);
    expect(report.calls[0]).toMatchObject({ state: 'answered', verdict: 'healthy', legs: [] });
    // Both hops were seen, and media on both wires: none of it counts twice.
    expect(report.calls[0]!.signalling.retransmissions).toBe(0);
    expect(sights(report)).toEqual([
      ['calleeToCaller', 400, 0, 0],
      ['callerToCallee', expect.any(Number), 0, 0],
    ]);
  });

  test.concurrent('a proxy that hides each side from the other: two linked legs', async () => {
    const report = await proxied({ hidesTopology: true });
    expect(alarms(report)).toEqual([]);
    const [first, second] = report.calls;
    expect(report.calls).toHaveLength(2);
    expect(first!.callId).not.toBe(second!.callId);
    expect([first!.legs, second!.legs]).toEqual([[second!.callId], [first!.callId]]);
    expect(report.calls.map(({ conversationId }) => conversationId)).toEqual([first!.id, first!.id]);
    expect(report.streams.map(({ callId }) => callId)).not.toContain(null);
  });

  const noRelay = whyNot(['rtpengine']);
  test.concurrent('a proxy with rtpengine: one call, whose media the relay passes on whole', async ({
    skip,
  }) => {
    skip(noRelay !== null, noRelay ?? '');
    const report = await proxied({ rtpengine: true });
    expect(alarms(report)).toEqual([]);
    expect(report.calls).toHaveLength(1);
    expect(report.calls[0]).toMatchObject({ verdict: 'healthy', streams: ['s1', 's2', 's3', 's4'] });
    const [callee, caller] = [sights(report).slice(0, 2), sights(report).slice(2)];
    expect(callee).toEqual([callee[0], callee[0]]);
    expect(caller).toEqual([caller[0], caller[0]]);
    expect(callee[0]).toEqual(['calleeToCaller', 400, 0, 0]);
    expect(caller[0]).toEqual(['callerToCallee', expect.any(Number), 0, 0]);
  });
});

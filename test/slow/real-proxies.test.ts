import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../cli/earshot.ts';
import { missingKamailio } from './kamailio.ts';
import { startProxy } from './lab/kamailio-proxy.ts';
import { hasProgram, waitMs, whyNot } from './lab/lab.ts';
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

describe.skipIf(reason !== null)(
  `Kamailio in the path${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    beforeAll(build);

    test.concurrent('a proxy: one call', async () => {
      const report = await proxied({});
      console.log(
        JSON.stringify(report.calls.map(({ signalling, ...c }) => c)),
        JSON.stringify(report.findings),
        report.streams.map((s) => [s.src, s.dst, s.packets, s.duplicates, s.direction, s.lost]),
      );
      expect(report.calls).toHaveLength(1);
      expect(alarms(report)).toEqual([]);
    });

    test.concurrent.skipIf(!hasProgram('rtpengine'))(
      'a proxy with rtpengine: one call, four streams',
      async () => {
        const report = await proxied({ rtpengine: true });
        console.log(
          JSON.stringify(report.calls.map(({ signalling, ...c }) => c)),
          JSON.stringify(report.findings),
          report.streams.map((s) => [s.src, s.dst, s.packets, s.duplicates, s.direction, s.lost]),
        );
        expect(alarms(report)).toEqual([]);
      },
    );

    test.concurrent('a proxy that hides each side from the other: two linked legs', async () => {
      const report = await proxied({ hidesTopology: true });
      console.log(
        JSON.stringify(report.calls.map(({ signalling, ...c }) => c)),
        JSON.stringify(report.findings),
        report.streams.map((s) => [s.src, s.dst, s.packets, s.duplicates, s.direction, s.lost]),
      );
      expect(alarms(report)).toEqual([]);
    });
  },
);

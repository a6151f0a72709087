import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../cli/earshot.ts';
import { titled, whyNot } from './lab/lab.ts';
import { alarms, codesOf } from './lab/replayed.ts';
import { type CallOptions, captured, inLab, routeBothWays, sippCall, type Wires } from './lab/routed-call.ts';

/** The caller sits behind the router, which shows its own address to the outside. */
const NAT: Wires = {
  caller: '192.168.77.2',
  routerLeft: '192.168.77.1',
  routerRight: '203.0.113.1',
  callee: '203.0.113.2',
};
/** What comes from outside for a private address goes nowhere, as on the Internet. */
const TABLE = `table ip nat {
  chain out { type nat hook postrouting priority 100; oifname "to-b" masquerade
  }
  chain in { type filter hook prerouting priority -300; iifname "to-b" ip daddr 192.168.0.0/16 counter drop
  }
}
`;

function throughNat(options: CallOptions) {
  return inLab(NAT, async (lab) => {
    routeBothWays(lab, NAT);
    lab.filter('m', TABLE);
    const seen = await captured(lab, ['to-a', 'to-b'], () => sippCall(lab, NAT, options));
    return { inside: seen['to-a'], outside: seen['to-b'], counted: lab.counted('m') };
  });
}

const reason = whyNot(['sipp', 'nft']);
describe.skipIf(reason !== null)(titled('a NAT in the path', reason), () => {
  beforeAll(build);

  test.concurrent('the callee sends to the private address of the SDP', async () => {
    const { inside, outside, counted } = await throughNat({});
    expect(counted).toEqual([400]);
    expect(alarms(inside)).toEqual(['one_way_media calleeToCaller', 'private_sdp_address calleeToCaller']);
    expect(alarms(outside)).toEqual([
      'private_sdp_address calleeToCaller',
      'rtp_to_wrong_address calleeToCaller',
    ]);
    expect(outside.calls[0]).toMatchObject({ state: 'answered', from: 'sip:caller@192.168.77.2' });
    const wrong = outside.streams.find(({ src }) => src.ip === NAT.callee)!;
    expect(wrong).toMatchObject({
      dst: { ip: NAT.caller },
      direction: 'calleeToCaller',
      packets: counted[0],
    });
  });

  test.concurrent('the callee sends back to where media comes from: nothing is wrong', async () => {
    const { inside, outside } = await throughNat({ echo: true });
    for (const report of [inside, outside]) {
      expect(alarms(report)).toEqual([]);
      expect(report.calls[0]).toMatchObject({ state: 'answered', verdict: 'healthy' });
      expect(report.streams.map(({ direction, callId }) => [direction, callId])).toEqual([
        ['callerToCallee', report.calls[0]!.callId],
        ['calleeToCaller', report.calls[0]!.callId],
      ]);
    }
    // As information, for it works.
    expect(codesOf(outside)).toEqual(
      expect.arrayContaining(['private_sdp_address', 'source_differs_from_sdp']),
    );
    expect(codesOf(inside)).not.toContain('source_differs_from_sdp');
    expect(outside.streams.map(({ src }) => src.ip)).toEqual([NAT.routerRight, NAT.callee]);
    expect(outside.streams.map(({ lost, duplicates }) => [lost, duplicates])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

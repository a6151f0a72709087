import { beforeAll, describe, expect, test } from 'vitest';
import { build } from '../cli/earshot.ts';
import { Lab, titled, waitMs, whyNot } from './lab/lab.ts';
import { startBaresip } from './lab/programs.ts';
import { alarms, codesOf, streamsFrom } from './lab/replayed.ts';
import { captured, PUBLIC, sippCall } from './lab/routed-call.ts';

/*
 * Two routers between the ends, and a probe at one of them: by policy routing, a part of what the callee sends comes back
 * by way of the other. Everybody hears everything; only the probe does not see it.
 */

/** The other way, from the callee to the caller. */
const OTHER = { callee: '192.0.2.6', right: '192.0.2.5', left: '192.0.2.2', caller: '192.0.2.1' };

async function detoured<Result>(rule: string, run: (lab: Lab) => Promise<Result>): Promise<Result> {
  const lab = new Lab();
  try {
    await lab.open('a', 'm', 'n', 'b');
    lab.link('a', `${PUBLIC.caller}/24`, 'm', `${PUBLIC.routerLeft}/24`);
    lab.link('m', `${PUBLIC.routerRight}/24`, 'b', `${PUBLIC.callee}/24`);
    lab.link('a', `${OTHER.caller}/30`, 'n', `${OTHER.left}/30`);
    lab.link('n', `${OTHER.right}/30`, 'b', `${OTHER.callee}/30`);
    for (const router of ['m', 'n']) lab.forward(router);
    for (const host of ['a', 'n', 'b']) lab.acceptAnywhere(host);
    lab.route('a', 'default', PUBLIC.routerLeft);
    lab.route('b', 'default', PUBLIC.routerRight);
    lab.route('n', '198.51.100.0/24', OTHER.caller);
    lab.detour('b', rule, OTHER.right);
    return await run(lab);
  } finally {
    await lab.close();
  }
}

const reason = whyNot(['sipp', 'baresip']);
describe.skipIf(reason !== null)(titled('a way back that passes the probe by', reason), () => {
  beforeAll(build);

  test.concurrent('for media: the caller reports that it hears, and nobody is accused', async () => {
    const report = await detoured('ipproto udp sport 30000-30100', async (lab) => {
      const codec = { codec: 'PCMU', codecModule: 'g711.so' };
      const seen = await captured(lab, ['to-a'], async () => {
        const callee = startBaresip(lab, 'b', { ...codec, ip: PUBLIC.callee, user: 'bob', seconds: 20 });
        await waitMs(1000);
        const dial = `sip:bob@${PUBLIC.callee}`;
        const caller = startBaresip(lab, 'a', {
          ...codec,
          ip: PUBLIC.caller,
          user: 'alice',
          seconds: 17,
          dial,
        });
        await caller.ended;
        await callee.stop();
      });
      return seen['to-a'];
    });
    expect(streamsFrom(report, PUBLIC.callee)).toEqual([]);
    expect(streamsFrom(report, PUBLIC.caller)[0]!.packets).toBeGreaterThan(600);
    expect(codesOf(report)).toContain('capture_one_sided');
    expect(alarms(report)).toEqual([]);
  });

  test.concurrent('for all the callee says: the capture is one-sided, the call is not', async () => {
    const report = await detoured(`from ${PUBLIC.callee} ipproto udp`, async (lab) => {
      const seen = await captured(lab, ['to-a'], () => sippCall(lab, PUBLIC));
      return seen['to-a'];
    });
    expect(streamsFrom(report, PUBLIC.callee)).toEqual([]);
    expect(streamsFrom(report, PUBLIC.caller)[0]!.packets).toBeGreaterThan(390);
    expect(codesOf(report)).toContain('capture_one_sided');
    expect(alarms(report)).toEqual([]);
  });
});

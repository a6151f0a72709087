import type { IcmpSpec } from '../../src/synth/icmp-spec.ts';
import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';

/** A capture and the codes it must give of those that its list is about. */
export interface Case {
  name: string;
  scenario: Scenario;
  codes: string[];
}

const ROUTER = '198.51.100.1';

/** A call of 14 s with media both ways, of which some comes back. */
function refused(icmp: IcmpSpec[], call: Partial<CallSpec> = {}, more: Partial<Scenario> = {}): Scenario {
  return { seed: 21, calls: [{ durationMs: 14_000, codec: 'PCMA', icmp, ...call }], ...more };
}

const forward: IcmpSpec = { way: 'callerToCallee' };
const backward: IcmpSpec = { way: 'calleeToCaller' };
/** Its IPv6 addresses are made of IPv4 ones. */
const IPV6 = { ipv6: true, vlans: [42] };

/** What must be found. */
export const ICMP_POSITIVE: Case[] = [
  { name: 'the callee closed its port', scenario: refused([forward]), codes: ['media_rejected'] },
  { name: 'the caller did', scenario: refused([backward], { codec: 'G729' }), codes: ['media_rejected'] },
  { name: 'over IPv6', scenario: refused([forward], { codec: 'opus' }, IPV6), codes: ['media_rejected'] },
  {
    name: 'only 8 octets of UDP are quoted',
    scenario: refused([{ ...backward, quoteOctets: 8 }], { codec: 'G722' }),
    codes: ['media_rejected'],
  },
  {
    name: 'over IPv6, 8 octets',
    scenario: refused([{ ...backward, quoteOctets: 8 }], {}, IPV6),
    codes: ['media_rejected'],
  },
  {
    name: 'a firewall forbids it',
    scenario: refused([{ ...forward, reason: 'prohibited', router: ROUTER, burst: 1, perSecond: 0.5 }]),
    codes: ['media_rejected'],
  },
  {
    name: 'a router over IPv6 has no route',
    scenario: refused([{ ...forward, reason: 'network', router: ROUTER }], {}, IPV6),
    codes: ['media_rejected'],
  },
  {
    name: 'the host is gone from the middle of the call on',
    scenario: refused([{ ...backward, reason: 'host', router: ROUTER, fromMs: 8000 }], { codec: 'PCMU' }),
    codes: ['media_rejected'],
  },
  {
    name: 'a routing loop',
    scenario: refused([{ ...forward, reason: 'time_exceeded', router: ROUTER }]),
    codes: ['media_rejected'],
  },
  {
    name: 'packets too big for a tunnel',
    scenario: refused([{ ...forward, reason: 'too_big', router: ROUTER, perSecond: 3 }], {}, IPV6),
    codes: ['media_rejected'],
  },
  {
    name: 'both directions',
    scenario: refused([forward, backward]),
    codes: ['media_rejected', 'media_rejected'],
  },
  {
    name: 'media passes elsewhere and its errors here',
    scenario: refused(
      [{ ...forward, reason: 'prohibited', router: ROUTER }],
      {},
      {
        capture: { hideWay: 'callerToCallee' },
      },
    ),
    codes: ['media_rejected'],
  },
  {
    name: 'a call whose beginning was not seen',
    scenario: refused([forward], { outcome: 'midcall', hold: { atMs: 9000, durationMs: 2000 } }),
    codes: ['media_rejected'],
  },
  {
    name: 'a stream without signalling',
    scenario: refused([backward], { outcome: 'none' }),
    codes: ['media_rejected'],
  },
  {
    name: 'a stream without signalling, 8 octets over IPv6',
    scenario: refused([{ ...forward, quoteOctets: 8 }], { outcome: 'none' }, IPV6),
    codes: ['media_rejected'],
  },
  {
    name: 'RTCP alone, which is information',
    scenario: refused([{ ...forward, what: 'rtcp' }], { durationMs: 20_000, rtcp: { intervalMs: 3000 } }),
    codes: ['media_rejected'],
  },
  {
    name: 'T.38 is refused',
    scenario: refused([{ ...forward, what: 't38' }], {
      callerToCallee: { durationMs: 4000 },
      calleeToCaller: { durationMs: 4000 },
      reinvites: [{ atMs: 4000, by: 'callee', image: 'accepted' }],
      t38: { callerToCallee: {}, calleeToCaller: {} },
    }),
    codes: ['media_rejected'],
  },
];

/** Packets that go on after the BYE. */
const late: Partial<CallSpec> = { callerToCallee: { durationMs: 16_000 } };

/** What must not be found. */
export const ICMP_NEGATIVE: Case[] = [
  {
    name: 'late packets into a port that the hang-up closed',
    scenario: refused([{ ...forward, fromMs: 14_000 }], late),
    codes: [],
  },
  {
    name: 'the same over IPv6, with the port closed a moment before the BYE',
    scenario: refused([{ ...forward, fromMs: 13_800 }], late, IPV6),
    codes: [],
  },
  {
    name: 'a port that opens late',
    scenario: refused([{ ...forward, untilMs: 400 }]),
    codes: [],
  },
  {
    name: 'a port left for another by a re-INVITE',
    scenario: refused([{ ...forward, fromMs: 6000, untilMs: 6300 }], {
      reinvites: [{ atMs: 6000, by: 'callee', rtpPort: 40_000 }],
    }),
    codes: [],
  },
  {
    name: 'errors about other traffic',
    scenario: refused([], {}, { background: { icmp: 200, dns: 20 } }),
    codes: [],
  },
  {
    name: 'errors about strangers on the same hosts',
    scenario: refused([
      { ...forward, port: 53 },
      { ...backward, port: 33_434, reason: 'time_exceeded', router: ROUTER },
    ]),
    codes: [],
  },
  {
    name: 'a stranger, of whom 8 octets are quoted, over IPv6',
    scenario: refused([{ ...forward, port: 9999, quoteOctets: 8 }], {}, IPV6),
    codes: [],
  },
  {
    name: 'music that is refused while on hold',
    scenario: refused([{ ...forward, fromMs: 5100, untilMs: 10_900 }], {
      hold: { atMs: 5000, durationMs: 6000 },
    }),
    codes: [],
  },
  {
    name: 'a stream without signalling that is refused at its end',
    scenario: refused([{ ...forward, fromMs: 12_500 }], { outcome: 'none' }),
    codes: [],
  },
  { name: 'a call without any', scenario: refused([]), codes: [] },
];

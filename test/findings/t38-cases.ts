import type { CallSpec, Scenario } from '../../src/synth/scenario.ts';
import type { T38Spec } from '../../src/synth/t38-spec.ts';
import type { Case } from './icmp-cases.ts';

/** Audio for 4 s, then a fax from caller to callee of 24 s, the callee sending control signals now and then. */
function fax(
  forward: T38Spec,
  backward: T38Spec = {},
  call: Partial<CallSpec> = {},
  more: Partial<Scenario> = {},
): Scenario {
  const spec: CallSpec = {
    durationMs: 28_000,
    codec: 'PCMA',
    callerToCallee: { durationMs: 4000 },
    calleeToCaller: { durationMs: 4000 },
    reinvites: [{ atMs: 4000, by: 'callee', image: 'accepted' }],
    t38: { callerToCallee: forward, calleeToCaller: backward },
    ...call,
  };
  return { seed: 31, calls: [spec], ...more };
}

const IPV6 = { ipv6: true, vlans: [42] };

/** What must be found. */
export const T38_POSITIVE: Case[] = [
  {
    name: 'a burst longer than the redundancy',
    scenario: fax({ loss: { kind: 'exact', positions: [200, 201, 202, 203, 204] } }),
    codes: ['t38_loss'],
  },
  {
    name: 'no redundancy, one packet',
    scenario: fax({ redundancy: 0, loss: { kind: 'exact', positions: [300] } }, {}, { codec: 'G729' }),
    codes: ['t38_loss'],
  },
  {
    name: 'no redundancy, 3 %, the other way, over IPv6',
    scenario: fax({}, { redundancy: 0, loss: { kind: 'random', ratio: 0.03 } }, {}, IPV6),
    codes: ['t38_loss'],
  },
  {
    name: 'one copy and bursts, across the wrap of the sequence number',
    scenario: fax(
      { startSeq: 65_400, redundancy: 1, loss: { kind: 'gilbert', p: 0.03, q: 0.4 } },
      {},
      { codec: 'PCMU' },
    ),
    codes: ['t38_loss'],
  },
  {
    name: 'parity that two losses in one group defeat',
    scenario: fax({ fec: { span: 3, parities: 1 }, loss: { kind: 'exact', positions: [150, 151] } }),
    codes: ['t38_loss'],
  },
  {
    name: 'both directions over IPv6',
    scenario: fax(
      { redundancy: 0, loss: { kind: 'periodic', every: 50 } },
      { redundancy: 0, loss: { kind: 'periodic', every: 100 } },
      { codec: 'G722' },
      IPV6,
    ),
    codes: ['t38_loss', 't38_loss'],
  },
  {
    name: 'control signals alone are hit, which is information',
    scenario: fax({ redundancy: 0, controlMs: 2000, loss: { kind: 'exact', positions: [20] } }),
    codes: ['t38_loss'],
  },
  {
    name: 'sequence numbers that look like RTP',
    scenario: fax({ startSeq: 0x8000, redundancy: 0, loss: { kind: 'exact', positions: [100, 200] } }),
    codes: ['t38_loss'],
  },
  {
    name: 'on ports of its own',
    scenario: fax(
      { redundancy: 0, loss: { kind: 'exact', positions: [100] } },
      {},
      { reinvites: [{ atMs: 4000, by: 'callee', image: 'accepted', rtpPort: 41_000 }] },
    ),
    codes: ['t38_loss'],
  },
];

/** What must not be found. */
export const T38_NEGATIVE: Case[] = [
  { name: 'a fax without loss', scenario: fax({}), codes: [] },
  {
    name: 'without loss over IPv6, no redundancy',
    scenario: fax({ redundancy: 0 }, {}, {}, IPV6),
    codes: [],
  },
  {
    name: 'loss that three copies make good',
    scenario: fax({ loss: { kind: 'exact', positions: [50, 100, 101, 102, 300, 301] } }),
    codes: [],
  },
  {
    name: 'loss that parity makes good',
    scenario: fax({
      fec: { span: 3, parities: 3 },
      loss: { kind: 'exact', positions: [100, 101, 102, 250] },
    }),
    codes: [],
  },
  {
    name: 'a gateway that sends every packet twice',
    scenario: fax({ twice: true, redundancy: 0 }, { twice: true }),
    codes: [],
  },
  {
    name: 'reordering',
    scenario: fax({ redundancy: 0, reorder: { positions: [40, 80, 120, 300], by: 2 } }),
    codes: [],
  },
  {
    name: 'numbers from 65530 on',
    scenario: fax({ startSeq: 65_530, redundancy: 0 }, { startSeq: 32_760 }),
    codes: [],
  },
  {
    name: 'audio and image accepted side by side, and only the fax flows',
    scenario: fax(
      {},
      {},
      {
        reinvites: [{ atMs: 4000, by: 'callee', image: 'accepted', withAudio: true }],
      },
    ),
    codes: [],
  },
  {
    name: 'side by side from the first moment, without any audio',
    scenario: fax(
      {},
      {},
      {
        callerToCallee: null,
        calleeToCaller: null,
        reinvites: [{ atMs: 200, by: 'callee', image: 'accepted', withAudio: true }],
        extraStreams: [{ way: 'callerToCallee', durationMs: 100 }],
      },
    ),
    codes: [],
  },
  {
    name: 'back to audio afterwards',
    scenario: fax(
      {},
      {},
      {
        reinvites: [
          { atMs: 4000, by: 'callee', image: 'accepted' },
          { atMs: 20_000, by: 'callee' },
        ],
        callerToCallee: { pauses: [{ atMs: 4000, durationMs: 16_000, clockRunsOn: true }] },
        calleeToCaller: { pauses: [{ atMs: 4000, durationMs: 16_000, clockRunsOn: true }] },
      },
    ),
    codes: [],
  },
];

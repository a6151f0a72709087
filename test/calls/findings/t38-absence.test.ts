import { expect, test } from 'vitest';
import { ALICE, BOB, Dialog, type Peer, sessionOf } from '../dialog.ts';
import { type Endpoint, Tape } from '../tape.ts';

const rtpOf = ({ ip, rtpPort }: Peer): Endpoint => ({ ip, port: rtpPort });
const imageOf = ({ ip, rtpPort }: Peer): string =>
  sessionOf(ip, { type: 'image', port: rtpPort, protocol: 'udptl', codecs: [] }).replace(
    'udptl ',
    'udptl t38',
  );

/** A packet with one octet of data and no redundancy (T.38 9.1). */
const udptl = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 255, 1, 0xd0, 0, 0);

/** 5 s of audio both ways, then a fax of 30 s whose packets flow these ways. */
function fax(ways: readonly (readonly [Endpoint, Endpoint])[], audioBack = true): ReturnType<Tape['play']> {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  dialog.answered(0);
  const [alice, bob] = [rtpOf(ALICE), rtpOf(BOB)];
  tape.rtp({ from: alice, to: bob, ssrc: 1, atMs: 1050, count: 250 });
  if (audioBack) tape.rtp({ from: bob, to: alice, ssrc: 2, atMs: 1050, count: 250 });
  dialog.request(6000, 'INVITE', { by: 'callee', cseq: 9, sdp: imageOf(BOB) });
  dialog.response(6050, 200, 'INVITE', { by: 'callee', cseq: 9, sdp: imageOf(ALICE) });
  dialog.request(6060, 'ACK', { by: 'callee', cseq: 9 });
  for (const [from, to] of ways) for (let i = 0; i < 900; i++) tape.udp(6100 + i * 33, from, to, udptl(i));
  dialog.request(36_000, 'BYE', { cseq: 2 });
  dialog.response(36_010, 200, 'BYE', { cseq: 2 });
  return tape.play();
}

const [ALICE_AT, BOB_AT] = [rtpOf(ALICE), rtpOf(BOB)];

test('both ways: nothing is missing', () => {
  const { calls, findings } = fax([
    [ALICE_AT, BOB_AT],
    [BOB_AT, ALICE_AT],
  ]);
  expect(calls[0]!.t38).toMatchObject({ callerToCallee: { packets: 900 }, calleeToCaller: { packets: 900 } });
  expect(findings).toEqual([]);
});

test.each([
  ['callee', [ALICE_AT, BOB_AT], 'calleeToCaller', '192.0.2.10:20000'],
  ['caller', [BOB_AT, ALICE_AT], 'callerToCallee', '198.51.100.20:30000'],
] as const)('nothing comes from the %s', (_, way, direction, sdpAddress) => {
  const { calls, findings } = fax([way]);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    code: 'one_way_media',
    severity: 'critical',
    direction,
    evidence: { [`${direction}Packets`]: 0, sdpAddress },
  });
  expect(findings[0]!.text).toContain('900 packets went the other way');
  expect(calls[0]!.verdict).toBe('media');
});

test('back through a NAT to where it comes from: nothing is missing', () => {
  const outside = { ip: '203.0.113.9', port: 61_000 };
  const { findings } = fax([
    [outside, BOB_AT],
    [BOB_AT, outside],
  ]);
  expect(findings.map(({ code }) => code)).not.toContain('one_way_media');
});

test('where audio was heard one way only, the tap may not see the other', () => {
  const { findings } = fax([[ALICE_AT, BOB_AT]], false);
  expect(findings.filter(({ text }) => text.includes('T.38'))).toEqual([]);
});

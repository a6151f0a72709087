import { describe, expect, test } from 'vitest';
import { ALICE, audioOf, BOB, Dialog, type Peer } from '../dialog.ts';
import { type Endpoint, Tape } from '../tape.ts';

const PROXY: Endpoint = { ip: '203.0.113.5', port: 5060 };
const RELAY = '203.0.113.6';
/** The places of the relay towards the caller and towards the callee. */
const NEAR: Endpoint = { ip: RELAY, port: 30_000 };
const FAR: Endpoint = { ip: RELAY, port: 30_010 };

const at = ({ ip, port }: Endpoint): string => audioOf({ user: 'relay', ip, sipPort: 5060, rtpPort: port });
const sipOf = ({ ip, sipPort }: Peer): Endpoint => ({ ip, port: sipPort });
const rtpOf = ({ ip, rtpPort }: Peer): Endpoint => ({ ip, port: rtpPort });

interface Flow {
  from: Endpoint;
  to: Endpoint;
  ssrc: number;
}

const UP_NEAR: Flow = { from: rtpOf(ALICE), to: NEAR, ssrc: 1 };
const UP_FAR: Flow = { from: FAR, to: rtpOf(BOB), ssrc: 1 };
const DOWN_FAR: Flow = { from: rtpOf(BOB), to: FAR, ssrc: 2 };
const DOWN_NEAR: Flow = { from: NEAR, to: rtpOf(ALICE), ssrc: 2 };

/** A call through a proxy that puts a relay in between; both hops pass the tap, and these flows. */
function relayed(flows: readonly Flow[], lines: string[] = []): ReturnType<Tape['play']> {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  const [alice, bob] = [sipOf(ALICE), sipOf(BOB)];
  dialog.request(0, 'INVITE', { sdp: audioOf(ALICE, { lines }), hop: [alice, PROXY] });
  dialog.request(5, 'INVITE', { sdp: at(FAR), branch: 'far', hop: [PROXY, bob] });
  dialog.response(1000, 200, 'INVITE', { sdp: audioOf(BOB), branch: 'far', hop: [bob, PROXY] });
  dialog.response(1005, 200, 'INVITE', { sdp: at(NEAR), hop: [PROXY, alice] });
  dialog.request(1010, 'ACK', { hop: [alice, PROXY] });
  dialog.request(1015, 'ACK', { branch: 'ack', hop: [PROXY, bob] });
  for (const flow of flows) tape.rtp({ ...flow, atMs: 1050, count: 700 });
  dialog.request(16_000, 'BYE', { cseq: 2, hop: [alice, PROXY] });
  dialog.response(16_010, 200, 'BYE', { cseq: 2, hop: [PROXY, alice] });
  return tape.play();
}

const ALL = [UP_NEAR, UP_FAR, DOWN_FAR, DOWN_NEAR];

describe('both hops of a media relay', () => {
  test('all that it gets is sent on', () => {
    const { calls, findings } = relayed(ALL);
    expect(findings).toEqual([]);
    expect(calls[0]!.verdict).toBe('healthy');
  });

  test.each([
    ['the callee', DOWN_NEAR, 'calleeToCaller', '203.0.113.6:30000', '192.0.2.10:20000'],
    ['the caller', UP_FAR, 'callerToCallee', '203.0.113.6:30010', '198.51.100.20:30000'],
  ])('what %s sends is not sent on', (_, held, direction, relay, sdpAddress) => {
    const { calls, findings } = relayed(ALL.filter((flow) => flow !== held));
    expect(calls[0]!.verdict).toBe('media');
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      code: 'one_way_media',
      direction,
      evidence: { relay, sdpAddress, [`${direction}Packets`]: 0 },
    });
  });

  test('it sends to where a NAT lets it', () => {
    const outside = { ip: '192.0.2.99', port: 31_000 };
    const flows = [{ ...UP_NEAR, from: outside }, UP_FAR, DOWN_FAR, { ...DOWN_NEAR, to: outside }];
    expect(relayed(flows).findings.map(({ code }) => code)).not.toContain('one_way_media');
  });

  test('a hop of which nothing is seen says nothing of the relay', () => {
    expect(relayed([UP_FAR, DOWN_FAR]).findings.map(({ code }) => code)).not.toContain('one_way_media');
  });

  test('who only wants to send is not waited for', () => {
    const { findings } = relayed([UP_NEAR, UP_FAR, DOWN_FAR], ['a=sendonly']);
    expect(findings.map(({ code }) => code)).not.toContain('one_way_media');
  });
});

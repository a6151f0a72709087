import { describe, expect, test } from 'vitest';
import { type Call, createCall, type Description } from '../../src/calls/call.ts';
import { withoutRefreshes } from '../../src/calls/refreshes.ts';
import { parseSdp } from '../../src/sip/sdp.ts';
import { ALICE, audioOf, BOB, Dialog, type Peer } from './dialog.ts';
import { Tape } from './tape.ts';

const SERVER: Peer = { user: 'moh', ip: '203.0.113.99', sipPort: 5060, rtpPort: 50_000 };
const MOVED = { ...BOB, rtpPort: 30_010 };

/** A description of the exchange `cseq`. */
function said(
  side: Description['side'],
  cseq: number,
  sdp: string,
  over: Partial<Description> = {},
): Description {
  const parsed = parseSdp(sdp);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { media } = parsed.session;
  const base = {
    tag: side,
    requester: 'caller' as const,
    digest: cseq,
    timeUs: cseq * 1e6,
    inForceUs: cseq * 1e6,
  };
  return { side, cseq, ...base, between: null, media, pending: false, refused: false, cut: false, ...over };
}

/** Exchanges in which both sides say the same again. */
function refreshed(from: number, count: number): Call['descriptions'] {
  return Array.from({ length: count }, (_, i) => [
    said('caller', from + i, audioOf(ALICE)),
    said('callee', from + i, audioOf(BOB)),
  ]).flat();
}

describe('session timers over hours', () => {
  test.each([5, 40])(
    'after %i refreshes hold, music and a new port are understood as before',
    (refreshes) => {
      const tape = new Tape();
      const dialog = new Dialog(tape);
      const endMs = refreshes * 10_000;
      dialog.answered(0);
      dialog.conversation(1000, endMs / 60, { ptimeMs: 60, octets: 480 });
      for (let i = 1; i <= refreshes; i++) {
        dialog.reinvited(i * 10_000 - 5000, 'caller', 1 + i, audioOf(ALICE), audioOf(BOB));
      }
      const hold = audioOf(SERVER, { lines: ['a=sendonly'] });
      dialog.reinvited(endMs + 1000, 'callee', 2, hold, audioOf(ALICE, { lines: ['a=recvonly'] }));
      const music = { from: { ip: SERVER.ip, port: SERVER.rtpPort }, to: dialog.rtpOf('caller') };
      tape.rtp({ ...music, ssrc: 99, atMs: endMs + 1100, count: 1500 });
      dialog.reinvited(endMs + 31_100, 'callee', 3, audioOf(MOVED), audioOf(ALICE));
      const [alice, bob] = [dialog.rtpOf('caller'), { ip: MOVED.ip, port: MOVED.rtpPort }];
      tape.rtp({ from: bob, to: alice, ssrc: 101, atMs: endMs + 31_200, count: 1500 });
      tape.rtp({ from: alice, to: bob, ssrc: 102, atMs: endMs + 31_205, count: 1500 });
      dialog.released(endMs + 61_300, 'caller', 5000);
      tape.idle(endMs + 100_000);
      const { calls, findings, streams } = tape.play();
      expect(findings).toEqual([]);
      expect(calls[0]).toMatchObject({ state: 'answered', verdict: 'healthy' });
      expect(streams.map(({ callId }) => callId)).toEqual(Array(5).fill(dialog.callId));
    },
  );
});

describe('what is forgotten of many descriptions', () => {
  test('what repeats the one before, but for the newest', () => {
    const all = refreshed(1, 40);
    const kept = withoutRefreshes(all);
    expect(kept.slice(0, 2)).toEqual(all.slice(0, 2));
    expect(kept.slice(2)).toEqual(all.slice(-16));
  });

  test('changes stay, and exchanges of which one half changes stay whole', () => {
    const call = createCall('c', 0, 0);
    const held = audioOf(ALICE, { lines: ['a=sendonly'] });
    const half = [said('caller', 20, audioOf(ALICE)), said('callee', 20, audioOf(MOVED))];
    call.descriptions = [
      ...refreshed(1, 5),
      said('caller', 6, held),
      said('callee', 6, audioOf(BOB, { lines: ['a=recvonly'] })),
      ...refreshed(7, 5),
      ...half,
      ...refreshed(30, 20),
    ];
    const kept = withoutRefreshes(call.descriptions);
    const exchanges = [...new Set(kept.map(({ cseq }) => cseq))];
    expect(exchanges.filter((cseq) => cseq < 42)).toEqual([1, 6, 7, 20, 30]);
    expect(kept.filter(({ cseq }) => cseq === 20)).toEqual(half);
  });

  test('offers that are open or were refused stay', () => {
    const open = said('callee', 3, audioOf(BOB), { pending: true, requester: 'callee' });
    const refused = said('callee', 4, audioOf(BOB), { refused: true, requester: 'callee' });
    const kept = withoutRefreshes([...refreshed(1, 2), open, refused, ...refreshed(5, 20)]);
    expect(kept).toContain(open);
    expect(kept).toContain(refused);
  });
});

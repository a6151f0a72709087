import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../src/records/types.ts';
import { ALICE, audioOf, BOB, Dialog, type Peer } from './dialog.ts';
import { type Endpoint, Tape } from './tape.ts';

/** A B2BUA, and where it relays media while it does. */
const MIDDLE: Peer = { user: 'middle', ip: '203.0.113.5', sipPort: 5060, rtpPort: 40_000 };
const rtpOf = ({ ip, rtpPort }: Peer): Endpoint => ({ ip, port: rtpPort });

const told = (findings: readonly FindingRecord[]): string[] =>
  findings.map(({ callId, code, direction }) => `${callId} ${code} ${direction}`).sort();

/** Alice calls Bob through a B2BUA that passes their descriptions on as they are. */
function direct(tape: Tape, byeMs = 16_000): void {
  const near = new Dialog(tape, 'near', ALICE, MIDDLE);
  const far = new Dialog(tape, 'far', MIDDLE, BOB, 'other-tag');
  near.request(0, 'INVITE', { sdp: audioOf(ALICE) });
  far.request(5, 'INVITE', { sdp: audioOf(ALICE) });
  far.response(1000, 200, 'INVITE', { sdp: audioOf(BOB) });
  near.response(1005, 200, 'INVITE', { sdp: audioOf(BOB) });
  near.request(1010, 'ACK');
  far.request(1015, 'ACK');
  hangUp(near, far, byeMs, 2);
}

function hangUp(near: Dialog, far: Dialog, atMs: number, cseq: number): void {
  for (const [dialog, delayMs] of [
    [near, 0],
    [far, 5],
  ] as const) {
    dialog.request(atMs + delayMs, 'BYE', { cseq });
    dialog.response(atMs + delayMs + 2, 200, 'BYE', { cseq });
  }
}

const FORTH = { from: rtpOf(ALICE), to: rtpOf(BOB), ssrc: 1 };
const BACK = { from: rtpOf(BOB), to: rtpOf(ALICE), ssrc: 2 };

describe('both legs of a B2BUA announce the same endpoints', () => {
  test('media both ways: nothing is missing on either', () => {
    const tape = new Tape();
    direct(tape);
    for (const flow of [FORTH, BACK]) tape.rtp({ ...flow, atMs: 1050, count: 740 });
    const { calls, findings } = tape.play();
    expect(findings).toEqual([]);
    expect(calls).toHaveLength(2);
  });

  test.each([
    ['the callee', FORTH, 'calleeToCaller'],
    ['the caller', BACK, 'callerToCallee'],
  ])('%s is not heard: on either', (_, flow, direction) => {
    const tape = new Tape();
    direct(tape);
    tape.rtp({ ...flow, atMs: 1050, count: 740 });
    const { calls, findings } = tape.play();
    expect(told(findings)).toEqual([`far one_way_media ${direction}`, `near one_way_media ${direction}`]);
    expect(calls.map(({ verdict }) => verdict)).toEqual(['media', 'media']);
  });

  test('behind a NAT both send, from elsewhere, and back to there', () => {
    const tape = new Tape();
    direct(tape);
    const outside = { ip: '192.0.2.99', port: 31_000 };
    tape.rtp({ ...FORTH, from: outside, atMs: 1050, count: 740 });
    tape.rtp({ ...BACK, to: outside, atMs: 1100, count: 740 });
    expect(told(tape.play().findings).filter((text) => text.includes('one_way'))).toEqual([]);
  });

  test('one way stops for good', () => {
    const tape = new Tape();
    direct(tape, 40_000);
    tape.rtp({ ...FORTH, atMs: 1050, count: 1940 });
    tape.rtp({ ...BACK, atMs: 1050, count: 250 });
    expect(told(tape.play().findings)).toEqual([
      'far media_stopped calleeToCaller',
      'near media_stopped calleeToCaller',
    ]);
  });
});

/** Media is relayed for 5 s, then the B2BUA takes itself out of its way, and these flow for 40 s. */
function madeDirect(flows: readonly (typeof FORTH)[]): string[] {
  const tape = new Tape();
  const near = new Dialog(tape, 'near', ALICE, MIDDLE);
  const far = new Dialog(tape, 'far', MIDDLE, BOB, 'other-tag');
  const FAR = { ip: MIDDLE.ip, port: 40_010 };
  near.answered(0, audioOf(ALICE), audioOf(MIDDLE));
  far.answered(5, audioOf(MIDDLE, { port: FAR.port }), audioOf(BOB));
  const places = [
    [rtpOf(ALICE), rtpOf(MIDDLE), 1],
    [rtpOf(MIDDLE), rtpOf(ALICE), 2],
    [FAR, rtpOf(BOB), 1],
    [rtpOf(BOB), FAR, 2],
  ] as const;
  for (const [from, to, ssrc] of places) tape.rtp({ from, to, ssrc, atMs: 1050, count: 250 });
  near.reinvited(6000, 'callee', 7, audioOf(BOB), audioOf(ALICE));
  far.reinvited(6000, 'caller', 7, audioOf(ALICE), audioOf(BOB));
  for (const flow of flows) tape.rtp({ ...flow, atMs: 6080, count: 1990, sequence: 1250, timestamp: 90_000 });
  hangUp(near, far, 46_000, 8);
  return told(tape.play().findings);
}

describe('media that was relayed goes direct', () => {
  test('both ways: nothing is missing', () => {
    expect(madeDirect([FORTH, BACK])).toEqual([]);
  });

  test('and one way does not arrive', () => {
    expect(madeDirect([FORTH])).toEqual([
      'far media_stopped calleeToCaller',
      'near media_stopped calleeToCaller',
    ]);
  });
});

test('a third party calls both: what is missing is told as each leg sees it', () => {
  const tape = new Tape();
  const first = new Dialog(tape, 'near', MIDDLE, ALICE);
  const second = new Dialog(tape, 'far', MIDDLE, BOB, 'other-tag');
  first.answered(0, audioOf(BOB), audioOf(ALICE));
  second.answered(5, audioOf(ALICE), audioOf(BOB));
  tape.rtp({ ...FORTH, atMs: 1050, count: 740 });
  hangUp(first, second, 16_000, 2);
  expect(told(tape.play().findings)).toEqual([
    'far one_way_media calleeToCaller',
    'near one_way_media callerToCallee',
  ]);
});

describe('many calls announce one port', () => {
  /** So many calls at one time, each with its own media from and to the same places. */
  function crowd(calls: number, heard: boolean): FindingRecord[] {
    const tape = new Tape();
    for (let i = 0; i < calls; i++) {
      const dialog = new Dialog(tape, `call-${i}`, ALICE, BOB, `tag-${i}`);
      dialog.answered(i * 100);
      tape.rtp({ ...FORTH, ssrc: 100 + i, atMs: i * 100 + 1050, count: 740 });
      if (heard) tape.rtp({ ...BACK, ssrc: 200 + i, atMs: i * 100 + 1050, count: 740 });
      dialog.request(i * 100 + 16_000, 'BYE', { cseq: 2 });
      dialog.response(i * 100 + 16_005, 200, 'BYE', { cseq: 2 });
    }
    return tape.play().findings;
  }

  test.each([2, 5, 30])('%i calls that are heard have no finding about it', (calls) => {
    const codes = crowd(calls, true).map(({ code }) => code);
    expect(codes.filter((code) => /media/.test(code))).toEqual([]);
  });

  test('two that are not heard are told so', () => {
    const found = crowd(2, false).filter(({ code }) => code === 'one_way_media');
    expect(found.map(({ callId }) => callId).sort()).toEqual(['call-0', 'call-1']);
  });
});

describe('a media server with one port for all', () => {
  const SERVER: Peer = { user: 'server', ip: '203.0.113.80', sipPort: 5060, rtpPort: 3478 };

  /** So many calls at one time; the server does not send to those that `deaf` names; clients may sit behind a NAT. */
  function meeting(calls: number, deaf: readonly number[], nat = false): ReturnType<Tape['play']> {
    const tape = new Tape();
    for (let i = 0; i < calls; i++) {
      const client: Peer = { ...ALICE, ip: `192.0.2.${10 + i}`, rtpPort: 20_000 + 2 * i };
      const dialog = new Dialog(tape, `call-${String(i).padStart(2, '0')}`, client, SERVER, `tag-${i}`);
      dialog.answered(i * 80);
      const here = nat ? { ip: '198.51.100.7', port: 50_000 + i } : rtpOf(client);
      const startMs = calls * 80 + 1050;
      tape.rtp({ from: here, to: rtpOf(SERVER), ssrc: 100 + i, atMs: startMs, count: 740 });
      if (!deaf.includes(i))
        tape.rtp({ from: rtpOf(SERVER), to: here, ssrc: 200 + i, atMs: startMs, count: 740 });
      dialog.released(startMs + 15_000);
    }
    return tape.play();
  }

  test.each([5, 20])('%i calls have their own streams, and nothing is missing', (count) => {
    const { calls, findings, streams } = meeting(count, []);
    expect(findings).toEqual([]);
    expect(calls.map(({ verdict }) => verdict)).toEqual(Array(count).fill('healthy'));
    for (const call of calls) {
      const own = streams.filter(({ callId }) => callId === call.callId);
      const client = `192.0.2.${10 + Number(call.callId.slice(5))}`;
      expect(own.map(({ src, dst }) => [src.ip, dst.ip].includes(client))).toEqual([true, true]);
    }
  });

  test.each([5, 20])('of %i calls two are not sent to: they are told', (count) => {
    const { findings } = meeting(count, [0, count - 1]);
    expect(told(findings)).toEqual([
      'call-00 one_way_media calleeToCaller',
      `call-${String(count - 1).padStart(2, '0')} one_way_media calleeToCaller`,
    ]);
  });

  test('behind a NAT nobody knows whose streams they are: they are of no call, and nothing is said of calls', () => {
    const { findings, streams } = meeting(20, [], true);
    expect(findings.filter(({ code }) => /media/.test(code))).toEqual([]);
    expect(streams.filter(({ callId }) => callId === null).length).toBeGreaterThan(20);
  });
});

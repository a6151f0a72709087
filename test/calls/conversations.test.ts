import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/records/types.ts';
import type { Replayed } from '../engine/replayed.ts';
import { replayed } from '../engine/replayed.ts';
import { ALICE, audioOf, BOB, Dialog, type Peer } from './dialog.ts';
import { Tape } from './tape.ts';

const PBX: Peer = { user: 'pbx', ip: '203.0.113.5', sipPort: 5060, rtpPort: 40_000 };

/** INVITE, 200, ACK, media and BYE, the INVITE with more headers. */
function answered(dialog: Dialog, atMs: number, headers: string[] = []): void {
  dialog.request(atMs, 'INVITE', { sdp: audioOf(dialog.caller), headers });
  dialog.response(atMs + 200, 180, 'INVITE');
  dialog.response(atMs + 1000, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
  dialog.request(atMs + 1010, 'ACK');
  dialog.conversation(atMs + 1050, 300);
  dialog.released(atMs + 8000);
}

/** Which calls stand in which conversation. */
function linked({ calls }: Replayed): Record<string, [string | null, readonly string[]]> {
  return Object.fromEntries(
    calls.map(({ callId, conversationId, legs }) => [callId, [conversationId, legs]]),
  );
}

const sipOf = ({ ip, sipPort }: Peer) => ({ ip, port: sipPort });

const TOGETHER = { 'leg-a': ['c1', ['leg-b']], 'leg-b': ['c1', ['leg-a']] };
const APART = { 'leg-a': [null, []], 'leg-b': [null, []] };

/** Two calls that share no host, party or media. */
function strangers(tape: Tape): [Dialog, Dialog] {
  const far: Peer = { user: 'carol', ip: '198.51.100.60', sipPort: 5060, rtpPort: 33_000 };
  const near: Peer = { user: 'dave', ip: '198.51.100.61', sipPort: 5060, rtpPort: 34_000 };
  return [new Dialog(tape, 'leg-a', ALICE, BOB), new Dialog(tape, 'leg-b', far, near)];
}

describe('legs by what their INVITEs carry', () => {
  test.each([
    ['the Call-ID of the other leg', [], ['X-Call-ID: leg-a']],
    ['a value that both share', ['X-CID: 4711'], ['X-CID: 4711']],
    ['another header of the list', ['Cisco-Guid: 1-2-3-4'], ['Cisco-Guid: 1-2-3-4']],
    [
      'the ICID of P-Charging-Vector (RFC 7315)',
      ['P-Charging-Vector: icid-value="abc";orig-ioi=a.net'],
      ['P-Charging-Vector: icid-value="abc";orig-ioi=b.net;term-ioi=c.net'],
    ],
    [
      'Session-ID (RFC 7989)',
      [`Session-ID: ${'a1'.repeat(16)};remote=${'0'.repeat(32)}`],
      [`Session-ID: ${'A1'.repeat(16)};remote=${'0'.repeat(32)}`],
    ],
  ])('%s', (_name, first, second) => {
    const tape = new Tape();
    const [a, b] = strangers(tape);
    answered(a, 0, first);
    answered(b, 5000, second);
    const replay = tape.play();
    expect(linked(replay)).toEqual(TOGETHER);
    expect(replay.findings).toEqual([]);
  });

  test.each([
    ['different values', ['X-CID: 4711'], ['X-CID: 4712']],
    ['the same value under different names', ['X-CID: 4711'], ['X-Leg-ID: 4711']],
    ['a header that is not on the list', ['X-Foo: 4711'], ['X-Foo: 4711']],
    ['the nil Session-ID', [`Session-ID: ${'0'.repeat(32)}`], [`Session-ID: ${'0'.repeat(32)}`]],
    ['nothing', [], []],
  ])('apart: %s', (_name, first, second) => {
    const tape = new Tape();
    const [a, b] = strangers(tape);
    answered(a, 0, first);
    answered(b, 5000, second);
    expect(linked(tape.play())).toEqual(APART);
  });

  test('headers of one’s own choice', () => {
    const tape = new Tape();
    const [a, b] = strangers(tape);
    answered(a, 0, ['X-Foo: 4711']);
    answered(b, 5000, ['X-Foo: 4711']);
    const replay = replayed(tape.file(), 1000, { signalling: { legHeaders: ['x-foo'] } });
    expect(linked(replay)).toEqual(TOGETHER);
  });

  test('a value is forgotten after ten minutes', () => {
    const tape = new Tape();
    const [a, b] = strangers(tape);
    answered(a, 0, ['X-CID: 4711']);
    for (let atMs = 20_000; atMs < 700_000; atMs += 20_000) tape.idle(atMs);
    answered(b, 700_000, ['X-CID: 4711']);
    expect(linked(tape.play())).toEqual(APART);
  });

  test('a call that takes another one over (Replaces)', () => {
    const tape = new Tape();
    const [a, b] = strangers(tape);
    answered(a, 0);
    answered(b, 5000, ['Replaces: leg-a;to-tag=1;from-tag=2']);
    expect(linked(tape.play())).toEqual(TOGETHER);
  });
});

describe('legs by parties and hosts', () => {
  const near: Peer = { ...PBX, user: 'alice', rtpPort: 41_000 };

  test('the INVITE leaves the host that the other one went to', () => {
    const tape = new Tape();
    answered(new Dialog(tape, 'leg-a', ALICE, { ...PBX, user: 'bob' }), 0);
    answered(new Dialog(tape, 'leg-b', near, BOB), 50);
    expect(linked(tape.play())).toEqual(TOGETHER);
  });

  test('numbers with another prefix on the way', () => {
    const tape = new Tape();
    answered(new Dialog(tape, 'leg-a', { ...ALICE, user: '4930111' }, { ...PBX, user: '0030222333' }), 0);
    answered(new Dialog(tape, 'leg-b', { ...near, user: '+4930111' }, { ...BOB, user: '30222333' }), 50);
    expect(linked(tape.play())).toEqual(TOGETHER);
  });

  test.each([
    ['too late', 3000, near, BOB],
    ['somebody else calls', 50, { ...near, user: 'eve' }, BOB],
    ['somebody else is called', 50, near, { ...BOB, user: 'eve' }],
    ['from another host', 50, { ...near, ip: '203.0.113.99' }, BOB],
    ['back to the caller', 50, near, { ...BOB, ip: ALICE.ip }],
  ])('apart: %s', (_name, atMs, caller, callee) => {
    const tape = new Tape();
    answered(new Dialog(tape, 'leg-a', ALICE, { ...PBX, user: 'bob' }), 0);
    answered(new Dialog(tape, 'leg-b', caller, { ...callee, rtpPort: 35_000 }), atMs);
    expect(linked(tape.play())).toEqual(APART);
  });

  test('where time stands still, the number that was called first makes room', () => {
    const tape = new Tape();
    const invited = (name: string, caller: Peer, user: string): void =>
      new Dialog(tape, name, caller, { ...PBX, user }).request(0, 'INVITE', {
        hop: [sipOf(caller), sipOf(PBX)],
      });
    for (let i = 0; i <= 32_768; i++) invited(`leg-${i}`, ALICE, String(100_000 + i));
    for (const i of [0, 32_768]) {
      const dialog = new Dialog(tape, `next-${i}`, near, { ...BOB, user: String(100_000 + i) });
      dialog.request(1, 'INVITE', { hop: [sipOf(near), sipOf(BOB)] });
    }
    const { calls } = tape.play();
    const legs = calls
      .filter(({ callId }) => callId.startsWith('next'))
      .map(({ callId, legs }) => [callId, legs]);
    expect(legs).toEqual([
      ['next-0', []],
      ['next-32768', ['leg-32768']],
    ]);
  });

  test('two calls of the same parties at once, as a load generator makes them, are two calls', () => {
    const tape = new Tape();
    answered(new Dialog(tape, 'leg-a', ALICE, BOB), 0);
    answered(new Dialog(tape, 'leg-b', { ...ALICE, rtpPort: 21_000 }, { ...BOB, rtpPort: 31_000 }), 10);
    expect(linked(tape.play())).toEqual(APART);
  });
});

describe('legs by media', () => {
  const relay: Peer = { ...ALICE, user: 'trunk', ip: '203.0.113.5' };

  /** A leg whose signalling comes from elsewhere than its media. */
  function passed(tape: Tape, atMs: number): void {
    const dialog = new Dialog(tape, 'leg-b', relay, BOB);
    dialog.request(atMs, 'INVITE', { sdp: audioOf(ALICE) });
    dialog.response(atMs + 950, 200, 'INVITE', { sdp: audioOf(BOB) });
    dialog.request(atMs + 960, 'ACK');
    dialog.released(atMs + 7990);
  }

  test('a B2BUA that leaves media alone', () => {
    const tape = new Tape();
    answered(new Dialog(tape, 'leg-a', ALICE, { ...BOB, user: 'service' }), 0);
    passed(tape, 20);
    expect(linked(tape.play())).toEqual(TOGETHER);
  });

  test('apart: the same telephone with a second call from its port', () => {
    const tape = new Tape();
    answered(new Dialog(tape, 'leg-a', ALICE, BOB), 0);
    answered(new Dialog(tape, 'leg-b', ALICE, { ...BOB, user: 'carol', ip: '198.51.100.44' }), 3000);
    expect(linked(tape.play())).toEqual(APART);
  });
});

describe('transcoding between legs', () => {
  const G729: [number, string][] = [[18, 'G729/8000']];

  function legs(second: {
    codecs: [number, string][];
    payloadType: number;
    octets: number;
    ptimeMs: number;
  }): Replayed {
    const tape = new Tape();
    const [a, b] = strangers(tape);
    answered(a, 0, ['X-CID: 1']);
    const { codecs, ...train } = second;
    b.request(100, 'INVITE', { sdp: audioOf(b.caller, { codecs }), headers: ['X-CID: 1'] });
    b.response(1000, 200, 'INVITE', { sdp: audioOf(b.callee, { codecs }) });
    b.request(1010, 'ACK');
    b.conversation(1050, 300, train);
    b.released(8100);
    return tape.play();
  }

  const texts = ({ findings }: Replayed) =>
    findings.map(({ code, severity, callId }) => [code, severity, callId]);

  test('another codec', () => {
    const replay = legs({ codecs: G729, payloadType: 18, octets: 20, ptimeMs: 20 });
    expect(texts(replay)).toEqual([['codec_mismatch', 'info', 'leg-b']]);
    expect(replay.findings[0]!.evidence).toMatchObject({
      codec: 'G729',
      otherCodec: 'PCMU',
      otherCallId: 'leg-a',
    });
    expect(replay.calls.map(({ verdict }: CallRecord) => verdict)).toEqual(['healthy', 'healthy']);
  });

  test('another packet time', () => {
    const replay = legs({ codecs: [[0, 'PCMU/8000']], payloadType: 0, octets: 240, ptimeMs: 30 });
    expect(texts(replay)).toEqual([['ptime_mismatch', 'info', 'leg-b']]);
  });

  test('neither', () => {
    expect(texts(legs({ codecs: [[0, 'PCMU/8000']], payloadType: 0, octets: 160, ptimeMs: 20 }))).toEqual([]);
  });
});

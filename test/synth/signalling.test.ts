import { expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { readCapture, readSip } from './read-capture.ts';

function messagesOf(call: CallSpec): string[] {
  const { pcap } = buildScenario({
    calls: [{ durationMs: 1000, callerToCallee: null, calleeToCaller: null, ...call }],
  });
  return readSip(readCapture(pcap)).map(({ text }) => text);
}

function starts(messages: string[]): string {
  return messages.map((text) => /^SIP\/2.0 (\d+)|^(\w+)/.exec(text)!.slice(1).join('')).join(' ');
}

function header(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)\r$`, 'm').exec(text)![1]!;
}

test.each<[CallSpec, string]>([
  [{}, 'INVITE 100 180 200 ACK BYE 200'],
  [{ earlyMedia: true }, 'INVITE 100 183 200 ACK BYE 200'],
  [{ outcome: 'open' }, 'INVITE 100 180 200 ACK'],
  [{ outcome: 'busy' }, 'INVITE 100 486 ACK'],
  [{ outcome: 'not_found', finalCode: 503 }, 'INVITE 100 503 ACK'],
  [{ outcome: 'no_answer' }, 'INVITE 100 180 480 ACK'],
  [{ outcome: 'canceled' }, 'INVITE 100 180 CANCEL 200 487 ACK'],
  [{ outcome: 'ringing' }, 'INVITE 100 180'],
  [{ outcome: 'none' }, ''],
  [{ outcome: 'midcall' }, 'BYE 200'],
  [{ hold: { atMs: 200, durationMs: 300 } }, 'INVITE 100 180 200 ACK INVITE 200 ACK INVITE 200 ACK BYE 200'],
])('%j', (call, expected) => {
  expect(starts(messagesOf(call))).toBe(expected);
});

test('every message has what RFC 3261 demands and the right length', () => {
  for (const call of [
    { hold: { atMs: 200, durationMs: 300 } },
    { outcome: 'canceled' as const },
    { lateSdp: true },
  ]) {
    for (const text of messagesOf(call)) {
      const [head, body] = text.split('\r\n\r\n') as [string, string];
      expect(Number(header(`${head}\r\n`, 'Content-Length'))).toBe(body.length);
      for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) header(`${head}\r\n`, name);
      expect(head).toMatch(/branch=z9hG4bK[0-9a-f]{16}/);
      expect(body.length > 0).toBe(/Content-Type: application\/sdp/.test(head));
    }
  }
});

test('tags, branches and CSeq hold transactions and dialog together', () => {
  const [invite, trying, ringing, ok, ack, bye, done] = messagesOf({ releasedBy: 'callee' }) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const branch = (text: string) => /branch=(\w+)/.exec(text)![1];
  expect([trying, ringing, ok].map(branch)).toEqual(new Array(3).fill(branch(invite)));
  expect(branch(ack)).not.toBe(branch(invite));
  expect(branch(done)).toBe(branch(bye));
  expect(header(invite, 'To')).not.toContain('tag=');
  expect(header(trying, 'To')).not.toContain('tag=');
  expect(header(ack, 'To')).toBe(header(ok, 'To'));
  expect(header(ack, 'CSeq').split(' ')[0]).toBe(header(invite, 'CSeq').split(' ')[0]);
  // A BYE by the callee turns From and To round.
  expect(header(bye, 'From')).toBe(`"5550150" ${header(ok, 'To')}`);
  expect(`"5550100" ${header(bye, 'To')}`).toBe(header(ok, 'From'));
});

test('a refusal is acknowledged in the transaction of the INVITE, with the tag of the response', () => {
  const messages = messagesOf({ outcome: 'busy' });
  const branch = (text: string) => /branch=(\w+)/.exec(text)![1];
  expect(branch(messages[3]!)).toBe(branch(messages[0]!));
  expect(header(messages[3]!, 'To')).toBe(header(messages[2]!, 'To'));
});

test('offer, answer and hold', () => {
  const messages = messagesOf({
    codec: 'G729',
    offer: ['PCMA', 'G729'],
    hold: { atMs: 200, durationMs: 300 },
  });
  const bodies = messages.map((text) => text.split('\r\n\r\n')[1]!);
  expect(bodies[0]).toContain('m=audio 16384 RTP/AVP 8 18 101\r\n');
  expect(bodies[3]).toContain('m=audio 32768 RTP/AVP 18 101\r\n');
  expect([0, 3, 5, 6, 8, 9].map((i) => /a=(send\w+|recv\w+)/.exec(bodies[i]!)![1])).toEqual([
    'sendrecv',
    'sendrecv',
    'sendonly',
    'recvonly',
    'sendrecv',
    'sendrecv',
  ]);
  const versions = [0, 5, 8].map((i) => Number(/^o=\S+ \d+ (\d+)/m.exec(bodies[i]!)![1]));
  expect(versions).toEqual([1, 2, 3]);
  const late = messagesOf({ lateSdp: true }).map((text) => text.split('\r\n\r\n')[1]!.length > 0);
  expect(late).toEqual([false, false, false, true, true, false, false]);
});

test('truth of a call', () => {
  const call: CallSpec = {
    callId: 'x@example.com',
    startMs: 100,
    ringMs: [250, 1000.0004],
    durationMs: 5000,
    releasedBy: 'callee',
    caller: { user: 'alice' },
  };
  expect(buildScenario({ calls: [call] }).truth.calls).toEqual([
    {
      callId: 'x@example.com',
      from: 'sip:alice@example.com',
      to: 'sip:5550150@example.com',
      state: 'answered',
      finalCode: 200,
      startTime: '2026-03-02T09:00:00.100000Z',
      answerTime: '2026-03-02T09:00:01.350000Z',
      endTime: '2026-03-02T09:00:06.350000Z',
      releasedBy: 'callee',
      durationMs: 6250,
      postDialDelayMs: 250,
      answerDelayMs: 1250,
    },
  ]);
});

test.each([
  [{ outcome: 'busy' }, { state: 'failed', finalCode: 486, postDialDelayMs: null, durationMs: 180 }],
  [{ outcome: 'no_answer' }, { state: 'failed', finalCode: 480, postDialDelayMs: 180, durationMs: 1680 }],
  [{ outcome: 'canceled' }, { state: 'canceled', finalCode: 487, releasedBy: 'caller', durationMs: 1693 }],
  [{ outcome: 'ringing' }, { state: 'ringing', finalCode: null, endTime: null }],
  [{ outcome: 'open' }, { state: 'open', finalCode: 200, endTime: null, durationMs: null }],
  [{ outcome: 'midcall' }, { state: 'answered', startTime: null, answerTime: null, postDialDelayMs: null }],
] as [CallSpec, object][])('truth of %j', (call, expected) => {
  expect(buildScenario({ calls: [call] }).truth.calls[0]).toMatchObject(expected);
});

test('RTP without signalling is in no call', () => {
  const { calls, streams } = buildScenario({ calls: [{ outcome: 'none' }] }).truth;
  expect(calls).toEqual([]);
  expect(streams.map((stream) => stream.callId)).toEqual([null, null]);
});

test('SIP over TCP: the octets in sequence make the messages', () => {
  const offer = [
    'PCMU',
    'PCMA',
    'G722',
    'G729',
    'GSM',
    'opus',
    'AMR',
    'AMR-WB',
    'EVS',
    'iLBC',
    'speex',
    'L16',
    'G723',
    'G726-32',
  ];
  const { pcap, truth } = buildScenario({
    calls: [{ transport: 'tcp', durationMs: 1000, offer, callId: `${'c'.repeat(400)}@x` }],
  });
  const segments = readCapture(pcap).filter((packet) => packet.tcp !== null);
  const client = segments.filter((packet) => packet.dstPort === 5060);
  expect([segments[0]!.tcp!.flags, segments[1]!.tcp!.flags, segments[2]!.tcp!.flags]).toEqual([2, 18, 16]);
  let next = client[0]!.tcp!.seq;
  let text = '';
  for (const { tcp, payload } of client) {
    expect(tcp!.seq).toBe(next);
    next = (next + payload.length + ((tcp!.flags & 3) !== 0 ? 1 : 0)) >>> 0;
    text += new TextDecoder().decode(payload);
  }
  expect(text.match(/^(INVITE|ACK|BYE) /gm)!.map((line) => line.trim())).toEqual(['INVITE', 'ACK', 'BYE']);
  // The INVITE takes two segments.
  expect(truth.capture.sip).toBe(8);
  const server = segments.filter((packet) => packet.srcPort === 5060);
  expect(server.at(-1)!.tcp!.ack).toBe(next >>> 0);
});

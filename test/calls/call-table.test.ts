import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/calls/call.ts';
import { CallTable, type MediaPlane } from '../../src/calls/call-table.ts';
import { EndpointSet } from '../../src/rtp/endpoint-set.ts';
import { parseSipMessage, type SipMessage } from '../../src/sip/message.ts';
import { sessionOf } from './dialog.ts';

/** A media plane without streams. */
const noMedia: MediaPlane = {
  announce: () => true,
  withdraw: () => {},
  announceImage: () => true,
  withdrawImage: () => {},
  keyOf: () => {
    throw new Error('there are no streams');
  },
  lastUs: () => 0,
  unbrokenUs: () => 0,
  setFormats: () => {},
  retire: () => {},
};

/** A table and the calls it reported. */
function tableOf(media = noMedia): { table: CallTable; ended: Call[] } {
  const ended: Call[] = [];
  const table = new CallTable(media, { callEnded: (call) => ended.push(call), strayEnded: () => {} });
  return { table, ended };
}

/** A message of a method; requests other than INVITE are in a dialog. */
function message(start: string, cseq: string, toTag: string, body = ''): SipMessage {
  const type = body === '' ? '' : 'Content-Type: application/sdp\r\n';
  const text = `${start}\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>${toTag}\r\nCall-ID: x\r\nCSeq: ${cseq}\r\n${type}Content-Length: ${body.length}\r\n\r\n${body}`;
  const bytes = new TextEncoder().encode(text);
  const result = parseSipMessage(bytes, 0, bytes.length);
  if (!result.ok) throw new Error(result.reason);
  return result.message;
}

const invite = message('INVITE sip:c@d SIP/2.0', '1 INVITE', '');
const ringing = message('SIP/2.0 180 Ringing', '1 INVITE', ';tag=2');
const ok = message('SIP/2.0 200 OK', '1 INVITE', ';tag=2');
const bye = message('BYE sip:c@d SIP/2.0', '2 BYE', ';tag=2');
const gone = message('SIP/2.0 200 OK', '2 BYE', ';tag=2');
const options = message('OPTIONS sip:c@d SIP/2.0', '1 OPTIONS', '');
const register = message('REGISTER sip:d SIP/2.0', '1 REGISTER', '');

/** An INVITE that offers audio at a port, and T.38 at the next. */
function offer(port: number): SipMessage {
  const audio = { port, codecs: [[0, null]] as [number, null][] };
  const image = {
    type: 'image',
    port: port + 2,
    protocol: 'udptl',
    codecs: [],
    lines: ['a=T38FaxVersion:0'],
  };
  const body = sessionOf('10.0.0.1', audio, image).replace(' udptl ', ' udptl t38');
  return message('INVITE sip:c@d SIP/2.0', '1 INVITE', '', body);
}

/** The same message in another call. */
function within(callId: string, template: SipMessage): SipMessage {
  return { ...template, callId };
}

describe('bounds of the call table', () => {
  test('more calls than it holds are refused and counted, those inside go on', () => {
    const { table, ended } = tableOf();
    for (let i = 0; i < 200_010; i++) {
      table.message(within(`c${i}`, invite), i);
      // Of one that is refused, nothing more is heard.
      if (i < 200_000) table.message(within(`c${i}`, ringing), i);
    }
    expect(table.size).toBe(200_000);
    expect(table.counters).toMatchObject({ messages: 400_010, refused: 10, unheard: 0 });
    table.message(within('c7', ok), 300_000);
    table.message(within('c7', bye), 400_000);
    table.message(within('c7', gone), 410_000);
    table.sweep(20_000_000);
    expect(ended.map((call) => [call.callId, call.answerUs])).toEqual([['c7', 300_000]]);
    table.message(within('fresh', invite), 20_000_001);
    expect(table.counters.refused).toBe(10);
    table.finishAll();
    expect(table.size).toBe(0);
    expect(ended).toHaveLength(200_001);
  });

  test('calls that nobody answers give way to newer ones, and never to a call that goes on', () => {
    const { table, ended } = tableOf();
    table.message(within('real', invite), 0);
    table.message(within('real', ok), 1);
    for (let i = 0; i < 40_000; i++) table.message(within(`c${i}`, invite), i);
    expect(table.size).toBe(32_769);
    expect(table.counters).toMatchObject({ refused: 0, unheard: 40_000 - 32_768 });
    expect(ended.slice(0, 2).map((call) => call.callId)).toEqual(['c0', 'c1']);
    table.message(within('real', bye), 1e6);
    table.finishAll();
    expect(ended.filter((call) => call.callId === 'real').map((call) => call.endUs)).toEqual([1e6]);
  });

  test('a finished Call-ID stays finished for its retransmissions', () => {
    const { table, ended } = tableOf();
    table.message(within('x', invite), 0);
    table.message(within('x', ok), 1e6);
    table.message(within('x', bye), 2e6);
    table.message(within('x', gone), 2.01e6);
    table.sweep(30e6);
    expect(ended).toHaveLength(1);
    for (const late of [bye, ok, invite]) table.message(within('x', late), 31e6);
    expect(table.size).toBe(0);
  });

  test('a call that nobody hears of any more is given up after an hour, an answered one as open', () => {
    const { table, ended } = tableOf();
    table.message(within('x', invite), 0);
    table.message(within('x', ok), 1e6);
    table.sweep(3600e6);
    expect(table.size).toBe(1);
    table.sweep(3602e6);
    expect(ended[0]).toMatchObject({ answerUs: 1e6, endUs: null });
  });

  test('a call whose BYE nobody answers is kept until that is certain, 32 s', () => {
    const { table, ended } = tableOf();
    table.message(within('x', invite), 0);
    table.message(within('x', ok), 1e6);
    table.message(within('x', bye), 2e6);
    table.sweep(34e6);
    expect(ended).toHaveLength(0);
    table.sweep(43e6);
    expect(ended).toHaveLength(1);
  });

  test('what found no room as an endpoint is not withdrawn: another call has announced it since', () => {
    const endpoints = new EndpointSet(2);
    const images = new EndpointSet(1);
    const { table } = tableOf({
      ...noMedia,
      announce: (words, port) => endpoints.add(words, port),
      withdraw: (words, port) => endpoints.remove(words, port),
      announceImage: (words, port) => images.add(words, port),
      withdrawImage: (words, port) => images.remove(words, port),
    });
    const offers = (callId: string, port: number, atUs: number): void =>
      table.message(within(callId, offer(port)), atUs);
    const isOver = (callId: string, atUs: number): void => {
      for (const each of [ok, bye, gone]) table.message(within(callId, each), atUs);
      table.sweep(atUs + 60e6);
    };
    offers('first', 4000, 0);
    offers('refused', 5000, 1);
    expect([endpoints.refused, images.refused]).toEqual([2, 1]);
    isOver('first', 1e6);
    offers('second', 5000, 62e6);
    isOver('refused', 63e6);
    for (const set of [endpoints, images]) expect(set.isEmpty).toBe(false);
    isOver('second', 124e6);
    for (const set of [endpoints, images]) expect(set.isEmpty).toBe(true);
  });

  test('what is no call opens none', () => {
    const { table } = tableOf();
    table.message(within('a', options), 0);
    table.message(within('b', register), 0);
    table.message(within('c', { ...options, kind: 'response', status: 200 }), 0);
    expect(table.size).toBe(0);
  });

  test('time that goes backwards finishes nothing', () => {
    const { table, ended } = tableOf();
    table.message(within('x', invite), 1e12);
    table.message(within('x', ok), 1e12 + 1);
    table.message(within('x', bye), 1e12 + 2);
    table.message(within('x', gone), 1e12 + 3);
    table.sweep(0);
    expect(ended).toHaveLength(0);
    table.sweep(1e12 + 30e6);
    expect(ended).toHaveLength(1);
  });
});

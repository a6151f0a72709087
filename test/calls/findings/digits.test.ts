import { describe, expect, test } from 'vitest';
import type { FindingRecord } from '../../../src/records/types.ts';
import { ALICE, BOB, Dialog, type MediaLine, sessionOf } from '../dialog.ts';
import { Tape } from '../tape.ts';

const PLAIN: MediaLine['codecs'] = [[0, 'PCMU/8000']];
const EVENTS: MediaLine['codecs'] = [...PLAIN, [101, 'telephone-event/8000']];

/** What is said about digits in a call with two audio lines, of which the answer takes the second. */
function mismatches(first: MediaLine['codecs'], second: MediaLine['codecs']): FindingRecord[] {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  const offer = sessionOf(ALICE.ip, { port: 18_000, codecs: first }, { port: ALICE.rtpPort, codecs: second });
  const answer = sessionOf(BOB.ip, { port: 0, codecs: PLAIN }, { port: BOB.rtpPort, codecs: EVENTS });
  dialog.answered(0, offer, answer);
  dialog.conversation(1050, 400);
  dialog.released(9200);
  return tape.play().findings.filter(({ code }) => code === 'dtmf_mismatch');
}

describe('telephone events of two audio lines', () => {
  test('count where the answer took the line', () => {
    expect(mismatches(PLAIN, EVENTS)).toEqual([]);
    const [found] = mismatches(EVENTS, PLAIN);
    expect(found!.evidence).toMatchObject({
      reason: 'one_side_only',
      callerEvents: false,
      calleeEvents: true,
    });
  });
});

test('digits by INFO that the other side refuses are lost', () => {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  dialog.answered(0);
  dialog.conversation(1050, 400);
  for (const [i, digit] of ['1', '2'].entries()) {
    const body = `Signal=${digit}\r\n`;
    dialog.request(4000 + i * 500, 'INFO', { cseq: 2 + i, body, contentType: 'application/dtmf-relay' });
    dialog.response(4020 + i * 500, 415, 'INFO', { cseq: 2 + i });
  }
  dialog.released(9200);
  const [found] = tape.play().findings;
  expect(found).toMatchObject({
    code: 'dtmf_mismatch',
    severity: 'warning',
    text: 'the caller sends digits by INFO, and the callee refuses them with 415: they are lost',
    evidence: { reason: 'info_refused', infoDigits: 2, infoRefused: 2 },
  });
});

test('comfort noise with a payload type of its own is no digit that is lost', () => {
  const codecs: MediaLine['codecs'] = [
    [97, 'speex/16000'],
    [105, 'CN/16000'],
    [110, 'telephone-event/16000'],
  ];
  const tape = new Tape();
  const dialog = new Dialog(tape);
  const of = ({ ip, rtpPort }: typeof ALICE): string => sessionOf(ip, { port: rtpPort, codecs });
  dialog.answered(0, of(ALICE), of(BOB));
  const pieces: [payloadType: number, from: number, to: number, octets: number][] = [
    [97, 0, 200, 70],
    [105, 200, 203, 1],
    [110, 203, 215, 4],
    [97, 215, 500, 70],
  ];
  for (const [payloadType, from, to, octets] of pieces) {
    dialog.media('caller', 1050 + from * 20, to - from, {
      payloadType,
      octets,
      clockRate: 16_000,
      sequence: 1000 + from,
      timestamp: 50_000 + 320 * (payloadType === 110 ? 203 : from),
    });
  }
  dialog.media('callee', 1057, 500, { payloadType: 97, octets: 70, clockRate: 16_000 });
  dialog.released(11_200);
  const { streams, findings } = tape.play();
  expect(streams.find(({ direction }) => direction === 'callerToCallee')!.media.eventPackets).toBe(12);
  expect(findings.filter(({ code }) => code === 'dtmf_mismatch')).toEqual([]);
});

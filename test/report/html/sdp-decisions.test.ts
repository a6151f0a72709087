import { describe, expect, test } from 'vitest';
import type { ShownMedia, ShownMessage } from '../../../src/report/html/evidence-contract.ts';
import { decisionLines, roleOf, sdpText } from '../../../src/report/html/sdp-decisions.ts';

const media = (changes: Partial<ShownMedia> = {}): ShownMedia => ({
  ...{ type: 'audio', address: '192.0.2.1:4000', refused: false, protocol: 'RTP/AVP' },
  codecs: ['PCMU/8000', 'PCMA/8000', 'telephone-event/8000'],
  ...{ direction: 'sendrecv', held: false, ptimeMs: null, encryption: null },
  ...changes,
});

const step = (
  method: string,
  status: number | null,
  described: ShownMedia | null,
  cseq = 1,
): ShownMessage => ({
  ...{ timeUs: 1, src: null, dst: null, method, status, reasonPhrase: null, cseq, again: false, frame: null },
  sdp: described === null ? null : { media: [described], unreadable: null },
});

const answer = media({ address: '192.0.2.2:5000', codecs: ['PCMA/8000', 'telephone-event/8000'] });

describe('offers and answers', () => {
  test('an INVITE offers, its 200 answers', () => {
    const steps = [step('INVITE', null, media()), step('INVITE', 180, null), step('INVITE', 200, answer)];
    expect(steps.map((_, i) => roleOf(steps, i))).toEqual(['offer', null, 'answer']);
    expect(decisionLines(steps)).toEqual([
      'audio: PCMA/8000 (choice 2 of 2 in the offer), 192.0.2.1:4000 and 192.0.2.2:5000, both ways, keys as telephone-event, not encrypted',
    ]);
  });

  test('without SDP in the INVITE the 200 offers and the ACK answers', () => {
    const steps = [step('INVITE', null, null), step('INVITE', 200, media()), step('ACK', null, answer)];
    expect(steps.map((_, i) => roleOf(steps, i))).toEqual([null, 'offer', 'answer']);
    expect(decisionLines(steps).length).toBe(1);
  });

  test('a re-INVITE is an exchange of its own: hold', () => {
    const hold = media({ direction: 'sendonly', held: true });
    const steps = [
      ...[step('INVITE', null, media()), step('INVITE', 183, answer), step('INVITE', 200, answer)],
      ...[step('INVITE', null, hold, 2), step('INVITE', 200, { ...answer, direction: 'recvonly' }, 2)],
    ];
    expect(steps.map((_, i) => roleOf(steps, i))).toEqual(['offer', 'answer', 'answer', 'offer', 'answer']);
    const lines = decisionLines(steps);
    expect(lines.length).toBe(2);
    expect(lines[1]).toContain('sendonly answered by recvonly (hold)');
  });

  test('the offer of an INVITE sent again stays an offer', () => {
    const steps = [step('INVITE', null, media()), step('INVITE', null, media())];
    expect(steps.map((_, i) => roleOf(steps, i))).toEqual(['offer', 'offer']);
  });

  test('what was refused, not offered, or left unencrypted is said', () => {
    const line = (offered: ShownMedia, answered: ShownMedia): string =>
      decisionLines([step('INVITE', null, offered), step('INVITE', 200, answered)])[0] ?? '';
    expect(line(media(), media({ refused: true, address: null }))).toBe('audio: refused');
    expect(line(media(), media({ codecs: ['G729/8000'] }))).toContain('G729/8000 (which was not offered)');
    expect(line(media(), media({ codecs: ['G729/8000'] }))).toContain('no telephone-event agreed');
    expect(line(media({ encryption: 'SDES' }), answer)).toContain('not encrypted, though SDES was offered');
    expect(line(media({ ptimeMs: 20 }), { ...answer, ptimeMs: 30 })).toContain('ptime 20 against 30');
  });

  test('descriptions in short', () => {
    expect(
      sdpText({ media: [media({ ptimeMs: 20, direction: 'inactive', held: true })], unreadable: null }),
    ).toBe('audio PCMU/8000, PCMA/8000, telephone-event/8000; 192.0.2.1:4000; inactive; ptime 20');
    expect(sdpText({ media: [media({ refused: true })], unreadable: null })).toBe('audio refused');
    expect(sdpText({ media: [], unreadable: 'not_sdp' })).toBe('unreadable (not_sdp)');
  });
});

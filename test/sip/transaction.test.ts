import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SipMessage } from '../../src/sip/message.ts';
import {
  branchDigest,
  findTransaction,
  isUnanswered,
  keepTransaction,
  openTransaction,
  repeatRequest,
  repeatsOf,
  type Transaction,
  takeResponse,
} from '../../src/sip/transaction.ts';
import { compose, parsed } from './examples.ts';

function message(start: string, cseq: string, via = 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'): SipMessage {
  return parsed(
    compose([
      start,
      `Via: ${via}`,
      'From: <sip:a@b>;tag=1',
      'To: <sip:c@d>;tag=2',
      'Call-ID: x',
      `CSeq: ${cseq}`,
    ]),
  );
}

const bye = (via?: string): SipMessage => message('BYE sip:c@d SIP/2.0', '7 BYE', via);
const opened = (request = bye()): Transaction => openTransaction(request, true, 1_000_000);
const ms = (value: number): number => 1_000_000 + value * 1000;

describe('matching (RFC 3261 17.1.3)', () => {
  it('goes by topmost branch, CSeq number and method', () => {
    const list = [opened()];
    const reply = (start: string, cseq: string, via?: string) =>
      findTransaction(list, message(start, cseq, via)) !== null;
    expect(reply('SIP/2.0 200 OK', '7 BYE')).toBe(true);
    expect(reply('SIP/2.0 200 OK', '8 BYE')).toBe(false);
    expect(reply('SIP/2.0 200 OK', '7 INVITE')).toBe(false);
    expect(reply('SIP/2.0 200 OK', '7 BYE', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKb')).toBe(false);
  });

  it('falls back on the sender where there is no branch (RFC 2543)', () => {
    const old = bye('SIP/2.0/UDP 192.0.2.1:5062');
    expect(branchDigest(old)).toBe(branchDigest(bye('SIP/2.0/UDP 192.0.2.1:5062;rport')));
    expect(branchDigest(old)).not.toBe(branchDigest(bye('SIP/2.0/UDP 192.0.2.1:5063')));
  });
});

describe('repetitions', () => {
  it('timer E: doubling up to T2 (17.1.2.2)', () => {
    const transaction = opened();
    for (const at of [500, 1500, 3500, 7500, 11_500]) expect(repeatRequest(transaction, ms(at))).toBe(true);
    expect(repeatsOf(transaction)).toMatchObject({
      copies: 5,
      firstGap: 500_000,
      doubling: true,
      copiesAfterResponse: 0,
      lastOffset: 11_500_000,
    });
  });

  it('timer A with another T1, one copy missing from the capture', () => {
    const transaction = opened(message('INVITE sip:c@d SIP/2.0', '1 INVITE'));
    for (const at of [200, 600, 3000]) repeatRequest(transaction, ms(at));
    expect(repeatsOf(transaction)).toMatchObject({ copies: 3, firstGap: 200_000, doubling: true });
  });

  it('what keeps no timer is counted, and said to be irregular', () => {
    const transaction = opened();
    for (const at of [1000, 2000, 3000]) repeatRequest(transaction, ms(at));
    expect(repeatsOf(transaction)).toMatchObject({ copies: 3, doubling: false });
  });

  it('copies of a mirror or on the next hop are no repetitions', () => {
    const transaction = opened();
    for (const at of [0, 0.03, 4, 79]) expect(repeatRequest(transaction, ms(at))).toBe(false);
    expect(transaction.repeats).toBeNull();
  });

  it('over TCP nothing is repeated but a 2xx', () => {
    const transaction = opened(bye('SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKa'));
    expect(repeatRequest(transaction, ms(500))).toBe(false);
    expect(takeResponse(transaction, 200, ms(10))).toBe('first');
    expect(takeResponse(transaction, 200, ms(510))).toBe('repeated');
  });

  it('tells those after a response had passed, and responses of their own', () => {
    const transaction = opened(message('INVITE sip:c@d SIP/2.0', '1 INVITE'));
    repeatRequest(transaction, ms(500));
    expect(takeResponse(transaction, 100, ms(510))).toBe('later');
    repeatRequest(transaction, ms(1500));
    expect(takeResponse(transaction, 200, ms(2000))).toBe('first');
    expect(takeResponse(transaction, 200, ms(2001))).toBe('copy');
    expect(takeResponse(transaction, 200, ms(2500))).toBe('repeated');
    transaction.acked = true;
    expect(takeResponse(transaction, 200, ms(3500))).toBe('repeated');
    expect(repeatsOf(transaction)).toMatchObject({
      copies: 2,
      copiesAfterResponse: 1,
      finalCopies: 2,
      finalCopiesAfterAck: 1,
      finalLastOffset: 3_500_000,
    });
    expect(transaction).toMatchObject({ responseOffset: 510_000, finalOffset: 2_000_000, status: 200 });
  });
});

describe('answers', () => {
  it('a 100 is the next hop, not an answer', () => {
    const transaction = opened();
    expect(isUnanswered(transaction)).toBe(true);
    takeResponse(transaction, 100, ms(5));
    expect(isUnanswered(transaction)).toBe(true);
    takeResponse(transaction, 180, ms(50));
    expect(isUnanswered(transaction)).toBe(false);
  });

  it('neither times nor status change once the first final response is there, whatever follows', () => {
    const replies = fc.array(
      fc.tuple(fc.integer({ min: 100, max: 699 }), fc.integer({ min: 0, max: 60_000 })),
    );
    fc.assert(
      fc.property(replies, (later) => {
        const transaction = opened();
        takeResponse(transaction, 180, ms(20));
        takeResponse(transaction, 486, ms(40));
        for (const [status, at] of later) takeResponse(transaction, status, ms(40 + at));
        expect(transaction).toMatchObject({ responseOffset: 20_000, finalOffset: 40_000, status: 486 });
      }),
    );
  });
});

describe('the list', () => {
  it('is bounded; what went well gives way first', () => {
    let list: Transaction[] = [];
    const troubled = opened();
    repeatRequest(troubled, ms(500));
    list = keepTransaction(list, troubled);
    for (let i = 0; i < 100; i++) {
      const smooth = opened(message('INFO sip:c@d SIP/2.0', `${10 + i} INFO`));
      takeResponse(smooth, 200, ms(5));
      list = keepTransaction(list, smooth);
    }
    expect(list).toHaveLength(24);
    expect(list[0]).toBe(troubled);
    expect(list.at(-1)!.cseq).toBe(109);
    for (let i = 0; i < 100; i++) list = keepTransaction(list, opened());
    expect(list).toHaveLength(24);
  });
});

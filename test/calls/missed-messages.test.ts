import { describe, expect, test } from 'vitest';
import { missedMessages } from '../../src/calls/missed-messages.ts';
import { createSipFacts, type SipFacts } from '../../src/calls/sip-facts.ts';
import type { Transaction } from '../../src/sip/transaction.ts';

const S = 1_000_000;

/** An INVITE that was answered after a second and acknowledged. */
const invite: Transaction = {
  method: 'INVITE',
  cseq: 1,
  branch: 1,
  fromCaller: true,
  inDialog: false,
  reliable: false,
  firstUs: 0,
  repeats: null,
  responseOffset: 5000,
  finalOffset: S,
  status: 200,
  acked: true,
};
const bye: Transaction = {
  ...invite,
  method: 'BYE',
  cseq: 2,
  inDialog: true,
  firstUs: 20 * S,
  finalOffset: 9000,
};
const unanswered = { responseOffset: null, finalOffset: null, status: 0, acked: false };

const missed = (transactions: readonly Transaction[], changes: Partial<SipFacts> = {}): number =>
  missedMessages(
    { sip: { ...createSipFacts(), heardCaller: true, heardCallee: true, transactions, ...changes } },
    30 * S,
  );

describe('messages that were not captured', () => {
  test('none of a whole call', () => {
    expect(missed([invite, bye])).toBe(0);
  });

  test('the answer to a BYE, the ACK, and the final answer to an INVITE', () => {
    expect(missed([invite, { ...bye, ...unanswered }])).toBe(1);
    expect(missed([{ ...invite, acked: false }, bye])).toBe(1);
    expect(missed([{ ...invite, finalOffset: null, acked: false }, bye])).toBe(1);
  });

  test('not what may have passed elsewhere, been cancelled, or is delivered by the transport', () => {
    const dumb = { ...bye, ...unanswered };
    expect(missed([invite, dumb], { heardCallee: false })).toBe(0);
    expect(missed([invite, { ...dumb, reliable: true }])).toBe(0);
    expect(missed([{ ...invite, acked: false }])).toBe(0);
    const cancel: Transaction = { ...bye, method: 'CANCEL', cseq: 1, inDialog: false };
    expect(missed([{ ...invite, finalOffset: null, acked: false }, cancel])).toBe(0);
  });

  test('not what was sent again, or may yet be', () => {
    const again = {
      copies: 1,
      copiesAfterResponse: 0,
      lastOffset: 500_000,
      firstGap: 500_000,
      doubling: true,
      target: null,
      finalCopies: 1,
      finalCopiesAfterAck: 0,
      finalLastOffset: 500_000,
    };
    expect(missed([invite, { ...bye, ...unanswered, repeats: again }])).toBe(0);
    expect(missed([{ ...invite, acked: false, repeats: again }, bye])).toBe(0);
    expect(missed([invite, { ...bye, ...unanswered, firstUs: 29.5 * S }])).toBe(0);
  });
});

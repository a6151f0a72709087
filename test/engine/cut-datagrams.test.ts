import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { narrowed } from './narrowed.ts';
import { replayed } from './replayed.ts';

/** First fragments hold this much of an INVITE: all headers, no description. */
const CUT = 480;

test('calls whose capture lacks the later fragments, as one filtered by port, have direction and times', () => {
  const demo = new Uint8Array(readFileSync(new URL('../pcaps/demo.pcap', import.meta.url)));
  const facts = (pcap: Uint8Array) =>
    new Map(
      replayed(pcap)
        .calls.filter(({ answerUs }) => answerUs !== null)
        .map(({ callId, from, to, state, startUs, answerUs, endUs, releasedBy }) => [
          callId,
          { from, to, state, startUs, answerUs, endUs, releasedBy },
        ]),
    );
  const whole = facts(demo);
  expect(whole.size).toBe(6);
  expect(facts(narrowed(demo, CUT, true))).toEqual(whole);
});

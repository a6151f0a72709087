import { expect, test } from 'vitest';
import { NOT_KEPT, SHED_NAMES } from '../../src/records/not-kept.ts';
import { discardedWords } from '../../src/report/discarded-words.ts';

test('what was read and found no room is told apart from what could not be decoded', () => {
  const discarded = { fragment_table_full: 2, comparison_table_full: 17_952, rtp_table_full: 1, sip_bad: 5 };
  expect(discardedWords(discarded)).toEqual({
    undecoded: [
      ['sip_bad', 5],
      ['fragment_table_full', 2],
    ],
    notKept: [
      '1 packet of further RTP streams: those streams are not measured, and their calls may seem to lack media [rtp_table_full]',
      '17,952 values to compare calls and streams by: what several of them have in common (a mirror port, a clock, a moment) may not be noticed [comparison_table_full]',
    ],
  });
});

test('what did not happen is not told, nor what the trust verdict says', () => {
  const none = Object.fromEntries(Object.keys(NOT_KEPT).map((name) => [name, 0]));
  expect(discardedWords(none)).toEqual({ undecoded: [], notKept: [] });
  const shed = Object.fromEntries(SHED_NAMES.map((name) => [name, 3]));
  expect(discardedWords(shed)).toEqual({ undecoded: [], notKept: [] });
});

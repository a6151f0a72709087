import { describe, expect, test } from 'vitest';
import { maskReported } from '../../src/privacy/reported.ts';
import { capture } from '../report/records.ts';
import { leaked, pseudonyms } from './secrets.ts';

test('who sends what is no voice in the voice class has a pseudonym', () => {
  const { voiceClass } = maskReported(pseudonyms(true), capture());
  expect(voiceClass).toEqual({
    ...capture().voiceClass,
    sources: [{ ...capture().voiceClass!.sources[0], ip: expect.not.stringMatching(/^10\.0\.0\.9$/) }],
  });
});

describe('what findings quote of the wire', () => {
  const finding = (evidence: object, text = 'something is wrong') => ({ code: 'x', text, evidence });

  test.each([
    [{ reasonPhrase: 'Quastenflosser is out' }, 'set-up failed with 480 Quastenflosser is out'],
    [{ reasonText: 'Quastenflosser hung up' }, 'the BYE of the caller gives SIP "Quastenflosser hung up"'],
    [{ warning: '399 gw "Quastenflosser is not here"' }, 'set-up failed with 480'],
    [{ userAgent: 'Phone/1.0 81234567 quastenflosser@pbx' }, 'refused with 403'],
    [{ otherCallId: 'quastenflosser-81234567' }, 'PCMA here, PCMU in quastenflosser-81234567'],
    [
      { redirectedTo: 'sip:quastenflosser@10.1.0.1, sip:81234567@10.1.0.1' },
      'was sent to sip:quastenflosser@10.1.0.1, sip:81234567@10.1.0.1 (302)',
    ],
    [{ aor: 'sip:quastenflosser@pbx', contact: 'sip:81234567@10.1.0.1' }, 'refused with 403'],
  ])('%j', (evidence, text) => {
    const shown = maskReported(pseudonyms(true), finding(evidence, text));
    // A word that is nowhere else is known once it was met: reports are walked for names first.
    const names = pseudonyms(true);
    maskReported(names, finding(evidence, text));
    const again = maskReported(names, finding(evidence, text));
    expect(leaked(JSON.stringify(again), ['quastenflosser', '81234567', '10.1.0.1'])).toEqual([]);
    expect(leaked(JSON.stringify(shown.evidence), ['quastenflosser', '81234567', '10.1.0.1'])).toEqual([]);
  });

  test('another call is the same in words, in figures, and in its own record', () => {
    const names = pseudonyms(false);
    const otherCallId = 'a84b4c76e66710';
    const shown = maskReported(names, finding({ otherCallId }, `PCMA here, PCMU in ${otherCallId}`));
    const { callId } = maskReported(names, { callId: otherCallId });
    expect(shown.evidence).toEqual({ otherCallId: callId });
    expect(shown.text).toBe(`PCMA here, PCMU in ${callId}`);
    expect(callId).not.toBe(otherCallId);
  });

  test('figures and words of ours stay', () => {
    const evidence = {
      from: 'PCMA',
      to: 'PCMU',
      by: 'caller',
      lostRatio: 0.5,
      cause: 'reason',
      method: 'BYE',
    };
    expect(maskReported(pseudonyms(true), finding(evidence))).toEqual(finding(evidence));
  });
});

test.each([
  [true, ['north', 'customer-a']],
  [false, ['north', 'customer-a', 'sip.sonnenhof.example']],
])('labels (addresses %s): groups are the operator’s, a trunk of no group is a host', (addresses, kept) => {
  const labels = { site: 'north', device: 'customer-a', trunk: 'sip.sonnenhof.example', other: '10.1.0.1' };
  const shown = JSON.stringify(maskReported(pseudonyms(addresses), { labels }));
  expect(leaked(shown, Object.values(labels))).toEqual(addresses ? kept : [...kept, '10.1.0.1']);
});

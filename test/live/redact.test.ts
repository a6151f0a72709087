import { describe, expect, test } from 'vitest';
import { recordWithoutNumbers, withoutNumbers } from '../../src/live/redact.ts';

describe('leaving out who called whom', () => {
  test.each([
    ['sip:+4930123456@example.com', 'sip:…456@example.com'],
    ['sips:alice@[2001:db8::1]:5061', 'sips:…ice@[2001:db8::1]:5061'],
    ['tel:+4930123456', 'tel:…456'],
    ['<sip:bo@x>', '<sip:…@x>'],
    ['from +4930123456 to sip:555@y', 'from …456 to sip:…@y'],
    ['SIP:Carol@x;tag=1', 'SIP:…rol@x;tag=1'],
  ])('%s', (text, expected) => {
    expect(withoutNumbers(text)).toBe(expected);
  });

  test.each(['sip:198.51.100.7:5060', '1234567 packets were lost', '5.6 % of packets', 'sip:example.com'])(
    'what is no user stays: %s',
    (text) => {
      expect(withoutNumbers(text)).toBe(text);
    },
  );

  test('records keep what puts them together', () => {
    const call = {
      callId: 'sip:123456@host',
      from: 'sip:123456@host',
      nested: [{ text: 'to sip:123456@host', lost: 3, at: null }],
    };
    expect(recordWithoutNumbers(call)).toEqual({
      callId: 'sip:123456@host',
      from: 'sip:…456@host',
      nested: [{ text: 'to sip:…456@host', lost: 3, at: null }],
    });
  });
});

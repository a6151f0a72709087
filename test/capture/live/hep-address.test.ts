import { describe, expect, test } from 'vitest';
import { hepAddressText, parseHepAddress } from '../../../src/capture/live/hep-address.ts';

describe('where HEP is received', () => {
  test.each([
    ['udp:127.0.0.1:9060', { transport: 'udp', host: '127.0.0.1', port: 9060 }],
    ['tcp:[::1]:9061', { transport: 'tcp', host: '::1', port: 9061 }],
    ['udp:9060', { transport: 'udp', host: '127.0.0.1', port: 9060 }],
    ['UDP:0.0.0.0:1', { transport: 'udp', host: '0.0.0.0', port: 1 }],
  ])('%s', (text, address) => {
    const parsed = parseHepAddress(text);
    expect(parsed).toEqual({ ok: true, address });
    if (parsed.ok) expect(parseHepAddress(hepAddressText(parsed.address))).toEqual(parsed);
  });

  test.each([
    '9060',
    'udp:',
    'udp:host:9060',
    'udp:::1:9060',
    'udp:127.0.0.1:99999',
    'sctp:127.0.0.1:1',
    'udp:[127.0.0.1]:1',
  ])('not %s', (text) => {
    const parsed = parseHepAddress(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.message).toMatch(/expected|no address|no port/);
  });
});

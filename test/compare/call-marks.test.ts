import { expect, test } from 'vitest';
import { deviceFamily, marksOfCall } from '../../src/compare/call-marks.ts';

test.each([
  ['Yealink SIP-T46S 66.85.0.5', 'Yealink SIP-T46S'],
  ['Yealink SIP-T46S 66.86.0.15', 'Yealink SIP-T46S'],
  ['PolycomVVX-VVX_411-UA/5.9.5.0614', 'PolycomVVX-VVX_411-UA'],
  ['Grandstream GXP2170 1.0.11.35', 'Grandstream GXP2170'],
  ['snomD785/10.1.54.13', 'snomD785'],
  ['Asterisk PBX 18.9.0~dfsg', 'Asterisk PBX'],
  ['FPBX-16.0.19(18.9.0)', 'FPBX'],
  ['Linphone Desktop/4.4.1 (Windows 10)', 'Linphone Desktop'],
  ['Zoiper rv2.10.18', 'Zoiper rv2.10.18'],
  ['MyPhone v2.1', 'MyPhone'],
  ['Cisco-CP8841', 'Cisco-CP8841'],
  ['1.2.3', '1.2.3'],
])('the family of %s', (agent, family) => {
  expect(deviceFamily(agent)).toBe(family);
});

test('names are safe to show and of bounded length; what is no name is none', () => {
  const marks = marksOfCall({
    startTime: '2026-11-20T11:00:00.000000Z',
    site: '\x1b[31mBerlin',
    signalling: {
      userAgents: { caller: 'x'.repeat(1000), callee: 'x'.repeat(500) },
      hosts: { source: 7 as never, destination: '' },
    },
  });
  expect(marks).toEqual({
    startUs: Date.UTC(2026, 10, 20, 11) * 1000,
    ...{ site: '\\x1b[31mBerlin', trunk: null, direction: null },
    ...{ callerDevice: 'x'.repeat(64), calleeDevice: 'x'.repeat(64), source: null, destination: null },
  });
});

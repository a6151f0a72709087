import { describe, expect, it } from 'vitest';
import { isSipKeepAlive, looksLikeSip } from '../../src/sip/detect.ts';
import { bytesOf, EXAMPLES } from './examples.ts';

const detect = (text: string): boolean => {
  const bytes = bytesOf(text);
  return looksLikeSip(bytes, 0, bytes.length);
};

describe('looksLikeSip', () => {
  it.each([
    ...EXAMPLES,
    'SIP/2.0 180 Ringing\r\nVia: x\r\n',
    'SIP/2.0 200 \r\n',
    'FROBNICATE sip:a@b SIP/2.0\r\n',
    "!odd-Method0123_*+`.%'~ sip:a@b SIP/2.0\r\n",
    'INVITE sip:a@b SIP/2.0\n',
    'INVITE sip:a@b SIP/2.0  \r\n',
    'NOTIFY urn:service:sos SIP/2.0\r\n',
    'INVITE tel:+15551234',
    'REGISTER sip:192.1',
  ])('accepts %j', (text) => expect(detect(text)).toBe(true));

  it.each([
    '',
    'SIP/2.0 ',
    'SIP/2.0 OK\r\n',
    'SIP/2.0 700 Odd\r\n',
    'GET / HTTP/1.1\r\nHost: sip:a SIP/2.0\r\n',
    'HTTP/1.1 200 OK\r\n',
    'OPTIONS rtsp://example.com/ RTSP/1.0\r\n',
    'OPTIONS * RTSP/1.0\r\n',
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n',
    'NOTIFY * HTTP/1.1\r\n',
    'NOTIFY * HT',
    'GET sip:a@b',
    'INVITE  SIP/2.0\r\n',
    'INVITE sip:a@b\r\n',
    'INVITE sip:a\0b SIP/2.0\r\n',
    'INV\u0000ITE sip:a@b SIP/2.0\r\n',
    `${'A'.repeat(33)} sip:a@b SIP/2.0\r\n`,
    '\r\n\r\n',
    ' INVITE sip:a@b SIP/2.0\r\n',
  ])('refuses %j', (text) => expect(detect(text)).toBe(false));

  it('refuses RTP, RTCP, STUN and DNS', () => {
    const packets = [
      [0x80, 0x08, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, 0xd5, 0xd5],
      [0x80, 0xc8, 0, 6, 1, 2, 3, 4, 0, 0, 0, 0],
      [0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0],
      [0x1a, 0x2b, 0x01, 0x00, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 3, 0x77, 0x77, 0x77],
    ];
    for (const packet of packets) expect(looksLikeSip(Uint8Array.from(packet), 0, packet.length)).toBe(false);
  });

  it('stays within the range it was given', () => {
    const bytes = bytesOf('xxINVITE sip:a@b SIP/2.0\r\nyy');
    expect(looksLikeSip(bytes, 2, 24)).toBe(true);
    expect(looksLikeSip(bytes, 2, 9)).toBe(false);
    expect(looksLikeSip(bytes, -1, 24)).toBe(false);
    expect(looksLikeSip(bytes, 100, 24)).toBe(false);
    expect(looksLikeSip(bytes, 2, 1_000_000)).toBe(true);
  });

  it('accepts a first line beyond 2 KiB only by its beginning', () => {
    expect(detect(`INVITE sip:${'a'.repeat(3000)}@b SIP/2.0\r\n`)).toBe(true);
    expect(detect(`FROB sip:${'a'.repeat(3000)} SIP/2.0\r\n`)).toBe(false);
    expect(detect(`INVITE http:${'a'.repeat(3000)}@b SIP/2.0\r\n`)).toBe(false);
  });
});

describe('isSipKeepAlive', () => {
  it.each(['\r\n', '\r\n\r\n', '\0', 'jaK'])('knows %j', (text) => {
    const bytes = bytesOf(`x${text}x`);
    expect(isSipKeepAlive(bytes, 1, text.length)).toBe(true);
  });
  it.each(['', '\n', '\r\n\r', 'jak', '\0\0', '\n\r', 'x', '\r\n\r\n\r\n'])('refuses %j', (text) => {
    const bytes = bytesOf(text);
    expect(isSipKeepAlive(bytes, 0, bytes.length)).toBe(false);
  });
  it('refuses a range outside the bytes', () => expect(isSipKeepAlive(bytesOf('\r'), 0, 2)).toBe(false));
});

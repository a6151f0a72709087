/** Messages as real equipment writes them, for tests to read, vary and break. */
import { parseSipMessage, type SipMessage, type SipParseOptions } from '../../src/sip/message.ts';

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));

/** Joins lines with CRLF, ends with a blank line, and appends the body with its Content-Length. */
export function compose(lines: readonly string[], body = ''): string {
  const length = Buffer.byteLength(body, 'utf8');
  return `${[...lines, `Content-Length: ${length}`].join('\r\n')}\r\n\r\n${body}`;
}

export const OFFER = `${[
  'v=0',
  'o=alice 2890844526 2890844527 IN IP4 192.0.2.10',
  's=call',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'm=audio 49170 RTP/AVP 8 0 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:20',
].join('\r\n')}\r\n`;

export const INVITE_LINES = [
  'INVITE sip:+4930123456@sbc.example.net;user=phone SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.10:5062;rport;branch=z9hG4bK776asdhds',
  'Max-Forwards: 70',
  'From: "Alice \\"A\\" Liddell" <sip:alice@example.com>;tag=1928301774',
  'To: <sip:+4930123456@sbc.example.net;user=phone>',
  'Call-ID: a84b4c76e66710@pc33.example.com',
  'CSeq: 314159 INVITE',
  'Contact: <sip:alice@192.0.2.10:5062>',
  'Supported: 100rel, timer',
  'User-Agent: Example Phone 4.2',
  'Content-Type: application/sdp',
];

export const INVITE = compose(INVITE_LINES, OFFER);

export const OK_RESPONSE = compose([
  'SIP/2.0 200 OK',
  'Via: SIP/2.0/UDP 192.0.2.10:5062;rport=5062;received=198.51.100.7;branch=z9hG4bK776asdhds',
  'From: "Alice" <sip:alice@example.com>;tag=1928301774',
  'To: <sip:+4930123456@sbc.example.net>;tag=a6c85cf',
  'Call-ID: a84b4c76e66710@pc33.example.com',
  'CSeq: 314159 INVITE',
  'Contact: <sip:+4930123456@203.0.113.5>',
]);

export const BYE = compose([
  'BYE sip:alice@192.0.2.10:5062 SIP/2.0',
  'v: SIP/2.0/TCP [2001:db8::9]:5060;branch=z9hG4bKnashds10',
  'f: <sip:+4930123456@sbc.example.net>;tag=a6c85cf',
  't: "Alice" <sip:alice@example.com>;tag=1928301774',
  'i: a84b4c76e66710@pc33.example.com',
  'CSeq: 231 BYE',
  'Reason: Q.850;cause=16;text="Normal call clearing"',
]);

export const EXAMPLES: readonly string[] = [INVITE, OK_RESPONSE, BYE];

/** Parses text that must be a message. */
export function parsed(text: string | Uint8Array, options?: SipParseOptions): SipMessage {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const result = parseSipMessage(bytes, 0, bytes.length, options);
  if (!result.ok) throw new Error(`not parsed: ${result.reason} at ${result.at}`);
  return result.message;
}

/** The reason text is no message; null when it is one. */
export function rejected(text: string | Uint8Array, options?: SipParseOptions): string | null {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const result = parseSipMessage(bytes, 0, bytes.length, options);
  return result.ok ? null : result.reason;
}

/** A small valid request with the given header lines in place of its own of the same name. */
export function requestWith(headers: readonly string[], body = ''): string {
  const own = [
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:b@example.com>',
    'Call-ID: call-1',
    'CSeq: 1 OPTIONS',
  ];
  const name = (line: string): string => line.slice(0, line.indexOf(':')).trim().toLowerCase();
  const given = new Set(headers.map(name));
  const lines = [...own.filter((line) => !given.has(name(line))), ...headers];
  return `OPTIONS sip:b@example.com SIP/2.0\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

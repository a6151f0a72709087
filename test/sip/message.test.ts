import { describe, expect, it } from 'vitest';
import { parseSipMessage } from '../../src/sip/message.ts';
import {
  BYE,
  bytesOf,
  compose,
  INVITE,
  INVITE_LINES,
  OFFER,
  OK_RESPONSE,
  parsed,
  rejected,
  requestWith,
} from './examples.ts';

describe('parseSipMessage', () => {
  it('reads a request with everything in it', () => {
    const message = parsed(INVITE);
    expect(message).toMatchObject({
      kind: 'request',
      method: 'INVITE',
      requestUri: 'sip:+4930123456@sbc.example.net;user=phone',
      status: null,
      reasonPhrase: null,
      callId: 'a84b4c76e66710@pc33.example.com',
      cseq: 314159,
      contentType: 'application/sdp',
      sdp: OFFER,
      bodyTruncated: false,
      problems: [],
    });
    expect(message.from).toMatchObject({
      uri: 'sip:alice@example.com',
      display: 'Alice "A" Liddell',
      user: 'alice',
      host: 'example.com',
      port: null,
      tag: '1928301774',
    });
    expect(message.to).toMatchObject({ user: '+4930123456', tag: null, display: null });
    expect(message.via).toEqual([
      {
        transport: 'UDP',
        host: '192.0.2.10',
        port: 5062,
        branch: 'z9hG4bK776asdhds',
        received: null,
        rport: null,
      },
    ]);
    expect(message.contact[0]).toMatchObject({ host: '192.0.2.10', port: 5062 });
    expect(message.headers.get('supported')).toEqual(['100rel', 'timer']);
    expect(Buffer.from(message.body!).toString()).toBe(OFFER);
  });

  it('reads a response: its method is that of the CSeq', () => {
    const message = parsed(OK_RESPONSE);
    expect(message).toMatchObject({
      kind: 'response',
      method: 'INVITE',
      status: 200,
      reasonPhrase: 'OK',
      requestUri: null,
      body: null,
      sdp: null,
    });
    expect(message.via[0]).toMatchObject({ received: '198.51.100.7', rport: 5062 });
    expect(message.to?.tag).toBe('a6c85cf');
  });

  it('reads compact forms and IPv6 hosts', () => {
    const message = parsed(BYE);
    expect(message.via[0]).toMatchObject({ transport: 'TCP', host: '2001:db8::9', port: 5060 });
    expect(message.headers.get('call-id')).toEqual(['a84b4c76e66710@pc33.example.com']);
    expect(message.from?.tag).toBe('a6c85cf');
    expect(message.problems).toEqual([]);
  });

  it('keeps no reference to the bytes it read', () => {
    const bytes = bytesOf(INVITE);
    const message = parsed(bytes);
    bytes.fill(0);
    expect(message.sdp).toBe(OFFER);
    expect(Buffer.from(message.body!).toString()).toBe(OFFER);
    expect(Buffer.isBuffer(message.body)).toBe(false);
  });

  it('reads at an offset and clamps a range outside the bytes', () => {
    const bytes = bytesOf(`junk${BYE}`);
    expect(parseSipMessage(bytes, 4, bytes.length - 4).ok).toBe(true);
    expect(parseSipMessage(bytes, 4, 1e9).ok).toBe(true);
    expect(parseSipMessage(bytes, 1e9, 10)).toEqual({ ok: false, reason: 'empty', at: 0 });
    expect(parseSipMessage(bytes, -5, 2).ok).toBe(false);
  });

  it('accepts bare LF and a mix, and says so', () => {
    const message = parsed(INVITE.replaceAll('\r\n', '\n'));
    expect(message.problems).toContain('bare_lf');
    expect(message.via).toHaveLength(1);
    expect(message.sdp).toContain('m=audio 49170');
  });

  it('does without the final blank line', () => {
    const message = parsed(compose(INVITE_LINES).replace(/\r\n\r\n$/, ''));
    expect(message.problems).toEqual(['no_blank_line']);
    expect(message.body).toBeNull();
    expect(message.headers.get('content-length')).toEqual(['0']);
  });

  it('ignores empty lines before the start line', () => {
    expect(parsed(`\r\n\r\n${BYE}`).problems).toEqual(['start_line_leading_lines']);
  });

  it.each([
    ['OPTIONS  sip:b@example.com SIP/2.0', 'start_line_spaces'],
    ['OPTIONS sip:b@example.com\tSIP/2.0', 'start_line_spaces'],
    ['OPTIONS sip:b@example.com SIP/2.0  ', 'start_line_spaces'],
    ['OPTIONS sip:b@example.com; lr SIP/2.0', 'uri_spaces'],
  ])('tolerates the start line %j', (line, problem) => {
    const message = parsed(requestWith([]).replace(/^.*/, line));
    expect(message.method).toBe('OPTIONS');
    expect(message.problems).toContain(problem);
  });

  it.each([
    ['SIP/2.0 404', 404, ''],
    ['SIP/2.0 404 ', 404, ''],
    ['SIP/2.0 180 = 2**3 * 9**2 but not=?', 180, '= 2**3 * 9**2 but not=?'],
    ['sip/2.0 183 Progrès', 183, 'Progrès'],
  ])('reads the status line %j', (line, status, reasonPhrase) => {
    expect(parsed(requestWith([]).replace(/^.*/, line))).toMatchObject({
      status,
      reasonPhrase,
      problems: [],
    });
  });

  it.each([
    ['OPTIONS sip:b@example.com SIP/7.0', 'unsupported_version'],
    ['SIP/3.0 200 OK', 'unsupported_version'],
    ['OPTIONS sip:b@example.com HTTP/1.1', 'bad_start_line'],
    ['OPTIONS SIP/2.0', 'bad_start_line'],
    ['SIP/2.0 4040 No', 'bad_start_line'],
    ['SIP/2.0 007 No', 'bad_start_line'],
    ['OPT(IONS sip:b SIP/2.0', 'bad_start_line'],
    [`OPTIONS sip:${'b'.repeat(2100)} SIP/2.0`, 'uri_too_long'],
  ])('refuses the start line %j', (line, reason) => {
    expect(rejected(requestWith([]).replace(/^.*/, line))).toBe(reason);
  });

  it('refuses what cannot be assigned to a call', () => {
    const without = (name: string): string =>
      requestWith([])
        .split('\r\n')
        .filter((line) => !line.startsWith(name))
        .join('\r\n');
    expect(rejected(without('Call-ID'))).toBe('no_call_id');
    expect(rejected(without('CSeq'))).toBe('no_cseq');
    expect(rejected(requestWith(['Call-ID:']))).toBe('no_call_id');
    expect(rejected(requestWith([`Call-ID: ${'x'.repeat(1025)}`]))).toBe('call_id_too_long');
    expect(rejected(requestWith(['CSeq: 36893488147419103232 OPTIONS']))).toBe('bad_cseq');
    expect(rejected(requestWith(['CSeq: 4294967296 OPTIONS']))).toBe('bad_cseq');
    expect(rejected(requestWith(['CSeq: -1 OPTIONS']))).toBe('bad_cseq');
    expect(rejected(requestWith(['CSeq: one OPTIONS']))).toBe('bad_cseq');
    expect(rejected(requestWith(['CSeq: 1']).replace(/^.*/, 'SIP/2.0 200 OK'))).toBe('bad_cseq');
    expect(rejected('')).toBe('empty');
    expect(rejected('\r\n\r\n')).toBe('empty');
    expect(rejected(`${INVITE}${' '.repeat(66_000)}`)).toBe('too_long');
  });

  it('tells where it failed', () => {
    const text = requestWith(['CSeq: one OPTIONS']);
    const result = parseSipMessage(bytesOf(text), 0, text.length);
    expect(result).toEqual({ ok: false, reason: 'bad_cseq', at: text.indexOf('CSeq') });
  });

  it.each(['Via', 'From', 'To'])('salvages a message without %s', (name) => {
    const text = requestWith([])
      .split('\r\n')
      .filter((line) => !line.startsWith(`${name}:`))
      .join('\r\n');
    expect(parsed(text).problems).toEqual([`no_${name.toLowerCase()}`]);
  });

  it('reads odd CSeq values and notes them', () => {
    expect(parsed(requestWith(['CSeq: 0009\t\t OPTIONS']))).toMatchObject({ cseq: 9, problems: [] });
    expect(parsed(requestWith(['CSeq: 4294967295 OPTIONS'])).problems).toEqual(['cseq_out_of_range']);
    expect(parsed(requestWith(['CSeq: 5'])).problems).toEqual(['cseq_method_missing']);
    expect(parsed(requestWith(['CSeq: 5 INVITE']))).toMatchObject({
      method: 'OPTIONS',
      problems: ['cseq_method_mismatch'],
    });
  });

  it('takes the first of repeated single headers', () => {
    const same = parsed(requestWith(['Call-ID: one', 'i: one']));
    expect(same.problems).toEqual(['duplicate_header']);
    const different = parsed(requestWith(['Call-ID: one', 'i: two', 'CSeq: 1 OPTIONS', 'CSeq: 2 OPTIONS']));
    expect(different).toMatchObject({ callId: 'one', cseq: 1 });
    expect(different.problems).toEqual(['duplicate_header', 'duplicate_header_differs']);
    expect(different.headers.get('call-id')).toEqual(['one', 'two']);
  });

  it('unfolds headers and splits lists, with care for quotes and brackets', () => {
    const message = parsed(
      requestWith([
        'Subject: one,\r\n two\r\n\t  three',
        'Contact: "Bell, A" <sip:a@b;x=1,2>;q=0.7, <sip:c@d>,\r\n sip:e@f;expires=5',
        'Contact: "\\"," <sip:g@h>',
        'Route: <sip:p1;lr>,<sip:p2;lr>, ,',
        'Date: Sat, 13 Nov 2010 23:29:00 GMT',
      ]),
    );
    expect(message.headers.get('subject')).toEqual(['one, two three']);
    expect(message.contact.map(({ uri }) => uri)).toEqual(['sip:a@b;x=1,2', 'sip:c@d', 'sip:e@f', 'sip:g@h']);
    expect(message.contact.map(({ display }) => display)).toEqual(['Bell, A', null, null, '",']);
    expect(message.headers.get('route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
    expect(message.headers.get('date')).toEqual(['Sat, 13 Nov 2010 23:29:00 GMT']);
    expect(message.problems).toEqual([]);
  });

  it('passes over lines that are no header', () => {
    const message = parsed(requestWith(['no colon here', ': no name', 'bad name: x', 'X-Ok : fine']));
    expect(message.problems).toEqual(['malformed_header']);
    expect(message.headers.get('x-ok')).toEqual(['fine']);
  });

  it('survives header names of the object prototype', () => {
    const message = parsed(requestWith(['__proto__: a', 'constructor: b', 'toString: c']));
    expect(message.headers.get('__proto__')).toEqual(['a']);
    expect(message.headers.get('constructor')).toEqual(['b']);
    expect(message.headers.get('hasownproperty')).toBeUndefined();
  });

  it('bounds headers and values', () => {
    const many = parsed(requestWith(Array.from({ length: 300 }, (_, i) => `X-${i}: ${i}`)));
    expect(many.headers.size).toBe(256);
    expect(many.problems).toContain('too_many_headers');
    const list = parsed(requestWith([`Route: ${'<sip:p>,'.repeat(300)}`]));
    expect(list.headers.get('route')).toHaveLength(256);
    expect(list.problems).toContain('too_many_headers');
    const long = parsed(requestWith([`X-Long: ${'y'.repeat(9000)}`]));
    expect(long.headers.has('x-long')).toBe(false);
    expect(long.problems).toEqual(['header_too_long']);
    expect(parsed(requestWith([`From: <sip:${'y'.repeat(2000)}@b>;tag=1`]))).toMatchObject({
      from: null,
      problems: ['bad_from'],
    });
  });

  it('notes control bytes and keeps undecodable ones', () => {
    const nul = parsed(requestWith(['Subject: a\0b']));
    expect(nul.problems).toEqual(['control_bytes']);
    const latin = Buffer.from(requestWith(['Subject: Gr\u00fcn', 'X-Utf: \u00fc']), 'utf8');
    const at = latin.indexOf('Gr');
    const broken = Buffer.concat([latin.subarray(0, at), Buffer.from([0x47, 0xfc]), latin.subarray(at + 5)]);
    const message = parsed(new Uint8Array(broken));
    expect(message.headers.get('subject')).toEqual(['Gü']);
    expect(message.headers.get('x-utf')).toEqual(['ü']);
  });
});

describe('Content-Length', () => {
  const withLength = (header: string[], body: string) => parsed(requestWith(header, body));

  it('takes all there is when absent', () => {
    const message = withLength([], 'hello');
    expect(Buffer.from(message.body!).toString()).toBe('hello');
    expect(message).toMatchObject({ bodyTruncated: false, problems: [] });
  });
  it('cuts what exceeds it', () => {
    const message = withLength(['l: 3'], 'hello');
    expect(Buffer.from(message.body!).toString()).toBe('hel');
    expect(message).toMatchObject({ bodyTruncated: false, problems: ['content_length_small'] });
  });
  it('says when it announces too much', () => {
    expect(withLength(['Content-Length: 9'], 'hello')).toMatchObject({
      bodyTruncated: true,
      problems: ['content_length_large'],
    });
  });
  it.each(['-1', 'x', '', '1e3', '99999999999999999999'])('does not believe %j', (value) => {
    const message = withLength([`Content-Length: ${value}`], 'hello');
    expect(Buffer.from(message.body!).toString()).toBe('hello');
    expect(message.problems).toEqual(['content_length_invalid']);
  });
});

describe('captures cut by the snap length', () => {
  it('uses whole header lines only', () => {
    const text = INVITE.slice(0, INVITE.indexOf('Max-Forwards') + 4);
    expect(rejected(text, { truncated: true })).toBe('truncated');
    expect(rejected('INVITE sip:alice@exam', { truncated: true })).toBe('truncated');
    expect(rejected('SIP/2.0 200 OK', { truncated: true })).toBe('truncated');
  });
  it('drops the cut header and any fold of it', () => {
    const text = INVITE.slice(0, INVITE.indexOf('User-Agent') + 14);
    const message = parsed(text, { truncated: true });
    expect(message.headers.has('user-agent')).toBe(false);
    expect(message).toMatchObject({ bodyTruncated: true, problems: [] });
    const folded = `${requestWith([]).trimEnd()}\r\nSubject: a\r\n b`;
    expect(parsed(folded, { truncated: true }).headers.has('subject')).toBe(false);
  });
  it('keeps the part of the body that is there', () => {
    const message = parsed(INVITE.slice(0, -20), { truncated: true });
    expect(message.bodyTruncated).toBe(true);
    expect(message.sdp).toBe(OFFER.slice(0, -20));
    expect(message.problems).toEqual([]);
  });
});

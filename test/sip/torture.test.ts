/** Legal but nasty, and illegal but common, messages in the spirit of RFC 4475 sections 3.1 to 3.3. */
import { describe, expect, it } from 'vitest';
import { looksLikeSip } from '../../src/sip/detect.ts';
import { bytesOf, parsed, rejected, requestWith } from './examples.ts';

const detected = (text: string): boolean => {
  const bytes = bytesOf(text);
  return looksLikeSip(bytes, 0, bytes.length);
};

describe('legal but nasty', () => {
  it('reads a request that uses every freedom of the grammar', () => {
    const text = [
      'INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0',
      'TO :',
      ' sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n',
      'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>',
      '  ;',
      '  tag = 98asjd8',
      'MaX-fOrWaRdS: 0068',
      'Call-ID: wsinv.ndaksdj@192.0.2.1',
      'Content-Length   : 9',
      'cseq: 0009',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ' /UDP',
      '    192.0.2.2;branch=390skdjuw',
      's :',
      'NewFangledHeader:   newfangled value',
      ' continued newfangled value',
      'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      'Content-Type: text/plain',
      'Route:',
      ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>',
      'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
      '  branch  =   z9hG4bK9ikj8  ,',
      ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
      ' z9hG4bK30239',
      'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =',
      '      newvalue ;',
      '  secondparam ; q = 0.33',
      '',
      'v=0 body\n',
    ].join('\r\n');
    expect(detected(text)).toBe(true);
    const message = parsed(text);
    expect(message).toMatchObject({
      method: 'INVITE',
      callId: 'wsinv.ndaksdj@192.0.2.1',
      cseq: 9,
      problems: [],
      sdp: null,
      to: { uri: 'sip:vivekg@chair-dnrc.example.com', tag: '1918181833n' },
      from: { uri: 'sip:jdrosen@example.com', display: 'J Rosenberg \\"', tag: '98asjd8' },
      via: [
        { transport: 'UDP', host: '192.0.2.2', branch: '390skdjuw' },
        { transport: 'TCP', host: 'spindle.example.com', branch: 'z9hG4bK9ikj8' },
        { transport: 'UDP', host: '192.168.255.111', branch: 'z9hG4bK30239' },
      ],
      contact: [{ display: 'Quoted string ""' }],
    });
    expect(message.contact[0]!.params.get('newparam')).toBe('newvalue');
    expect(message.contact[0]!.params.get('q')).toBe('0.33');
    expect(message.headers.get('subject')).toEqual(['']);
    expect(message.headers.get('newfangledheader')).toEqual(['newfangled value continued newfangled value']);
  });

  it('reads an unknown method with unusual characters', () => {
    const text = requestWith(["CSeq: 139122385 !odd-Method_*+`.%'~"]).replace(
      /^.*/,
      "!odd-Method_*+`.%'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
    );
    expect(detected(text)).toBe(true);
    expect(parsed(text)).toMatchObject({ method: "!odd-Method_*+`.%'~", cseq: 139122385, problems: [] });
  });

  it('keeps escaped characters as they are', () => {
    const message = parsed(
      requestWith([
        'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
        'To: <sip:null-%00-null@example.com>',
        'm: <sip:cal%6Cer@host5.example.com;%6C%72;n%61me=v%61lue%25%34%31>',
      ]),
    );
    expect(message.from?.display).toBe('%Z%45');
    expect(message.to?.user).toBe('null-%00-null');
    expect(message.contact[0]?.user).toBe('cal%6Cer');
  });

  it('takes what follows the body for no part of it', () => {
    const body = 'v=0\r\nm=audio 1 RTP/AVP 0\r\n';
    const second = requestWith(['Call-ID: second']);
    const message = parsed(
      requestWith(['Content-Type: application/sdp', `l: ${body.length}`], body + second),
    );
    expect(message).toMatchObject({ sdp: body, callId: 'call-1', problems: ['content_length_small'] });
  });

  it('reads names and phrases in other scripts', () => {
    const text = requestWith(['From: "И С Иванов" <sip:i@example.com>;tag=1']).replace(
      /^.*/,
      'SIP/2.0 200 ∑ Добро',
    );
    expect(parsed(text)).toMatchObject({ reasonPhrase: '∑ Добро', from: { display: 'И С Иванов' } });
  });

  it('reads a transport nobody knows, and a branch of the magic cookie only', () => {
    const message = parsed(
      requestWith(['Via: SIP/2.0/FUTURE h.example;branch=z9hG4bK', 'Via: SIP/2.0/TLS-SCTP x']),
    );
    expect(message.via.map(({ transport, branch }) => [transport, branch])).toEqual([
      ['FUTURE', 'z9hG4bK'],
      ['TLS-SCTP', null],
    ]);
  });
});

describe('illegal', () => {
  it('survives scalar values out of range', () => {
    const message = parsed(
      requestWith(['Max-Forwards: 300', 'Expires: 10000000000', 'm: <sip:a@b>;expires=280297596632815']),
    );
    expect(message.contact).toHaveLength(1);
    expect(rejected(requestWith(['CSeq: 9292394834772304023312 OPTIONS']))).toBe('bad_cseq');
  });
  it('survives unclosed quotes', () => {
    expect(parsed(requestWith(['To: "Mr J. User <sip:j.user@example.com>'])).problems).toEqual(['bad_to']);
    expect(parsed(requestWith(['Contact: "Joe <sip:joe@example.org>;;;;'])).contact).toHaveLength(1);
  });
  it('survives a Request-URI in brackets and an unknown scheme', () => {
    const bracketed = requestWith([]).replace(/^.*/, 'OPTIONS <sip:user@example.com> SIP/2.0');
    expect(parsed(bracketed).requestUri).toBe('<sip:user@example.com>');
    const unknown = requestWith(['To: <nobodyKnowsThisScheme:opaque>']).replace(
      /^.*/,
      'OPTIONS soap.beep://x SIP/2.0',
    );
    expect(parsed(unknown)).toMatchObject({
      to: { uri: 'nobodyKnowsThisScheme:opaque', host: null },
      problems: [],
    });
  });
  it('survives many copies of every header', () => {
    const copies = [
      'Call-ID: x',
      'CSeq: 1 OPTIONS',
      'From: <sip:a@b>;tag=1',
      'To: <sip:c@d>',
      'Max-Forwards: 1',
    ];
    const message = parsed(requestWith([...copies, ...copies.map((line) => `${line}0`)]));
    expect(message).toMatchObject({ callId: 'x', from: { tag: '1' } });
    expect(message.problems).toEqual(['duplicate_header', 'duplicate_header_differs']);
  });
});

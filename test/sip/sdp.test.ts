import { describe, expect, it } from 'vitest';
import { isHeld, parseSdp, type SdpMedia, type SdpSession } from '../../src/sip/sdp.ts';
import { OFFER } from './examples.ts';

function session(text: string): SdpSession {
  const result = parseSdp(text);
  if (!result.ok) throw new Error(result.reason);
  return result.session;
}

const HEAD = ['v=0', 'o=- 1 2 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0'];
const withLines = (...lines: string[]): SdpSession => session(`${[...HEAD, ...lines].join('\r\n')}\r\n`);
const media = (...lines: string[]): SdpMedia => withLines(...lines).media[0]!;

describe('parseSdp', () => {
  it('reads an audio offer', () => {
    const offer = session(OFFER);
    expect(offer).toMatchObject({
      origin: {
        username: 'alice',
        sessionId: '2890844526',
        sessionVersion: '2890844527',
        address: '192.0.2.10',
      },
      name: 'call',
      address: '192.0.2.10',
      direction: null,
      groups: [],
      problems: [],
    });
    expect(offer.media).toEqual([
      {
        index: 0,
        type: 'audio',
        port: 49170,
        portCount: 1,
        protocol: 'RTP/AVP',
        formats: ['8', '0', '101'],
        payloadTypes: [8, 0, 101],
        address: '192.0.2.10',
        codecs: [
          { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: null, fmtp: null },
          { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: null, fmtp: '0-16' },
        ],
        direction: 'sendrecv',
        rtcpPort: null,
        rtcpAddress: null,
        rtcpMux: false,
        silenceSuppression: null,
        ptimeMs: 20,
        maxptimeMs: null,
        crypto: [],
        fingerprint: null,
        setup: null,
        mid: null,
        candidates: [],
        ssrcs: [],
        bandwidthKbps: null,
      },
    ]);
  });

  it.each(['\n', '\r', '\r\n'])('accepts %j as line end', (end) => {
    expect(session(OFFER.replaceAll('\r\n', end)).media[0]!.codecs).toHaveLength(2);
  });

  it('keeps each level to its own: address, direction, rejected media, T.38', () => {
    const { media: all } = withLines(
      'a=sendonly',
      'm=audio 4000 RTP/AVP 0',
      'c=IN IP4 198.51.100.1/127/3',
      'a=recvonly',
      'm=video 0 RTP/AVP 31',
      'm=image 4002 udptl t38',
      'a=T38FaxVersion:0',
      'm=application 9 TCP/TLS/BFCP *',
    );
    expect(all.map(({ type, port, address, direction }) => [type, port, address, direction])).toEqual([
      ['audio', 4000, '198.51.100.1', 'recvonly'],
      ['video', 0, '192.0.2.1', 'sendonly'],
      ['image', 4002, '192.0.2.1', 'sendonly'],
      ['application', 9, '192.0.2.1', 'sendonly'],
    ]);
    expect(all[2]).toMatchObject({ protocol: 'udptl', formats: ['t38'], payloadTypes: [] });
  });

  it('reads RTCP, ICE, DTLS, SDES and bandwidth', () => {
    const one = media(
      'a=group:BUNDLE 0 1',
      'a=fingerprint:sha-256 AA:BB',
      'a=setup:actpass',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111 9',
      'b=TIAS:64000',
      'b=AS:80',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=1',
      'a=rtcp:5001 IN IP6 2001:db8::5',
      'a=rtcp-mux',
      'a=mid:0',
      'a=maxptime:120',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4',
      'a=crypto:2  F8_128_HMAC_SHA1_80 inline:x',
      'a=candidate:1 1 UDP 2130706431 2001:db8::7 54400 typ host generation 0',
      'a=candidate:2 2 udp 1694498815 198.51.100.9 54401 typ srflx raddr 10.0.0.1 rport 5',
      'a=candidate:3 1 udp 1 198.51.100.9 99999 typ host',
      'a=ssrc:2566107569 cname:x',
      'a=ssrc:2566107569 msid:y z',
      'a=ssrc:4294967296 cname:x',
    );
    expect(one).toMatchObject({
      protocol: 'UDP/TLS/RTP/SAVPF',
      payloadTypes: [111, 9],
      codecs: [{ name: 'opus', clockRate: 48000, channels: 2, fmtp: 'minptime=10;useinbandfec=1' }],
      rtcpPort: 5001,
      rtcpAddress: '2001:db8::5',
      rtcpMux: true,
      mid: '0',
      maxptimeMs: 120,
      fingerprint: 'sha-256 AA:BB',
      setup: 'actpass',
      ssrcs: [2566107569],
      bandwidthKbps: 80,
    });
    expect(one.crypto).toHaveLength(2);
    expect(one.crypto[1]).toBe('2  F8_128_HMAC_SHA1_80 inline:x');
    expect(one.candidates).toEqual([
      { address: '2001:db8::7', port: 54400, component: 1, type: 'host' },
      { address: '198.51.100.9', port: 54401, component: 2, type: 'srflx' },
    ]);
    expect(media('m=audio 1 RTP/AVP 0', 'b=TIAS:63500')).toMatchObject({ bandwidthKbps: 64 });
    expect(withLines('a=group:BUNDLE 0 1').groups).toEqual(['BUNDLE 0 1']);
  });

  it('reads who sends with which SSRCs, within bounds', () => {
    expect(
      media(
        'm=video 4000 RTP/AVPF 96',
        'a=ssrc-group:FID 11 12',
        'a=ssrc:11 cname:x',
        'a=ssrc:12',
        'a=ssrc-group:SIM',
        'a=ssrc:0 cname:x',
        'a=ssrc:4294967295 cname:x',
      ).ssrcs,
    ).toEqual([11, 12, 0, 4294967295]);
    expect(media('a=ssrc:1 cname:x', 'm=audio 4000 RTP/AVP 0').ssrcs).toEqual([]);
    for (const line of ['a=ssrc:0x11 cname:x', 'a=ssrc:-1', 'a=ssrc', 'a=ssrc-group:FID 1 x']) {
      expect(withLines('m=audio 4000 RTP/AVP 0', line).problems).toEqual(['malformed_ssrc']);
    }
    const ids = (from: number, count: number): string =>
      Array.from({ length: count }, (_, i) => from + i).join(' ');
    const line = withLines('m=audio 4000 RTP/AVP 0', `a=ssrc-group:SIM ${ids(1, 64)}`, 'a=ssrc:64 cname:x');
    expect([line.media[0]!.ssrcs.length, line.problems]).toEqual([64, []]);
    const longer = withLines('m=audio 4000 RTP/AVP 0', `a=ssrc-group:SIM ${ids(1, 5000)}`);
    expect([longer.media[0]!.ssrcs.length, longer.problems]).toEqual([64, ['too_many_ssrcs']]);
    const many = withLines(
      ...[0, 1, 2].flatMap((i) => ['m=audio 4000 RTP/AVP 0', `a=ssrc-group:SIM ${ids(100 * i, 60)}`]),
    );
    expect(many.media.map(({ ssrcs }) => ssrcs.length)).toEqual([60, 60, 8]);
    expect(many.problems).toEqual(['too_many_ssrcs']);
  });

  it('tolerates port counts, odd tokens and white space', () => {
    expect(media('m=audio 49170/2 RTP/AVP 0')).toMatchObject({
      port: 49170,
      portCount: 2,
      payloadTypes: [0],
    });
    expect(media('m=x-data 49170 RTP/AVP 0')).toMatchObject({ type: 'x-data', port: 49170 });
    expect(media('m=audio 1 RTP/AVP 97', 'a=rtpmap:97 G.722+x!/16000').codecs[0]).toMatchObject({
      name: 'G.722+x!',
      clockRate: 16000,
    });
    expect(media('m=audio  4000\tRTP/AVP  8 0 ', 'a=rtpmap: 8  PCMA/8000 ', 'a=ptime: 30 ')).toMatchObject({
      port: 4000,
      payloadTypes: [8, 0],
      codecs: [{ name: 'PCMA' }],
      ptimeMs: 30,
    });
    expect(media('m=audio 1 RTP/AVP 0', 'a=rtcp-mux-only').rtcpMux).toBe(true);
    expect(media('m=audio 1 RTP/AVP 0', 'a=silenceSupp:off - - - -').silenceSuppression).toBe(false);
    expect(media('m=audio 1 RTP/AVP 0', 'a=silenceSupp:on').silenceSuppression).toBe(true);
    expect(media('m=audio 1 RTP/AVP 0', 'a=silenceSupp:offside').silenceSuppression).toBeNull();
  });

  it('gives back text as text where the grammar makes numbers', () => {
    const one = withLines('m=audio 1 RTP/AVP 97', 'a=rtpmap:97 0700/8000', 'a=fmtp:97 1', 'a=mid:7');
    expect(one.media[0]).toMatchObject({ mid: '7', codecs: [{ name: '0700', fmtp: '1' }] });
    expect(session('v=0\no=NaN 1 2 IN IP4 3\ns=Infinity').origin).toMatchObject({
      username: 'NaN',
      address: '3',
    });
  });

  it('validates numbers', () => {
    expect(withLines('m=audio 70000 RTP/AVP 0')).toMatchObject({
      media: [{ port: 0, type: '' }],
      problems: ['malformed_media'],
    });
    expect(withLines('m=audio 1 RTP/AVP 0 128 x 8 8').problems).toEqual(['payload_type_out_of_range']);
    expect(media('m=audio 1 RTP/AVP 0 128 x 8 8').payloadTypes).toEqual([0, 8]);
    for (const map of ['97 X/0', '97 X/1000001', '97 X', '97 X/-1', '200 X/8000', 'x', '']) {
      expect(withLines('m=audio 1 RTP/AVP 97', `a=rtpmap:${map}`)).toMatchObject({
        media: [{ codecs: [] }],
        problems: ['malformed_rtpmap'],
      });
    }
    expect(media('m=audio 1 RTP/AVP 97', 'a=rtpmap:97 X/8000/0').codecs[0]).toMatchObject({ channels: null });
    for (const ptime of ['0', '-5', '1001', 'x', '', '1e2', 'Infinity']) {
      expect(media('m=audio 1 RTP/AVP 0', `a=ptime:${ptime}`).ptimeMs).toBeNull();
    }
    expect(media('m=audio 1 RTP/AVP 0', 'a=ptime:22.5').ptimeMs).toBe(22.5);
    expect(media('m=audio 1 RTP/AVP 0', 'a=rtcp:70000').rtcpPort).toBeNull();
  });

  it('keeps the place of a media line it cannot read', () => {
    const { media: all, problems } = withLines('m=', 'm=audio', 'm=audio 4000 RTP/AVP 0');
    expect(all.map(({ index, port }) => [index, port])).toEqual([
      [0, 0],
      [1, 0],
      [2, 4000],
    ]);
    expect(problems).toEqual(['malformed_media']);
  });

  it('says what is missing', () => {
    expect(session('v=0\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n').problems).toEqual([
      'no_origin',
      'no_connection',
    ]);
    expect(session('m=audio 0 RTP/AVP 0\r\n').problems).toEqual(['no_version', 'no_origin']);
  });

  it('refuses what is no SDP, or too much', () => {
    const reason = (text: string): string | null => {
      const result = parseSdp(text);
      return result.ok ? null : result.reason;
    };
    expect(reason('')).toBe('empty');
    expect(reason(' \r\n')).toBe('empty');
    expect(reason('<xml/>')).toBe('not_sdp');
    expect(reason('x'.repeat(70_000))).toBe('too_long');
    expect(reason(`v=0\n${'a=x\n'.repeat(1024)}`)).toBe('too_many_lines');
    expect(reason(`v=0\n${'a=x\n'.repeat(1023)}`)).toBeNull();
    expect(reason(`v=0\n${'m=audio 1 RTP/AVP 0\n'.repeat(33)}`)).toBe('too_many_media');
    expect(reason(`v=0\n${'m=audio 1 RTP/AVP 0\n'.repeat(32)}`)).toBeNull();
    const many = withLines(`m=audio 1 RTP/AVP ${Array.from({ length: 100 }, (_, i) => i).join(' ')}`);
    expect(many.media[0]!.payloadTypes).toHaveLength(64);
    expect(many.problems).toEqual(['too_many_formats']);
  });

  it('is safe against names of the object prototype', () => {
    const one = withLines(
      'a=__proto__:x',
      'm=audio 1 RTP/AVP 97',
      'a=constructor:y',
      'a=rtpmap:97 __proto__/8000',
    );
    expect(one.media[0]!.codecs[0]!.name).toBe('__proto__');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(session('v=0\nb=__proto__:1\nc=constructor').address).toBeNull();
  });

  it('takes no more than linear time on hostile lines', () => {
    const fillers = ['1', 'a', ' ', '/', '.', '|', '[x] ', '1 ', 'a:', '\t', ':', '=', '.1', 'typ ', '-'];
    const starts = [
      'a=rtpmap:1 ',
      'a=rtpmap:',
      'a=ptime:',
      'a=maxptime:1',
      'a=fmtp:1 ',
      'a=candidate:',
      'a=candidate:1 1 udp 1 h 1 typ ',
      'a=crypto:',
      'a=fingerprint:',
      'a=ssrc:1 ',
      'a=rtcp:1 ',
      'a=group:',
      'a=mid:',
      'a=imageattr:97 send ',
      'a=simulcast:send ',
      'a=source-filter: ',
      'a=',
      'm=',
      'm=audio 1 RTP/AVP ',
      'o=',
      'c=IN IP4 ',
      'b=AS:',
      's=',
    ];
    for (const start of starts) {
      for (const filler of fillers) {
        const line = start + filler.repeat(Math.floor(64_000 / filler.length));
        const began = performance.now();
        parseSdp(`v=0\r\nm=audio 1 RTP/AVP 0\r\n${line}!\r\n`);
        expect(performance.now() - began, `${start} ${filler}`).toBeLessThan(1000);
      }
    }
  });
});

describe('isHeld', () => {
  it('knows both ways to hold', () => {
    expect(isHeld(media('m=audio 4000 RTP/AVP 0', 'a=sendonly'))).toBe(true);
    expect(isHeld(media('m=audio 4000 RTP/AVP 0', 'a=inactive'))).toBe(true);
    expect(isHeld(media('m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'))).toBe(true);
    expect(isHeld(media('m=audio 4000 RTP/AVP 0', 'c=IN IP6 ::'))).toBe(true);
    expect(isHeld(media('m=audio 4000 RTP/AVP 0', 'c=IN IP6 0:0:0:0:0:0:0:0'))).toBe(true);
    expect(isHeld(media('m=audio 4000 RTP/AVP 0', 'c=IN IP6 ::1'))).toBe(false);
    expect(isHeld(media('m=audio 4000 RTP/AVP 0', 'a=recvonly'))).toBe(false);
    expect(isHeld(media('m=audio 4000 RTP/AVP 0'))).toBe(false);
  });
});

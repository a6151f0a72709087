import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSipMessage } from '../../src/sip/message.ts';
import { parseRtpStat, rtpStatsOf } from '../../src/sip/rtp-stat.ts';

describe('statistics in SIP headers', () => {
  test('semicolons, empty fields and a trailing one, as gateways write it', () => {
    expect(parseRtpStat('x-rtp-stat', 'PS=501;OS=80160;;PR=498;OR=79680;PL=3;JI=7;LA=40;')).toMatchObject({
      source: 'x-rtp-stat',
      packetsSent: 501,
      octetsSent: 80_160,
      packetsReceived: 498,
      octetsReceived: 79_680,
      packetsLost: 3,
      jitterMs: 7,
      latencyMs: 40,
      durationMs: null,
      mosLq: null,
    });
  });

  test('commas, as adapters write it', () => {
    const value = 'PS=900,OS=18000,PR=898,OR=17960,JI=2,DU=27,PL=1,EN=G729,DE=G711A,MOS=3.9';
    expect(parseRtpStat('p-rtp-stat', value)).toMatchObject({
      packetsSent: 900,
      durationMs: 27_000,
      encoder: 'G729',
      decoder: 'G711A',
      mosLq: 3.9,
    });
  });

  test('pairs of values, as home routers write it: received first; longer lists stay as written', () => {
    const value =
      'CS=0;PS=700;ES=704;OS=112000;SP=0/0;SO=0;QS=-;PR=650;ER=655;OR=104000;CR=0;SR=0;QR=-;PL=5,4;' +
      'BL=0;LS=0;RB=0/0;SB=-/-;EN=PCMA,T38;DE=PCMA;JI=11,3;DL=31,30,32;IP=192.0.2.1:7082,198.51.100.2:25132';
    expect(parseRtpStat('x-rtp-stat', value)).toMatchObject({
      packetsSent: 700,
      packetsReceived: 650,
      packetsLost: 5,
      jitterMs: 11,
      latencyMs: null,
      encoder: 'PCMA,T38',
      decoder: 'PCMA',
      fields: { PL: '5,4', JI: '11,3', DL: '31,30,32', IP: '192.0.2.1:7082,198.51.100.2:25132', QS: '-' },
    });
  });

  test('received and sent statistics with quoted quality metrics', () => {
    const received =
      'Dur=9,Pkt=450,Oct=72000,LatePkt=8,LostPkt=2,AvgJit=5,VQMetrics="CCR=0.0021;ICR=0.0000;CS=2;' +
      'VoRxCodec=PCMU;VoPktDis=1;VoOneWayDelayMs=95;maxJitter=12;MOScq=4.1;MOSlq=4.3"';
    expect(parseRtpStat('rtp-rxstat', received)).toMatchObject({
      source: 'rtp-rxstat',
      packetsReceived: 450,
      packetsSent: null,
      octetsReceived: 72_000,
      packetsLate: 8,
      packetsLost: 2,
      packetsDiscarded: 1,
      jitterMs: 5,
      latencyMs: 95,
      durationMs: 9000,
      decoder: 'PCMU',
      mosLq: 4.3,
      mosCq: 4.1,
      fields: { CCR: '0.0021', maxJitter: '12' },
    });
    expect(parseRtpStat('rtp-txstat', 'Dur=1,Pkt=51,Oct=8160')).toMatchObject({
      packetsSent: 51,
      octetsSent: 8160,
      packetsReceived: null,
    });
    expect(parseRtpStat('rtp-rxstat', 'Dur=1,VQMetrics="MLQK=0.0;MLQKav=0.0"')).toMatchObject({
      mosLq: null,
    });
    expect(parseRtpStat('rtp-rxstat', 'Total_Rx_Pkts=500, Rx_Pkts_Lost=3')).toMatchObject({
      packetsReceived: 500,
      packetsLost: 3,
    });
  });

  test('nothing that reads like a field is nothing', () => {
    for (const value of ['', ';;,', 'hello', '=5;=6', '__proto__=1']) {
      expect(parseRtpStat('x-rtp-stat', value)).toBeNull();
    }
  });

  test('any text ends normally, bounded, with plain fields', () => {
    const text = fc.string({
      unit: fc.constantFrom('P', 'S', '=', ';', ',', '"', '1', ' ', '.', 'é', '_'),
      maxLength: 300,
    });
    fc.assert(
      fc.property(text, (value) => {
        const stat = parseRtpStat('p-rtp-stat', value);
        if (stat === null) return;
        expect(Object.getPrototypeOf(stat.fields)).toBe(Object.prototype);
        for (const field of Object.values(stat.fields)) expect(field.length).toBeLessThanOrEqual(128);
      }),
    );
    const many = Array.from({ length: 1000 }, (_, i) => `K${i}=1`).join(';');
    expect(Object.keys(parseRtpStat('p-rtp-stat', many)!.fields)).toHaveLength(64);
    expect(parseRtpStat('p-rtp-stat', `A=${','.repeat(1000)}${'1,'.repeat(1000)}`)!.fields.A!.length).toBe(
      128,
    );
  });

  test('of a message, all of its headers', () => {
    const bytes = new TextEncoder().encode(
      'BYE sip:a@x SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\n' +
        'Call-ID: c\r\nCSeq: 2 BYE\r\nRTP-RxStat: Dur=1,Pkt=2\r\nrtp-txstat: Dur=1,Pkt=3\r\n' +
        'X-RTP-Stats: PS=4\r\nContent-Length: 0\r\n\r\n',
    );
    const parsed = parseSipMessage(bytes, 0, bytes.length);
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(
      rtpStatsOf(parsed.message).map((stat) => [stat.source, stat.packetsReceived, stat.packetsSent]),
    ).toEqual([
      ['x-rtp-stat', null, 4],
      ['rtp-rxstat', 2, null],
      ['rtp-txstat', null, 3],
    ]);
  });
});

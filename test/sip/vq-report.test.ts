import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSipMessage, type SipMessage } from '../../src/sip/message.ts';
import { parseVqReport, vqReportOf } from '../../src/sip/vq-report.ts';

const body = (...lines: string[]): string => `${lines.join('\r\n')}\r\n`;

const SESSION = body(
  'VQSessionReport: CallTerm',
  'CallID: f81d4fae-7dec@192.0.2.7',
  'LocalID: "Desk 12" <sip:desk12@pbx.test>',
  'RemoteID: <sip:trunk@carrier.test>',
  'OrigID: "Desk 12" <sip:desk12@pbx.test>',
  'LocalGroup: desks',
  'RemoteGroup: trunks',
  'LocalAddr: IP=192.0.2.7 PORT=16384 SSRC=90ab12cd',
  'LocalMAC: 02:00:00:00:00:01',
  'RemoteAddr: IP=198.51.100.9 PORT=30000 SSRC=0x13579bdf',
  'LocalMetrics:',
  'Timestamps: START=2026-03-02T09:00:04Z STOP=2026-03-02T09:03:10Z',
  'SessionDesc: PT=18 PD=G729 SR=8000 FD=20 FO=20 FPP=2 PPS=50 FMTP="annexb=no; x" PLC=3 SSUP=on',
  'JitterBuffer: JBA=3 JBR=2 JBN=40 JBM=80 JBX=120',
  'PacketLoss: NLR=5.0 JDR=2.0',
  'BurstGapLoss: BLD=25 BD=700 GLD=2.0 GD=500 GMIN=16',
  'Delay: RTD=200 ESD=140 SOWD=200 IAJ=2 MAJ=10',
  'Signal: SL=-18 NL=-50 RERL=55',
  'QualityEst: RLQ=90 RCQ=85 EXTRI=90 MOSLQ=4.2 MOSCQ=4.3 QoEEstAlg=P.564',
  'RemoteMetrics:',
  'PacketLoss: NLR=0.0 JDR=0.5',
  'DialogID:other@host;to-tag=one;from-tag=two',
);

describe('vq-rtcpxr bodies (RFC 6035)', () => {
  test('a session report, both sides', () => {
    const report = parseVqReport(SESSION)!;
    expect(report).toMatchObject({
      source: 'vq-rtcpxr',
      kind: 'session',
      callTerm: true,
      alert: null,
      callId: 'f81d4fae-7dec@192.0.2.7',
      localId: '"Desk 12" <sip:desk12@pbx.test>',
      remoteId: '<sip:trunk@carrier.test>',
      originId: '"Desk 12" <sip:desk12@pbx.test>',
      localGroup: 'desks',
      remoteGroup: 'trunks',
      localAddress: { ip: '192.0.2.7', port: 16384, ssrc: '90ab12cd' },
      remoteAddress: { ip: '198.51.100.9', port: 30000, ssrc: '0x13579bdf' },
    });
    expect(report.local).toEqual({
      startTime: '2026-03-02T09:00:04Z',
      stopTime: '2026-03-02T09:03:10Z',
      payloadType: 18,
      codec: 'G729',
      sampleRate: 8000,
      packetsPerSecond: 50,
      plc: 3,
      silenceSuppression: true,
      jitterBufferAdaptive: 3,
      jitterBufferRate: 2,
      jitterBufferNominalMs: 40,
      jitterBufferMaximumMs: 80,
      jitterBufferAbsoluteMaximumMs: 120,
      lossRatio: 0.05,
      discardRatio: 0.02,
      burstDensity: 0.25,
      burstDurationMs: 700,
      gapDensity: 0.02,
      gapDurationMs: 500,
      gmin: 16,
      roundTripMs: 200,
      endSystemDelayMs: 140,
      oneWayDelayMs: null,
      symmetricOneWayDelayMs: 200,
      jitterMs: 2,
      meanAbsoluteJitterMs: 10,
      signalLevelDbm0: -18,
      noiseLevelDbm0: -50,
      residualEchoReturnLossDb: 55,
      rLq: 90,
      rCq: 85,
      externalRIn: 90,
      externalROut: null,
      mosLq: 4.2,
      mosCq: 4.3,
      algorithm: 'P.564',
    });
    expect(report.remote).toMatchObject({ lossRatio: 0, discardRatio: 0.005, mosLq: null });
  });

  test('as telephones write it: LF only, no spaces, unknown lines, 127', () => {
    const report = parseVqReport(
      [
        'VQIntervalReport',
        'callid:4711-abc',
        'x-UserAgent:phone/8',
        'LOCALMETRICS:',
        'x-SIPmetrics:SVA=RG SRD=392',
        'jitterbuffer:JBA=3 JBR=2 JBN=20 JBM=20JBX=240',
        'Signal:SL=127 NL=127 RERL=127',
        'QualityEst:RLQ=127 RCQ=0 EXTRI=127 MOSLQ=127 MOSCQ=0.0 MOSLQEstAlg=x',
        'no colon here',
        'PacketLoss:NLR=101 JDR=abc',
      ].join('\n'),
    )!;
    expect(report).toMatchObject({
      kind: 'interval',
      callTerm: false,
      callId: '4711-abc',
      remote: null,
      local: {
        jitterBufferMaximumMs: 20,
        jitterBufferAbsoluteMaximumMs: 240,
        signalLevelDbm0: null,
        residualEchoReturnLossDb: null,
        rLq: null,
        rCq: 0,
        mosLq: null,
        mosCq: null,
        externalRIn: null,
        algorithm: 'x',
        lossRatio: null,
        discardRatio: null,
      },
    });
  });

  test('what describes the call may stand among the metrics, and a dialog names a call, too', () => {
    const report = parseVqReport(
      'VQSessionReport : CallTerm\nLocalMetrics:\nDialogID:abc@host;to-tag=1;from-tag=2\nToID:<sip:a@x>\nDelay:RTD=3',
    )!;
    expect(report).toMatchObject({ callTerm: true, callId: 'abc@host', localId: '<sip:a@x>' });
    expect(report.local).toMatchObject({ roundTripMs: 3 });
  });

  test('an alert says what is wrong', () => {
    expect(parseVqReport('VQAlertReport: Type=NLR Severity=Critical Dir=local\nCallID:1\n')).toMatchObject({
      kind: 'alert',
      alert: { type: 'NLR', severity: 'Critical', direction: 'local' },
      local: null,
      remote: null,
    });
  });

  test('other bodies are none', () => {
    for (const text of ['', '\n\n', 'v=0\r\no=- 1 1 IN IP4 1.2.3.4', 'VQSession', 'CallID:5']) {
      expect(parseVqReport(text)).toBeNull();
    }
  });

  test('any text ends normally, bounded', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc
        .tuple(
          fc.constantFrom('PacketLoss', 'Delay', 'QualityEst', 'LocalMetrics', 'CallID', 'LocalAddr'),
          fc.string({
            unit: fc.constantFrom('N', 'L', 'R', '=', '1', '.', '"', ' ', '-', ';', 'MOSLQ='),
            maxLength: 80,
          }),
        )
        .map(([name, rest]) => `${name}:${rest}`),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const report = parseVqReport(['VQSessionReport', ...lines].join('\n'))!;
        for (const value of Object.values(report.local ?? {})) {
          if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        }
        expect(JSON.stringify(report).length).toBeLessThan(20_000);
      }),
    );
    const long = parseVqReport(`VQSessionReport\nCallID:${'x'.repeat(100_000)}\n${'A=1 '.repeat(50_000)}`)!;
    expect(long.callId).toHaveLength(256);
  });
});

describe('the body of a message', () => {
  const message = (type: string, text: string): SipMessage => {
    const bytes = new TextEncoder().encode(
      `PUBLISH sip:collector@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4\r\nFrom: <sip:a@x>;tag=1\r\n` +
        `To: <sip:b@x>\r\nCall-ID: own\r\nCSeq: 1 PUBLISH\r\nEvent: vq-rtcpxr\r\nContent-Type: ${type}\r\n` +
        `Content-Length: ${text.length}\r\n\r\n${text}`,
    );
    const parsed = parseSipMessage(bytes, 0, bytes.length);
    if (!parsed.ok) throw new Error(parsed.reason);
    return parsed.message;
  };

  test('by its type', () => {
    expect(vqReportOf(message('Application/VQ-RTCPXR; x=1', SESSION))).toMatchObject({
      callId: 'f81d4fae-7dec@192.0.2.7',
    });
    expect(vqReportOf(message('text/plain', SESSION))).toBeNull();
    expect(vqReportOf(message('application/vq-rtcpxr', ''))).toBeNull();
  });
});

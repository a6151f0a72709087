import { describe, expect, test } from 'vitest';
import { Dialog, type Side } from './dialog.ts';
import { Tape, tapeMs } from './tape.ts';

const PHONE = { ip: '192.0.2.10', port: 5060 };
const COLLECTOR = { ip: '203.0.113.5', port: 5060 };

/** A PUBLISH about a call, with a Call-ID of its own. */
function publish(
  tape: Tape,
  atMs: number,
  callId: string,
  nlr: string,
  localId = '<sip:alice@example.com>',
): void {
  const body = `VQSessionReport: CallTerm\r\nCallID:${callId}\r\nLocalID:${localId}\r\nLocalMetrics:\r\nPacketLoss:NLR=${nlr} JDR=0.0\r\n`;
  const head = [
    'PUBLISH sip:collector@example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-publish',
    'From: <sip:alice@example.com>;tag=p1',
    'To: <sip:collector@example.com>',
    'Call-ID: publish-1@192.0.2.10',
    'CSeq: 1 PUBLISH',
    'Event: vq-rtcpxr',
    'Content-Type: application/vq-rtcpxr',
    `Content-Length: ${body.length}`,
  ];
  tape.sip(atMs, PHONE, COLLECTOR, `${head.join('\r\n')}\r\n\r\n${body}`);
}

/** A BYE of one side, or the 200 to it, with a header more. */
function bye(tape: Tape, dialog: Dialog, atMs: number, by: Side, header: string, response = false): void {
  const [caller, callee] = ['<sip:alice@example.com>;tag=from-tag', '<sip:bob@example.com>;tag=to-tag'];
  const head = [
    response ? 'SIP/2.0 200 OK' : 'BYE sip:peer@example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-bye',
    `From: ${by === 'caller' ? caller : callee}`,
    `To: ${by === 'caller' ? callee : caller}`,
    `Call-ID: ${dialog.callId}`,
    'CSeq: 9 BYE',
    header,
    'Content-Length: 0',
  ];
  tape.sip(atMs, PHONE, COLLECTOR, `${head.join('\r\n')}\r\n\r\n`);
}

describe('what endpoints report about a call in SIP', () => {
  test('a PUBLISH names its call; one that is challenged and repeated counts once', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.released(5000);
    publish(tape, 5200, dialog.callId, '2.5');
    publish(tape, 5300, dialog.callId, '2.5');
    const { calls, account } = tape.play();
    expect(calls[0]!.endpointReports).toHaveLength(1);
    expect(calls[0]!.endpointReports[0]).toMatchObject({
      source: 'vq-rtcpxr',
      reporter: 'caller',
      callId: dialog.callId,
      local: { lossRatio: 0.025, discardRatio: 0 },
    });
    expect(tapeMs(calls[0]!.endpointReports[0]!.timeUs)).toBe(5200);
    expect(account.discarded).toEqual({});
  });

  test('who reports is only said when one party is meant', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    publish(tape, 2000, dialog.callId, '1', '"B" <sip:bob@example.com>');
    publish(tape, 3000, dialog.callId, '2', '<sip:elsewhere@example.com>');
    dialog.released(5000);
    expect(tape.play().calls[0]!.endpointReports.map(({ reporter }) => reporter)).toEqual(['callee', null]);
  });

  test('statistics in a BYE and in its 200 are those of its two ends', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    bye(tape, dialog, 5000, 'callee', 'P-RTP-Stat: PS=250,PR=240,PL=10');
    bye(tape, dialog, 5010, 'callee', 'X-RTP-Stat: PS=240;PR=250;PL=0', true);
    bye(tape, dialog, 5020, 'callee', 'X-RTP-Stat: PS=240;PR=250;PL=0', true);
    const [call] = tape.play().calls;
    expect(call!.endpointReports).toMatchObject([
      { source: 'p-rtp-stat', reporter: 'callee', packetsLost: 10 },
      { source: 'x-rtp-stat', reporter: 'caller', packetsLost: 0 },
    ]);
  });

  test('a report about no call we know is counted, and so is one too many', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    publish(tape, 1500, 'somebody-else@example.com', '1');
    for (let i = 0; i < 20; i++) publish(tape, 2000 + i, dialog.callId, `${i}`);
    dialog.released(5000);
    const { calls, account } = tape.play();
    expect(calls).toHaveLength(1);
    expect(calls[0]!.endpointReports).toHaveLength(16);
    expect(account.discarded).toEqual({ endpoint_report_unclaimed: 1, endpoint_reports_full: 4 });
  });
});

import { describe, expect, test } from 'vitest';
import { renderCall } from '../../../src/report/call-view.ts';
import { RecordStore } from '../../../src/report/record-store.ts';
import { call, capture, stream } from '../../report/records.ts';
import { ALICE, audioOf, BOB, Dialog } from '../dialog.ts';
import { Tape, tapeMs } from '../tape.ts';

/** What findings say must be what they measured. */
describe('words and evidence', () => {
  test('the time on hold is not among the talk without media', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    dialog.answered(0);
    dialog.media('caller', 1050, 400);
    dialog.media('callee', 1057, 1900);
    const held = audioOf(ALICE, { lines: ['a=sendonly'] });
    dialog.reinvited(12_000, 'caller', 2, held, audioOf(BOB, { lines: ['a=recvonly'] }));
    dialog.reinvited(30_000, 'caller', 3, audioOf(ALICE), audioOf(BOB));
    dialog.released(39_000);
    const found = tape.play().findings.find(({ code }) => code === 'media_stopped')!;
    // Nothing comes from 9 s on: three seconds until the hold, nine after it.
    expect(found.evidence.silentMs as number).toBeCloseTo(12_000, -2);
    expect(found.text).toContain('stopped after 8.0 s, and nothing came in 12 s of talk after it');
  });

  test('addresses of IPv6 have brackets', () => {
    const tape = new Tape();
    const dialog = new Dialog(
      tape,
      'six',
      { ...ALICE, ip: '2001:db8::10' },
      { ...BOB, ip: '2001:db8:1::20' },
    );
    dialog.answered(0);
    dialog.media('caller', 1050, 600);
    dialog.released(13_500);
    const found = tape.play().findings.find(({ code }) => code === 'one_way_media')!;
    expect(found.evidence.sdpAddress).toBe('[2001:db8::10]:20000');
  });

  test('retransmissions end with the last of them, not with the call', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    for (const atMs of [0, 500, 1500, 3500]) dialog.request(atMs, 'INVITE', { sdp: audioOf(dialog.caller) });
    dialog.response(3600, 180, 'INVITE');
    dialog.response(4000, 200, 'INVITE', { sdp: audioOf(dialog.callee) });
    dialog.request(4010, 'ACK');
    dialog.conversation(4050, 1000);
    dialog.released(24_500);
    const found = tape.play().findings.find(({ code }) => code === 'sip_retransmissions')!;
    expect([tapeMs(found.startUs), tapeMs(found.endUs)]).toEqual([0, 3500]);
  });

  test('a score that counts what is held back says so', () => {
    const records = new RecordStore();
    const heldBack = [
      { code: 'burst_loss', streamId: 's1', direction: 'callerToCallee', reason: 'mirror_oversubscribed' },
    ] as const;
    records.stream(stream());
    records.call(call({ findings: [], verdict: 'unknown', heldBack: [...heldBack] }));
    const text = [...renderCall({ tool: { name: 'e', version: '0' }, capture: capture(), records }, 0)].join(
      '\n',
    );
    expect(text.replace(/\s+/g, ' ')).toContain(
      'in doubt: it counts burst_loss, which the capture may have made (mirror_oversubscribed)',
    );
  });
});

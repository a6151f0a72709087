import { describe, expect, test } from 'vitest';
import { ALICE, BOB, Dialog, type Peer, type Side, sessionOf } from '../dialog.ts';
import { Tape } from '../tape.ts';

const withVideo = ({ ip, rtpPort }: Peer): string =>
  sessionOf(
    ip,
    {
      port: rtpPort,
      codecs: [
        [0, 'PCMU/8000'],
        [13, 'CN/8000'],
      ],
    },
    { type: 'video', port: rtpPort + 2, codecs: [[99, 'H264/90000']] },
  );

/** A video call; audio of the sides named flows for so many packets. */
function videoCall(audio: Record<Side, number>, payloadType = 0): { verdict: string; found: unknown[] } {
  const tape = new Tape();
  const dialog = new Dialog(tape);
  dialog.answered(0, withVideo(ALICE), withVideo(BOB));
  const [a, b] = [ALICE, BOB].map(({ ip, rtpPort }) => ({ ip, port: rtpPort + 2 }));
  const video = { atMs: 1050, count: 950, payloadType: 99, clockRate: 90_000, octets: 900 };
  tape.rtp({ ...video, from: a!, to: b!, ssrc: 7 });
  tape.rtp({ ...video, from: b!, to: a!, ssrc: 8 });
  if (audio.caller > 0) dialog.media('caller', 1050, audio.caller);
  if (audio.callee > 0)
    dialog.media('callee', 1057, audio.callee, { payloadType, octets: payloadType === 13 ? 1 : 160 });
  dialog.released(20_000);
  const { calls, findings } = tape.play();
  return { verdict: calls[0]!.verdict, found: findings.map(({ code, direction }) => [code, direction]) };
}

describe('audio of a video call', () => {
  test('both ways', () => {
    expect(videoCall({ caller: 900, callee: 900 })).toEqual({ verdict: 'healthy', found: [] });
  });

  test('one way only, though video goes both ways', () => {
    const found = [['one_way_media', 'calleeToCaller']];
    expect(videoCall({ caller: 900, callee: 0 })).toEqual({ verdict: 'media', found });
  });

  test('stopped, though video goes on', () => {
    const found = [['media_stopped', 'calleeToCaller']];
    expect(videoCall({ caller: 900, callee: 300 })).toEqual({ verdict: 'media', found });
  });

  test('comfort noise shows that somebody is there', () => {
    expect(videoCall({ caller: 900, callee: 900 }, 13).found).not.toContainEqual([
      'one_way_media',
      'calleeToCaller',
    ]);
  });
});

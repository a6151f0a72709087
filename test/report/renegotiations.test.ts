import { describe, expect, test } from 'vitest';
import type { ShownMedia, ShownMessage } from '../../src/report/html/evidence-contract.ts';
import { renegotiations } from '../../src/report/renegotiations.ts';

const [CALLER, CALLEE] = ['192.0.2.1', '192.0.2.2'].map((ip) => ({ ip, port: 5060 }));

const audio = (changes: Partial<ShownMedia> = {}): ShownMedia => ({
  ...{ type: 'audio', address: '192.0.2.1:4000', refused: false, protocol: 'RTP/AVP' },
  codecs: ['PCMA/8000', 'telephone-event/8000'],
  ...{ direction: 'sendrecv', held: false, ptimeMs: null, encryption: null },
  ...changes,
});
const image = audio({ type: 'image', protocol: 'udptl', codecs: [] });

/** An offer and, 12 ms later, its answer. */
function exchange(
  atS: number,
  cseq: number,
  by: 'caller' | 'callee',
  offered: readonly ShownMedia[],
  answered: readonly ShownMedia[] = offered,
): ShownMessage[] {
  const [src, dst] = by === 'caller' ? [CALLER!, CALLEE!] : [CALLEE!, CALLER!];
  const rest = { method: 'INVITE', cseq, reasonPhrase: null, again: false, frame: null };
  const timeUs = atS * 1e6;
  return [
    { ...rest, timeUs, src, dst, status: null, sdp: { media: offered, unreadable: null } },
    {
      ...rest,
      timeUs: timeUs + 12_000,
      src: dst,
      dst: src,
      status: 200,
      sdp: { media: answered, unreadable: null },
    },
  ];
}

const sendonly = audio({ direction: 'sendonly', held: true });
const recvonly = audio({ direction: 'recvonly' });
const first = exchange(0, 1, 'caller', [audio()]);
const texts = (...steps: readonly ShownMessage[][]): string[] =>
  renegotiations(steps.flat()).map(({ atUs, text }) => `${atUs / 1e6} ${text}`);

describe('what was agreed anew', () => {
  test('hold and its end, by either side, though both count their requests from one', () => {
    expect(
      texts(
        first,
        exchange(5, 2, 'caller', [sendonly], [recvonly]),
        exchange(9, 3, 'caller', [audio()]),
        exchange(12, 1, 'callee', [sendonly], [recvonly]),
      ),
    ).toEqual([
      '5.012 on hold, re-INVITE of the caller: sendonly answered by recvonly',
      '9.012 resumed, re-INVITE of the caller',
      '12.012 on hold, re-INVITE of the callee: sendonly answered by recvonly',
    ]);
  });

  test('another codec', () => {
    const other = audio({ codecs: ['PCMU/8000', 'telephone-event/8000'] });
    expect(texts(first, exchange(5, 2, 'caller', [other]))).toEqual([
      '5.012 codec PCMU/8000 agreed in place of PCMA/8000, re-INVITE of the caller',
    ]);
  });

  test('media of another kind, added, in place of what was there, and refused', () => {
    expect(texts(first, exchange(5, 2, 'callee', [image]))).toEqual([
      '5.012 image agreed, re-INVITE of the callee',
    ]);
    const video = audio({ type: 'video', codecs: ['H264/90000'] });
    expect(
      texts(
        first,
        exchange(5, 2, 'callee', [audio(), video]),
        exchange(8, 3, 'callee', [audio(), { ...video, refused: true }]),
        exchange(9, 4, 'callee', [audio(), video], [audio(), { ...video, refused: true }]),
      ),
    ).toEqual([
      '5.012 video agreed (H264/90000), re-INVITE of the callee',
      '8.012 video ended, re-INVITE of the callee',
      '9.012 video refused, re-INVITE of the callee',
    ]);
  });

  test('nothing of refreshes, and of the branches of a fork', () => {
    expect(texts(first, exchange(5, 2, 'caller', [audio()]))).toEqual([]);
    const [offer, answer] = exchange(0, 1, 'caller', [audio()], [audio({ codecs: ['PCMU/8000'] })]);
    expect(texts([offer!, { ...first[1]!, status: 183 }, answer!])).toEqual([]);
  });
});

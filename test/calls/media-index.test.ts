import { describe, expect, test } from 'vitest';
import { type Call, createCall } from '../../src/calls/call.ts';
import { endpointKey } from '../../src/calls/endpoint-key.ts';
import { MediaIndex } from '../../src/calls/media-index.ts';
import { parseSdp } from '../../src/sip/sdp.ts';
import { audioOf, Dialog } from './dialog.ts';
import { Tape } from './tape.ts';

const WORDS = Int32Array.of(0, 0, 0xffff, 0x0a00_0001);

/** Enters an endpoint as the call table does. */
function announce(index: MediaIndex, call: Call, port: number): void {
  const key = endpointKey(WORDS, port);
  if (index.announce(call, 'caller', key, 0))
    call.endpoints.push({ words: WORDS, port, key, side: 'caller', announced: true });
}

const announcersAt = (index: MediaIndex, port: number): Call[] =>
  index.announcers(endpointKey(WORDS, port)).map(({ call }) => call);

const candidates = (count: number): string =>
  Array.from({ length: count }, (_, i) => `a=candidate:1 1 UDP 1 10.0.0.1 ${2000 + i} typ host\r\n`).join('');

describe('endpoints that one call announces', () => {
  test('beyond 256 they are refused and counted; what it had is kept and can be withdrawn', () => {
    const index = new MediaIndex();
    const call = createCall('c', 0, 0);
    for (let port = 1; port <= 1000; port++) announce(index, call, port);
    expect(call.endpoints).toHaveLength(256);
    expect(index.refused).toBe(744);
    announce(index, call, 1);
    expect(index.refused).toBe(744);
    expect(announcersAt(index, 256)).toEqual([call]);
    expect(announcersAt(index, 257)).toEqual([]);
    for (const { key } of call.endpoints) index.withdraw(call, key);
    expect(announcersAt(index, 1)).toEqual([]);
  });

  test('there is a bound for those of all calls, and room again when a call is over', () => {
    const index = new MediaIndex();
    const calls = Array.from({ length: 1025 }, (_, i) => createCall(`c${i}`, i, 0));
    for (const [i, call] of calls.entries()) {
      for (let k = 0; k < 256; k++) {
        const words = Int32Array.of(0, 0, i, k);
        const key = endpointKey(words, 4000);
        if (index.announce(call, 'caller', key, 0))
          call.endpoints.push({ words, port: 4000, key, side: 'caller', announced: true });
      }
    }
    expect(index.refused).toBe(256);
    for (const { key } of calls[0]!.endpoints) index.withdraw(calls[0]!, key);
    announce(index, calls[1024]!, 7);
    expect(index.refused).toBe(256);
    expect(announcersAt(index, 7)).toEqual([calls[1024]]);
  });

  test('ICE candidates beyond 128 of a description are passed over', () => {
    const text = `v=0\r\nm=audio 4000 RTP/AVP 0\r\n${candidates(100)}m=audio 4002 RTP/AVP 0\r\n${candidates(100)}`;
    const parsed = parseSdp(text);
    expect(parsed.ok && parsed.session.media.map((media) => media.candidates.length)).toEqual([100, 28]);
  });

  test('the report says so', () => {
    const tape = new Tape();
    const dialog = new Dialog(tape);
    for (let i = 0; i < 3; i++) {
      const lines = candidates(128).replaceAll('10.0.0.1', `10.0.0.${i + 1}`);
      dialog.request(i * 1000, 'INVITE', { sdp: `${audioOf(dialog.caller)}${lines}` });
    }
    const { account } = tape.play();
    expect(account.discarded.endpoint_table_full).toBe(3 * 128 + 1 - 256);
  });
});

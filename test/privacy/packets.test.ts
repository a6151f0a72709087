import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketMasker } from '../../src/privacy/packets.ts';
import { maskReported } from '../../src/privacy/reported.ts';
import { maskSip } from '../../src/privacy/sip-text.ts';
import { maskStream } from '../../src/privacy/stream-text.ts';
import { buildScenario } from '../../src/synth/build.ts';
import { onesSum } from '../../src/synth/frame.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { replayed } from '../engine/replayed.ts';
import { wantedCalls } from '../evidence/found.ts';
import { measured, sliceOf } from '../evidence/sliced.ts';
import '../property-seed.ts';
import { INVITE } from '../sip/examples.ts';
import { pseudonyms } from './secrets.ts';

const NO_PEEK = { rtp: { peek: false } };

function masked(scenario: Scenario, addresses: boolean) {
  const { pcap } = buildScenario(scenario);
  const whole = replayed(pcap, 1000, NO_PEEK);
  const wanted = wantedCalls(whole.calls, whole.streams);
  const names = pseudonyms(addresses);
  const masker = new PacketMasker(names);
  sliceOf(pcap, wanted, { mask: masker });
  masker.learned();
  const file = sliceOf(pcap, wanted, { mask: masker });
  return { whole, again: measured(file, NO_PEEK), names, masker };
}

describe('masked packets', () => {
  test.each([
    ['udp', false, true],
    ['udp', true, true],
    ['tcp', false, true],
    ['tcp', true, false],
  ] as const)('over %s (IPv6: %s) are measured as before; addresses: %s', (transport, ipv6, addresses) => {
    const { whole, again, names } = masked(
      {
        ipv6,
        vlans: [7],
        calls: [
          { transport, durationMs: 3000, rtcp: { intervalMs: 1000 } },
          { transport, durationMs: 3000, callerToCallee: { loss: { kind: 'random', ratio: 0.1 } } },
        ],
      },
      addresses,
    );
    const call = ({ callId, from, to, state, verdict, signalling }: (typeof whole.calls)[number]) =>
      maskReported(names, { callId, from, to, state, verdict, hosts: signalling.hosts });
    expect(
      again.calls.map(({ callId, from, to, state, verdict, signalling }) => ({
        callId,
        from,
        to,
        state,
        verdict,
        hosts: signalling.hosts,
      })),
    ).toEqual(whole.calls.map(call));
    const figures = ({ packets, lost, jitterMs, quality, ssrc }: (typeof whole.streams)[number]) => ({
      packets,
      lost,
      jitterMs,
      quality,
      ssrc,
    });
    expect(again.streams.map(figures)).toEqual(whole.streams.map(figures));
    expect(again.streams.map(({ src, rtcp }) => ({ src, cname: rtcp.cname }))).toEqual(
      whole.streams.map(({ src, rtcp }) => maskReported(names, { src, cname: rtcp.cname })),
    );
  });

  test('have right checksums where they are whole', () => {
    const { again } = masked({ calls: [{ durationMs: 3000 }] }, true);
    let checked = 0;
    for (const packet of again.packets) {
      expect(onesSum(packet.subarray(14, 34), 0)).toBe(0xffff);
      const view = new DataView(packet.buffer);
      if (view.getUint16(38) !== packet.length - 34) continue;
      const pseudo = Uint8Array.from([...packet.subarray(26, 34), 0, 17, ...packet.subarray(38, 40)]);
      expect(onesSum(packet.subarray(34), onesSum(pseudo, 0))).toBe(0xffff);
      checked++;
    }
    expect(checked).toBeGreaterThan(5);
  });

  test('of HEP are masked inside, and say no node and no key', () => {
    const { again, whole, masker } = masked(
      { hep: true, calls: [{ durationMs: 3000, caller: { user: 'wilhelmine' } }] },
      true,
    );
    expect(whole.calls[0]?.from).toContain('wilhelmine');
    expect(again.calls.map(({ state }) => state)).toEqual(['answered']);
    const figures = ({ packets, lost, jitterMs }: (typeof whole.streams)[number]) => ({
      ...{ packets, lost, jitterMs },
    });
    expect(again.streams.map(figures)).toEqual(whole.streams.map(figures));
    expect(again.streams.length).toBe(2);
    for (const packet of again.packets) expect(Buffer.from(packet).includes('wilhelmine')).toBe(false);
    expect(masker.account.leftOut).toBe(0);
  });

  test('of encrypted connections are blanked, and counted', () => {
    const { pcap } = buildScenario(
      { calls: [{ transport: 'tls', durationMs: 2000 }] },
      { secrets: 'beside' },
    );
    const masker = new PacketMasker(pseudonyms(false));
    sliceOf(pcap, null, { mask: masker });
    masker.learned();
    sliceOf(pcap, null, { mask: masker });
    expect(masker.account.blankedOctets).toBeGreaterThan(500);
  });

  test('whatever the octets are, nothing is thrown and nothing grows', () => {
    const { pcap } = buildScenario({ calls: [{ durationMs: 1500 }, { durationMs: 1500, transport: 'tcp' }] });
    const frames: Uint8Array[] = [];
    const view = new DataView(pcap.buffer, pcap.byteOffset);
    for (let at = 24; at < pcap.length; at += 16 + view.getUint32(at + 8, true))
      frames.push(pcap.slice(at + 16, at + 16 + view.getUint32(at + 8, true)));
    fc.assert(
      fc.property(
        fc.nat(frames.length - 1),
        fc.array(fc.tuple(fc.nat(1500), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(1500),
        fc.constantFrom(1, 12, 101, 113, 276, 0, 228, 252),
        (index, changes, length, linkType) => {
          const frame = frames[index]!.slice();
          for (const [at, value] of changes) if (at < frame.length) frame[at] = value;
          const octets = Math.min(frame.length, length);
          const masker = new PacketMasker(pseudonyms(true));
          masker.mask(frame.slice(), octets, linkType);
          masker.learned();
          const kept = masker.mask(frame, octets, linkType);
          expect(kept === 0 || kept === octets).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('texts of messages', () => {
  test('any message keeps its length', () => {
    const names = pseudonyms(true);
    const edit = fc.tuple(
      fc.nat(INVITE.length),
      fc.string({ unit: fc.constantFrom('\r\n', ' ', ':', '"', '<', '@', 'x', '7', '\u00e9'), maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
        let text = INVITE;
        for (const [at, piece] of edits) text = text.slice(0, at) + piece + text.slice(at);
        const octets = Buffer.from(text).toString('latin1');
        expect(maskSip(names, octets, { bodies: 0 }).length).toBe(octets.length);
        const stream = maskStream(names, `${octets}\r\n\r\n${octets}garbage`, { bodies: 0 });
        expect(stream.text.length).toBe(2 * octets.length + 11);
        expect(stream.text).not.toContain('garbage');
      }),
      { numRuns: 200 },
    );
  });
});

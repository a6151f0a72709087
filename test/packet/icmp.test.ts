import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/packet/address.ts';
import { IcmpError } from '../../src/packet/icmp.ts';
import { ipv4, ipv6, udp } from './frames.ts';
import { join, type Octets, u16 } from './headers.ts';

const voice = udp(4000, 5004, Uint8Array.of(0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3));

function message(
  type: number,
  code: number,
  quote: Octets,
  rest: readonly number[] = [0, 0, 0, 0],
): Uint8Array {
  return join([type, code, 0, 0], rest, quote);
}

function read(bytes: Uint8Array, version: 4 | 6 = 4): IcmpError | null {
  const error = new IcmpError();
  // Behind something else, as in a batch.
  const shifted = join([1, 2, 3], bytes);
  const data = new DataView(shifted.buffer, shifted.byteOffset, shifted.byteLength);
  return error.parse(data, 3, shifted.length, version) ? error : null;
}

describe('what an ICMP error says', () => {
  test.each([
    [3, 0, 'network_unreachable'],
    [3, 1, 'host_unreachable'],
    [3, 2, 'protocol_unreachable'],
    [3, 3, 'port_unreachable'],
    [3, 4, 'packet_too_big'],
    [3, 9, 'administratively_prohibited'],
    [3, 10, 'administratively_prohibited'],
    [3, 13, 'administratively_prohibited'],
    [3, 99, 'destination_unreachable'],
    [11, 0, 'time_exceeded'],
  ])('ICMP %i/%i: %s', (type, code, reason) => {
    expect(read(message(type, code, ipv4(voice)))).toMatchObject({ reason, type, code, version: 4 });
  });

  test.each([
    [1, 0, 'network_unreachable'],
    [1, 1, 'administratively_prohibited'],
    [1, 3, 'host_unreachable'],
    [1, 4, 'port_unreachable'],
    [1, 6, 'administratively_prohibited'],
    [1, 99, 'destination_unreachable'],
    [2, 0, 'packet_too_big'],
    [3, 0, 'time_exceeded'],
  ])('ICMPv6 %i/%i: %s', (type, code, reason) => {
    expect(read(message(type, code, ipv6(voice)), 6)).toMatchObject({ reason, type, code, version: 6 });
  });

  test.each([
    ['echo', 4, 0, 0],
    ['echo request', 4, 8, 0],
    ['redirect', 4, 5, 1],
    ['reassembly time exceeded', 4, 11, 1],
    ['echo over IPv6', 6, 128, 0],
    ['parameter problem over IPv6', 6, 4, 0],
  ] as const)('%s is none', (_, version, type, code) => {
    expect(read(message(type, code, ipv4(voice)), version)).toBeNull();
  });
});

describe('the packet it quotes', () => {
  test('addresses, ports and payload', () => {
    const error = read(message(3, 3, ipv4(voice)))!;
    expect([error.srcPort, error.dstPort, error.payloadLength]).toEqual([4000, 5004, 12]);
    expect(error.payloadOffset).toBe(3 + 8 + 20 + 8);
    const { src0, src1, src2, src3 } = error;
    expect(formatAddress(src0, src1, src2, src3)).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  test('8 octets behind the IP header are enough, 7 are not', () => {
    const quote = ipv4(voice);
    expect(read(message(3, 3, quote.subarray(0, 28)))).toMatchObject({ dstPort: 5004, payloadLength: 0 });
    expect(read(message(3, 3, quote.subarray(0, 27)))).toBeNull();
    const quote6 = ipv6(voice);
    expect(read(message(1, 4, quote6.subarray(0, 48)), 6)).toMatchObject({ dstPort: 5004, payloadLength: 0 });
    expect(read(message(1, 4, quote6.subarray(0, 47)), 6)).toBeNull();
  });

  test('IPv4 options and IPv6 extension headers are passed over', () => {
    const plain = ipv4(voice);
    const options = join([0x46], plain.subarray(1, 20), [1, 1, 1, 0], plain.subarray(20));
    expect(read(message(3, 3, options))).toMatchObject({ srcPort: 4000, dstPort: 5004 });
    const headers = ipv6(voice, 17, [
      [0, [17, 0, 1, 4, 0, 0, 0, 0]],
      [60, [17, 0, 1, 4, 0, 0, 0, 0]],
    ]);
    expect(read(message(1, 4, headers), 6)).toMatchObject({ srcPort: 4000, dstPort: 5004 });
  });

  test('a first fragment has ports, further ones have none', () => {
    expect(read(message(3, 3, ipv4(voice, { fragment: 0x2000 })))).toMatchObject({ dstPort: 5004 });
    expect(read(message(3, 3, ipv4(voice, { fragment: 0x00b9 })))).toBeNull();
  });

  test('what follows the quote (RFC 4884) is not part of it', () => {
    const quote = join(ipv4(voice).subarray(0, 28), new Uint8Array(100));
    const extension = new Uint8Array(16).fill(0x80);
    const error = read(message(11, 0, join(quote, extension), [0, 32, 0, 0]))!;
    expect(error.payloadLength).toBeLessThanOrEqual(100);
  });

  test('one family may quote the other, and UDP-Lite is UDP', () => {
    expect(read(message(3, 3, ipv6(voice)))).toMatchObject({ version: 4, dstPort: 5004 });
    expect(read(message(3, 3, ipv4(voice, { protocol: 136 })))).toMatchObject({ protocol: 17 });
    expect(read(message(3, 3, ipv4(voice, { protocol: 6 })))).toMatchObject({
      protocol: 6,
      payloadLength: 0,
    });
    expect(read(message(3, 3, ipv4(voice, { protocol: 132 })))).toBeNull();
  });

  test('a total length in the wrong byte order, as some systems quote it, does no harm', () => {
    const quote = ipv4(voice);
    const swapped = join(quote.subarray(0, 2), u16(0x2800), quote.subarray(4));
    expect(read(message(3, 3, swapped))).toMatchObject({ dstPort: 5004, payloadLength: 12 });
  });
});

import type { BpfInstruction } from '../../../src/capture/live/bpf.ts';

/**
 * Runs a classic BPF program over a packet, as the kernel would (Documentation/networking/filter.rst): what is behind
 * the packet's end makes it return 0.
 *
 * @returns octets to keep; 0 for none
 */
export function runBpf(program: readonly BpfInstruction[], packet: Uint8Array): number {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const memory = new Uint32Array(16);
  let a = 0;
  let x = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at]!;
    try {
      switch (code & 7) {
        case 0:
          a = load(code, k);
          break;
        case 1:
          x = (code & 0xe0) === 0xa0 ? 4 * (view.getUint8(k) & 15) : load(code, k);
          break;
        case 2:
          memory[k] = a;
          break;
        case 3:
          memory[k] = x;
          break;
        case 4:
          a = calculate(code & 0xf0, a, (code & 8) === 0 ? k : x) >>> 0;
          break;
        case 5:
          at += jump(code, k, jt, jf);
          break;
        case 6:
          return (code & 0x18) === 0x10 ? a : k;
        default:
          if ((code & 0xf8) === 0x80) a = x;
          else x = a;
      }
    } catch (error) {
      if (error instanceof RangeError) return 0;
      throw error;
    }
  }
  throw new Error('the program has no end');

  function load(code: number, k: number): number {
    const mode = code & 0xe0;
    if (mode === 0x00) return k;
    if (mode === 0x60) return memory[k]!;
    if (mode === 0x80) return packet.length;
    const place = mode === 0x40 ? x + k : k;
    if ((code & 0x18) === 0x10) return view.getUint8(place);
    return (code & 0x18) === 0x08 ? view.getUint16(place) : view.getUint32(place);
  }

  function jump(code: number, k: number, jt: number, jf: number): number {
    const value = (code & 8) === 0 ? k : x;
    switch (code & 0xf0) {
      case 0x00:
        return k;
      case 0x10:
        return a === value ? jt : jf;
      case 0x20:
        return a > value ? jt : jf;
      case 0x30:
        return a >= value ? jt : jf;
      case 0x40:
        return (a & value) !== 0 ? jt : jf;
      default:
        throw new Error(`jump ${code}`);
    }
  }
}

function calculate(operation: number, a: number, b: number): number {
  switch (operation) {
    case 0x00:
      return a + b;
    case 0x10:
      return a - b;
    case 0x40:
      return a | b;
    case 0x50:
      return a & b;
    case 0x60:
      return a << b;
    case 0x70:
      return a >>> b;
    default:
      throw new Error(`operation ${operation}`);
  }
}

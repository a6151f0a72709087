/** One instruction of classic BPF: `struct sock_filter` of linux/filter.h, `struct bpf_insn` of libpcap. */
export interface BpfInstruction {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

/** Loads: 16 and 8 bits at a place, 16 bits at X plus a place; X from the IPv4 header's length. */
export const BPF_LDH = 0x28;
export const BPF_LDB = 0x30;
export const BPF_LDH_X = 0x48;
export const BPF_LDX_MSH = 0xb1;
/** Jumps on A: equal, at least, any bit of. */
export const BPF_JEQ = 0x15;
export const BPF_JGE = 0x35;
export const BPF_JSET = 0x45;
export const BPF_AND = 0x54;
export const BPF_RET = 0x06;

/** A place in a program to jump to. */
export type Label = string;

interface Line {
  code: number;
  k: number;
  /** Where to go on when the condition holds, and when not; `null` is the next instruction. */
  yes: Label | null;
  no: Label | null;
}

/** Writes a program with named places to jump to; jumps only lead forward, and at most 255 instructions far. */
export class BpfWriter {
  readonly #lines: Line[] = [];
  readonly #labels = new Map<Label, number>();

  add(code: number, k: number): void {
    this.#lines.push({ code, k, yes: null, no: null });
  }

  jump(code: number, k: number, yes: Label | null, no: Label | null = null): void {
    this.#lines.push({ code, k, yes, no });
  }

  label(name: Label): void {
    this.#labels.set(name, this.#lines.length);
  }

  /** The finished program. Throws `RangeError` for a place that is not there, or too far. */
  program(): BpfInstruction[] {
    return this.#lines.map(({ code, k, yes, no }, at) => ({
      code,
      jt: this.#distance(at, yes),
      jf: this.#distance(at, no),
      k,
    }));
  }

  #distance(from: number, label: Label | null): number {
    if (label === null) return 0;
    const distance = (this.#labels.get(label) ?? -1) - from - 1;
    if (distance < 0 || distance > 255) throw new RangeError(`BPF: cannot jump to ${label}`);
    return distance;
  }
}

/** Everything, up to a length. */
export function acceptAll(snapLength: number): BpfInstruction[] {
  return [{ code: BPF_RET, jt: 0, jf: 0, k: snapLength }];
}

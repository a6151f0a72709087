import { formatAddress } from '../packet/address.ts';
import type { IcmpError } from '../packet/icmp.ts';
import type { PacketView } from '../packet/view.ts';
import { dropOldest } from '../records/oldest.ts';

/** Targets remembered; then the one that was noted first is forgotten. */
const TARGETS_MAX = 256;

/** What ICMP said about messages to one address and port. */
export interface SipRefusal {
  reason: string;
  from: string;
  count: number;
  firstUs: number;
  lastUs: number;
}

/** ICMP errors about signalling: who does not take messages, and who says so. */
export class SipRefusals {
  private readonly targets = new Map<string, SipRefusal>();

  /** Notes one error, which `view` brought. */
  note(error: IcmpError, view: PacketView): void {
    const host = formatAddress(error.dst0, error.dst1, error.dst2, error.dst3);
    const target = host.includes(':') ? `[${host}]:${error.dstPort}` : `${host}:${error.dstPort}`;
    const from = formatAddress(view.src0, view.src1, view.src2, view.src3);
    const known = this.targets.get(target);
    if (known !== undefined && known.reason === error.reason && known.from === from) {
      known.count++;
      known.lastUs = view.timeUs;
      return;
    }
    this.targets.set(target, {
      reason: error.reason,
      from,
      count: 1,
      firstUs: view.timeUs,
      lastUs: view.timeUs,
    });
    if (this.targets.size > TARGETS_MAX) dropOldest(this.targets);
  }

  /** What was said about messages to `target` (address and port) since a time; null when nothing was. */
  at(target: string | null, sinceUs: number): SipRefusal | null {
    const refusal = target === null ? undefined : this.targets.get(target);
    return refusal === undefined || refusal.lastUs < sinceUs ? null : refusal;
  }
}

import {
  HEP_LOG,
  HEP_MOS_REPORT,
  HEP_MOS_SHORT_REPORT,
  HEP_RTCP,
  HEP_RTP,
  HEP_SIP,
  HepMessage,
  looksLikeHep,
  oldHepHeader,
} from '../packet/hep.ts';
import type { PacketView } from '../packet/view.ts';
import { looksLikeSip } from '../sip/detect.ts';

/** Inflates zlib or gzip data of at most `lengthMax` octets; null when it is damaged or longer. */
export type Inflate = (bytes: Uint8Array, lengthMax: number) => Uint8Array | null;

export interface HepOptions {
  /** What chunk 14 must hold. Messages without are dropped. Default: not looked at. */
  authenticationKey?: Uint8Array;
  /** For compressed payloads; without, they are counted and dropped. */
  inflate?: Inflate;
}

/** A datagram can hold no more, and a SIP message shall not. */
const INFLATED_MAX = 65_536;
/** An agent's clock that is off by more than this is corrected by what it is off. */
const CLOCK_TOLERANCE_US = 5_000_000;
const AGENTS_MAX = 4096;
const BRACE = 0x7b;

/** Whether a datagram is HEP. Versions 1 and 2 have no mark of their own: only with SIP inside are they believed. */
export function isHep(bytes: Uint8Array, start: number, length: number): boolean {
  if (!looksLikeHep(bytes, start, length)) return false;
  if (bytes[start]! > 2) return true;
  const header = oldHepHeader(bytes, start, length);
  return looksLikeSip(bytes, start + header, length - header);
}

/** Makes the view that of a message of HEP over TCP, of whose segments only the time is known. */
export function hepView(view: PacketView, message: Uint8Array, timeUs: number): DataView {
  view.path = 0;
  view.ident = 0;
  view.checksum = 0;
  view.timeUs = timeUs;
  view.payloadOffset = 0;
  view.payloadLength = message.length;
  view.payloadWireLength = message.length;
  return new DataView(message.buffer, message.byteOffset, message.length);
}

/** Opens what capture agents sent in HEP: the view becomes that of the packet they saw. */
export class HepInput {
  /** Messages opened. */
  messages = 0;
  /** Where the opened payload lies. */
  data: DataView = new DataView(new ArrayBuffer(0));
  bytes: Uint8Array = new Uint8Array(0);
  readonly message = new HepMessage();
  /** How often an agent's clock was found to be off, and corrected. */
  clocksCorrected = 0;
  private readonly options: HepOptions;
  private readonly reasons = new Map<string, number>();
  /** What to add to the time stamps of each agent, us. */
  private readonly clocks = new Map<number, number>();

  constructor(options: HepOptions = {}) {
    this.options = options;
  }

  /** What could not be taken, under the names that `capture.discarded` has for it. */
  discarded(): [reason: string, count: number][] {
    return [...this.reasons].sort();
  }

  /**
   * Opens the message that is the payload of `view`: its addresses, ports, payload and time become those of the
   * packet inside.
   *
   * @param addressed whether the view's addresses are those of agent and collector
   * @returns whether there is SIP, RTP or RTCP inside; if not, it was counted
   */
  open(view: PacketView, data: DataView, bytes: Uint8Array, addressed: boolean): boolean {
    const { message } = this;
    const start = view.payloadOffset;
    const end = start + view.payloadLength;
    if (!message.parse(data, start, end, start + view.payloadWireLength)) return this.drop('hep_malformed');
    if (!this.isAuthentic(bytes)) return this.drop('hep_unauthenticated');
    const reason = this.whyNot();
    if (reason !== null) return this.drop(reason);
    const sentUs = view.timeUs;
    const sender = view.src0 ^ view.src1 ^ view.src2 ^ view.src3;
    if (!message.enter(view, data, addressed)) return this.drop('hep_malformed');
    view.timeUs = this.timeOf(sender, sentUs);
    this.data = data;
    this.bytes = bytes;
    if (message.isCompressed && !this.inflate(view, bytes)) return this.drop('hep_compressed');
    // Most agents send reports as JSON that leaves out who sent them to whom.
    if (message.protocolType === HEP_RTCP && this.bytes[view.payloadOffset] === BRACE) {
      return this.drop('hep_rtcp_json');
    }
    this.messages++;
    return true;
  }

  /** Counts a message that nothing can be done with. */
  drop(reason: string): false {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    return false;
  }

  private isAuthentic(bytes: Uint8Array): boolean {
    const key = this.options.authenticationKey;
    if (key === undefined) return true;
    const { keyOffset, keyLength } = this.message;
    if (keyLength !== key.length) return false;
    for (let i = 0; i < keyLength; i++) if (bytes[keyOffset + i] !== key[i]) return false;
    return true;
  }

  /** Why nothing can be done with the payload; null when something can. */
  private whyNot(): string | null {
    const { protocolType, payloadLength } = this.message;
    if (payloadLength === 0) return 'hep_without_payload';
    switch (protocolType) {
      case HEP_SIP:
      case HEP_RTP:
      case HEP_RTCP:
        return null;
      case HEP_MOS_REPORT:
      case HEP_MOS_SHORT_REPORT:
        return 'hep_quality_report';
      case HEP_LOG:
        return 'hep_log';
      default:
        return 'hep_other_protocol';
    }
  }

  private inflate(view: PacketView, bytes: Uint8Array): boolean {
    const { payloadOffset, payloadLength, payloadWireLength } = this.message;
    if (this.options.inflate === undefined || payloadLength < payloadWireLength) return false;
    const packed = bytes.subarray(payloadOffset, payloadOffset + payloadLength);
    const plain = this.options.inflate(packed, INFLATED_MAX);
    if (plain === null || plain.length === 0) return false;
    this.bytes = plain;
    this.data = new DataView(plain.buffer, plain.byteOffset, plain.length);
    view.payloadOffset = 0;
    view.payloadLength = plain.length;
    view.payloadWireLength = plain.length;
    return true;
  }

  /**
   * When the packet was captured, on the clock of this capture. Agents stamp with their own clock, which is better
   * than the time of arrival as long as it is right; one that is far off still measures intervals well.
   */
  private timeOf(sender: number, arrivalUs: number): number {
    const { timeUs, swappedTimeUs, agent } = this.message;
    if (Number.isNaN(timeUs)) return arrivalUs;
    const isSwapped =
      Math.abs(timeUs - arrivalUs) > CLOCK_TOLERANCE_US &&
      Math.abs(swappedTimeUs - arrivalUs) <= CLOCK_TOLERANCE_US;
    const stampUs = isSwapped ? swappedTimeUs : timeUs;
    // 21 bits of the address and 32 of the number: a double has 53. Agents of one network differ in the last octet,
    // and have the same number when nobody gave them one: mixed, every bit of the address counts.
    const key = (Math.imul(sender, 0x85eb_ca6b) >>> 11) * 2 ** 32 + (agent >>> 0);
    const correctionUs = this.clocks.get(key) ?? 0;
    const correctedUs = stampUs + correctionUs;
    if (Math.abs(correctedUs - arrivalUs) <= CLOCK_TOLERANCE_US) return correctedUs;
    this.clocksCorrected++;
    if (this.clocks.size >= AGENTS_MAX && !this.clocks.has(key)) return arrivalUs;
    this.clocks.set(key, Math.round(arrivalUs - stampUs));
    return arrivalUs;
  }
}

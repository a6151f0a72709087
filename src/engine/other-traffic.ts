import type { SignallingOptions } from '../calls/options.ts';
import { isOnSipPort } from '../packet/tcp-contract.ts';
import type { PacketView } from '../packet/view.ts';
import { MIRROR_COPY, type RtpPlane } from '../rtp/plane.ts';
import { VoiceClass } from './voice-class.ts';

/** Counts packets that belong to nothing that is followed, and looks whether they are marked as voice. */
export class OtherTraffic {
  packets = 0;
  readonly voiceClass: VoiceClass;
  private readonly rtp: Pick<RtpPlane, 'isPressed'>;

  constructor(rtp: Pick<RtpPlane, 'isPressed'>, judging: Pick<SignallingOptions, 'marking'>) {
    this.rtp = rtp;
    this.voiceClass = new VoiceClass(judging);
  }

  /** A UDP datagram or TCP segment that is none of ours. */
  take(view: PacketView, bytes: Uint8Array): void {
    this.packets++;
    // On the ports of SIP it is SIP still: keep-alives, or what nobody has keys for.
    if (this.voiceClass.has(view.tos) && !isOnSipPort(view.srcPort, view.dstPort))
      this.voiceClass.add(view, bytes);
  }

  /**
   * A datagram that looks like RTP, by which so many become RTP (`RtpPlane.receive`): none, or some that came before it and
   * were taken for other traffic. A copy of one counts for nothing.
   */
  unproven(view: PacketView, bytes: Uint8Array, believed: number): void {
    if (believed > 0) {
      this.packets += 1 - believed;
      if (this.voiceClass.has(view.tos)) this.voiceClass.takeBack(view, believed - 1);
    } else if (believed === MIRROR_COPY) {
      return;
    } else if (this.rtp.isPressed) {
      // Voice may be left out for want of time.
      this.packets++;
    } else {
      this.take(view, bytes);
    }
  }
}

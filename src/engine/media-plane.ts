import type { MediaPlane } from '../calls/call-table.ts';
import type { RtpPlane } from '../rtp/plane.ts';
import type { UdptlInput } from './udptl-input.ts';

/** What the call table asks of media, answered by the planes that measure it. */
export function mediaPlane(rtp: RtpPlane, udptl: UdptlInput): MediaPlane {
  return {
    announce: (words, port) => rtp.endpoints.add(words, port),
    withdraw: (words, port) => rtp.endpoints.remove(words, port),
    announceImage: (words, port) => udptl.images.add(words, port),
    withdrawImage: (words, port) => udptl.images.remove(words, port),
    keyOf: (slot) => rtp.keyOf(slot),
    lastUs: (slot) => rtp.lastUs(slot),
    unbrokenUs: (slot) => rtp.unbrokenUs(slot),
    setFormats: (slot, formats) => rtp.setFormats(slot, formats),
    retire: (slot) => rtp.retire(slot),
  };
}

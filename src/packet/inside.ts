import type { PacketView } from './view.ts';

/*
 * A decoder that has opened an envelope does not call the decoder of what is inside: tunnels go round in circles
 * (Ethernet in GRE in IP in Ethernet), calls must not. It answers what is inside and where, above all reasons of
 * reasons.ts, and the loop in link.ts goes on from there.
 */

/** The lowest of the answers below. */
export const INSIDE_FIRST = 64;
export const INSIDE_ETHERNET = 64;
/** IPv4 or IPv6, told apart by the version. */
export const INSIDE_IP = 65;
/** What the Ethertype in `innerType` says. */
export const INSIDE_ETHERTYPE = 66;
/** PPP from its address or protocol field. */
export const INSIDE_PPP = 67;
/** An 802.11 frame, without radiotap. */
export const INSIDE_WIRELESS = 68;
/** What the IP protocol in `innerType` says; `innerWireEnd` counts. */
export const INSIDE_TRANSPORT = 69;

/** Answers that `kind` lies from `start` to `end`. */
export function inside(view: PacketView, kind: number, start: number, end: number): number {
  view.innerStart = start;
  view.innerEnd = end;
  return kind;
}

/** Answers that what an Ethertype says lies from `start` to `end`. */
export function insideEthertype(view: PacketView, ethertype: number, start: number, end: number): number {
  view.innerType = ethertype;
  return inside(view, INSIDE_ETHERTYPE, start, end);
}

/** Answers that what an IP protocol number says lies from `start` to `end`, and to `wireEnd` on the wire. */
export function insideTransport(
  view: PacketView,
  protocol: number,
  start: number,
  end: number,
  wireEnd: number,
): number {
  view.innerType = protocol;
  view.innerWireEnd = wireEnd;
  return inside(view, INSIDE_TRANSPORT, start, end);
}

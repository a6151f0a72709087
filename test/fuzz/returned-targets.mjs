import { IcmpError } from '../../dist/packet/icmp.js';
import { PacketView } from '../../dist/packet/view.js';
import { T38Flow } from '../../dist/t38/flow.js';
import { UdptlPacket } from '../../dist/t38/udptl.js';

const START_US = 1_700_000_000_000_000;

function viewOf(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One ICMP message: the first octet's lowest bit picks the version. */
export function icmpTarget() {
  const error = new IcmpError();
  return (bytes) => {
    const version = (bytes[0] & 1) === 1 ? 6 : 4;
    if (!error.parse(viewOf(bytes), 1, bytes.length, version)) return `none ${version} ${bytes[1]}`;
    const { payloadOffset, payloadLength, srcPort, dstPort, reason, protocol } = error;
    if (payloadLength < 0 || payloadOffset + payloadLength > bytes.length)
      throw new Error('the quoted payload lies outside of the message');
    if (!(srcPort >= 0 && dstPort <= 0xffff)) throw new Error(`ports ${srcPort} ${dstPort}`);
    return `${version} ${reason} ${protocol} ${Math.min(payloadLength, 3)} ${payloadOffset}`;
  };
}

/** What must hold for the figures of a flow. */
function checkFax(figures) {
  const { packets, expected, lost, recovered, unrecovered, unrecoveredInPage } = figures;
  const wrong =
    expected - lost !== packets ||
    recovered + unrecovered !== lost ||
    unrecoveredInPage > unrecovered ||
    lost < 0 ||
    figures.longestUnrecoveredRun > figures.longestLossRun ||
    figures.longestLossRun > lost ||
    Object.values(figures).some((value) => Number.isNaN(value));
  if (wrong) throw new Error(JSON.stringify(figures));
}

/** Datagrams of one flow, each with an octet of length; an odd length is cut short by the capture. */
export function udptlTarget() {
  const packet = new UdptlPacket();
  const view = new PacketView();
  return (bytes) => {
    let flow = null;
    let refused = 0;
    view.timeUs = START_US;
    for (let at = 0; at + 1 < bytes.length; ) {
      const length = Math.min(bytes[at], bytes.length - at - 1);
      const wire = length + (bytes[at] & 1);
      view.timeUs += 30_000;
      if (!packet.parse(viewOf(bytes), at + 1, length, wire)) refused++;
      else if (flow === null) flow = new T38Flow(packet, view);
      else flow.receive(packet, view);
      at += 1 + bytes[at];
    }
    if (flow === null) return `none ${Math.min(refused, 5)}`;
    const figures = flow.figures();
    checkFax(figures);
    checkFax(flow.figures());
    const { expected, lost, recovered, duplicates, reordered, restarts, redundancyDepth, fecSpan } = figures;
    return [expected, lost, recovered, duplicates, reordered, restarts, redundancyDepth, fecSpan, refused]
      .map((n) => 32 - Math.clz32(n))
      .join(' ');
  };
}

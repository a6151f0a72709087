const FIRST_CAPACITY = 16;

/** The packets of one stream as one point of capture saw them, in order of arrival. */
export class PacketColumns {
  count = 0;
  timeUs = new Float64Array(FIRST_CAPACITY);
  sequence = new Uint16Array(FIRST_CAPACITY);
  timestamp = new Int32Array(FIRST_CAPACITY);
  /** Hash of the payload's beginning and its length; 0 when too little of it was captured. */
  content = new Int32Array(FIRST_CAPACITY);
  /** Identification of the IPv4 packet; 0 when it has none. */
  ident = new Uint16Array(FIRST_CAPACITY);
  /** What all copies of a packet by a mirror share, and what the network did to it (`rtp/mirror-copies.ts`). */
  print = new Uint16Array(FIRST_CAPACITY);
  mark = new Int32Array(FIRST_CAPACITY);
  /** 1 where it is the same IP packet as one just before: no sender made it. */
  isSamePacket = new Uint8Array(FIRST_CAPACITY);
  /** TOS octet or traffic class; TTL or hop limit; both 0 where no IP header was captured. */
  tos = new Uint8Array(FIRST_CAPACITY);
  ttl = new Uint8Array(FIRST_CAPACITY);
  /** Priority of the outermost VLAN tag plus one; 0 without a tag. */
  priority = new Uint8Array(FIRST_CAPACITY);
  payloadType = new Uint8Array(FIRST_CAPACITY);
  /** Payload octets on the wire. */
  octets = new Uint16Array(FIRST_CAPACITY);

  /** Makes room for one more packet, and answers its place. Columns are filled by whoever asked. */
  next(): number {
    if (this.count === this.timeUs.length) this.grow();
    return this.count++;
  }

  private grow(): void {
    const capacity = this.count * 2;
    this.timeUs = grown(this.timeUs, new Float64Array(capacity));
    this.sequence = grown(this.sequence, new Uint16Array(capacity));
    this.timestamp = grown(this.timestamp, new Int32Array(capacity));
    this.content = grown(this.content, new Int32Array(capacity));
    this.ident = grown(this.ident, new Uint16Array(capacity));
    this.print = grown(this.print, new Uint16Array(capacity));
    this.mark = grown(this.mark, new Int32Array(capacity));
    this.isSamePacket = grown(this.isSamePacket, new Uint8Array(capacity));
    this.tos = grown(this.tos, new Uint8Array(capacity));
    this.ttl = grown(this.ttl, new Uint8Array(capacity));
    this.priority = grown(this.priority, new Uint8Array(capacity));
    this.payloadType = grown(this.payloadType, new Uint8Array(capacity));
    this.octets = grown(this.octets, new Uint16Array(capacity));
  }
}

function grown<Column extends { set(from: ArrayLike<number>): void }>(
  from: ArrayLike<number>,
  to: Column,
): Column {
  to.set(from);
  return to;
}

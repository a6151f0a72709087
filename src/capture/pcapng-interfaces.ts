/**
 * The interfaces of a pcapng section, as columns: the packet loop looks a packet's interface up by number and
 * needs its link type and the arithmetic from its time stamp to microseconds, without touching an object.
 */

/** Ticks in the two 32-bit words of a time stamp are `high * 2^32 + low`. */
const TWO_32 = 4294967296;

/** if_tsresol when the interface does not say: 10^-6 s. */
export const DEFAULT_RESOLUTION = 6;

/** Most interfaces of one section. The old packet block can name no more, and a file must not grow the table. */
export const MAX_INTERFACES = 65536;

const INITIAL_CAPACITY = 8;
/** By its statistics, isb_ifdrop and isb_osdrop, by its packets; and isb_usrdeliv. */
const PLACES = 4;
const PACKET_PLACE = 2;
const DELIVERED_PLACE = 3;

/**
 * How ticks become microseconds. With `d = divisor`, `high = a * d + b`:
 *
 *     us = a * highFactor + (b * 2^32 + low) * lowFactor / d + offsetUs
 *
 * Ticks of a nanosecond clock need 61 bits, a double has 53; in this form every product is exact (32 bits times at
 * most 21), so only the last sum rounds: the result is the double nearest to the true time, up to the error of
 * one division of a number below 2^32.
 */
export interface TimeScale {
  divisor: number;
  highFactor: number;
  lowFactor: number;
}

/**
 * The scale for an if_tsresol option (draft-ietf-opsawg-pcapng, 4.2): bit 7 clear, `10^-n` seconds per tick; set,
 * `2^-n`.
 *
 * @param resolution the option's one byte
 */
export function timeScale(resolution: number): TimeScale {
  const exponent = resolution & 0x7f;
  if ((resolution & 0x80) !== 0) {
    // 1e6 has 14 significant bits: both products are exact whatever the power of two.
    return { divisor: 1, highFactor: 1e6 * 2 ** (32 - exponent), lowFactor: 1e6 * 2 ** -exponent };
  }
  if (exponent <= 6) {
    const factor = Number(`1e${6 - exponent}`);
    return { divisor: 1, highFactor: TWO_32 * factor, lowFactor: factor };
  }
  return { divisor: Number(`1e${exponent - 6}`), highFactor: TWO_32, lowFactor: 1 };
}

/**
 * A time stamp in microseconds, right to a quarter of one near the present.
 *
 * @param high upper 32 bits of the ticks
 * @param low lower 32 bits of the ticks
 */
export function ticksToUs(
  high: number,
  low: number,
  divisor: number,
  highFactor: number,
  lowFactor: number,
  offsetUs: number,
): number {
  if (divisor === 1) return high * highFactor + low * lowFactor + offsetUs;
  const whole = Math.floor(high / divisor);
  const rest = high - whole * divisor;
  return whole * highFactor + (rest * TWO_32 + low) / divisor + offsetUs;
}

/** What an interface description block declares. */
export interface InterfaceDescription {
  linkType: number;
  /** Most bytes captured of a packet; 0 is no limit. */
  snaplen: number;
  /** The if_tsresol byte. */
  resolution: number;
  /** if_tsoffset: seconds to add to every time stamp. */
  offsetSeconds: number;
}

/** The interfaces of the current section. */
export class InterfaceTable {
  count = 0;
  linkType = new Int32Array(INITIAL_CAPACITY);
  snaplen = new Float64Array(INITIAL_CAPACITY);
  divisor = new Float64Array(INITIAL_CAPACITY);
  highFactor = new Float64Array(INITIAL_CAPACITY);
  lowFactor = new Float64Array(INITIAL_CAPACITY);
  offsetUs = new Float64Array(INITIAL_CAPACITY);
  /** Packets lost by the account of all sections; `null` when none gives one. */
  dropped: number | null = null;
  /** Packets that the capturing program got, by the account of all sections; `null` when none gives one. */
  delivered: number | null = null;
  #counts = new Float64Array(PLACES * INITIAL_CAPACITY);

  /** Forgets all interfaces: numbering restarts with each section. */
  clear(): void {
    this.count = 0;
  }

  /** Adds the next interface. The caller keeps to `MAX_INTERFACES`. */
  add(description: InterfaceDescription): void {
    if (this.count === this.linkType.length) this.#grow();
    const id = this.count;
    const scale = timeScale(description.resolution);
    this.linkType[id] = description.linkType;
    this.snaplen[id] = description.snaplen;
    this.divisor[id] = scale.divisor;
    this.highFactor[id] = scale.highFactor;
    this.lowFactor[id] = scale.lowFactor;
    this.offsetUs[id] = description.offsetSeconds * 1e6;
    this.#counts.fill(0, PLACES * id, PLACES * (id + 1));
    this.count = id + 1;
  }

  /** A drop counter of an interface's statistics. It counts from the start of the capture: the last value is the one. */
  countedBy(id: number, counter: 'interface' | 'system', value: number): void {
    this.#setDrops(id, counter === 'interface' ? 0 : 1, value);
  }

  /** Packets lost between two packets of an interface. */
  lostBeforePacket(id: number, lost: number): void {
    this.#setDrops(id, PACKET_PLACE, this.#counts[PLACES * id + PACKET_PLACE]! + lost);
  }

  /** Whether packets of an interface told of others that were lost before them. */
  saidByPackets(id: number): boolean {
    return this.#counts[PLACES * id + PACKET_PLACE]! > 0;
  }

  /** Packets that the capturing program got from an interface since the start of the capture. */
  deliveredBy(id: number, value: number): void {
    const at = PLACES * id + DELIVERED_PLACE;
    const after = (this.delivered ?? 0) + value - this.#counts[at]!;
    this.#counts[at] = value;
    this.delivered = Math.min(after, Number.MAX_SAFE_INTEGER);
  }

  #setDrops(id: number, place: number, value: number): void {
    const before = this.#dropsOf(id);
    this.#counts[PLACES * id + place] = Math.min(value, Number.MAX_SAFE_INTEGER);
    const after = (this.dropped ?? 0) + this.#dropsOf(id) - before;
    this.dropped = Math.min(after, Number.MAX_SAFE_INTEGER);
  }

  /** Statistics and packets tell of the same losses, one of them perhaps of fewer. */
  #dropsOf(id: number): number {
    const at = PLACES * id;
    return Math.max(this.#counts[at]! + this.#counts[at + 1]!, this.#counts[at + PACKET_PLACE]!);
  }

  #grow(): void {
    const capacity = 2 * this.linkType.length;
    const linkType = new Int32Array(capacity);
    linkType.set(this.linkType);
    this.linkType = linkType;
    this.snaplen = widened(this.snaplen, capacity);
    this.divisor = widened(this.divisor, capacity);
    this.highFactor = widened(this.highFactor, capacity);
    this.lowFactor = widened(this.lowFactor, capacity);
    this.offsetUs = widened(this.offsetUs, capacity);
    this.#counts = widened(this.#counts, PLACES * capacity);
  }
}

function widened(column: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(capacity);
  wider.set(column);
  return wider;
}

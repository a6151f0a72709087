import type { StreamKey } from '../rtp/plane.ts';
import type { Call, Side } from './call.ts';
import { endpointKey } from './endpoint-key.ts';
import { crowd, loseSight } from './shared-media.ts';

/** One announcement: this side of this call receives media here. */
interface Announcement {
  call: Call;
  side: Side;
  timeUs: number;
}

/** What is announced at one endpoint. */
interface Place {
  announcements: Announcement[];
  /** More calls announced it than are remembered: it tells nothing of whose media flows there. */
  crowded: boolean;
}

/** A call that claims a stream, and which way the stream flows in it. */
export interface Claim {
  call: Call;
  fromCaller: boolean;
}

/** Calls that announce one endpoint at one time before the oldest is forgotten: legs and port reuse take less. */
const ANNOUNCEMENTS_PER_ENDPOINT = 8;
/** Endpoints of one call: media lines and ICE candidates of all its descriptions. */
const ENDPOINTS_PER_CALL_MAX = 256;
/** The same of all calls together. */
const ANNOUNCEMENTS_MAX = 262_144;

/** Who receives media where, by the latest session descriptions. */
export class MediaIndex {
  /** Announcements not entered, because the call or the table had too many. */
  refused = 0;
  private entered = 0;
  private readonly places = new Map<string, Place>();

  /** A side announced an endpoint. Returns true when this call had not announced it yet, and there is room for it. */
  announce(call: Call, side: Side, key: string, timeUs: number): boolean {
    const place = this.places.get(key);
    const known = place?.announcements.find((entry) => entry.call === call && entry.side === side);
    if (known !== undefined) {
      known.timeUs = timeUs;
      return false;
    }
    if (call.endpoints.length >= ENDPOINTS_PER_CALL_MAX || this.entered >= ANNOUNCEMENTS_MAX) {
      this.refused++;
      loseSight(call);
      return false;
    }
    this.entered++;
    if (place === undefined) {
      this.places.set(key, { announcements: [{ call, side, timeUs }], crowded: false });
      return true;
    }
    place.announcements.push({ call, side, timeUs });
    if (place.announcements.length > ANNOUNCEMENTS_PER_ENDPOINT) {
      place.crowded = true;
      for (const other of place.announcements) crowd(other.call, key);
      place.announcements.shift();
      this.entered--;
    }
    return true;
  }

  /** Forgets what a call announced at an endpoint. */
  withdraw(call: Call, key: string): void {
    const place = this.places.get(key);
    if (place === undefined) return;
    const left = place.announcements.filter((entry) => entry.call !== call);
    this.entered -= place.announcements.length - left.length;
    place.announcements = left;
    if (left.length === 0) this.places.delete(key);
  }

  /**
   * The call a stream belongs to. Its destination decides, for that is what SDP announces; a source that was
   * announced comes next: the other side sits behind a NAT and is sent to where it sends from. Of a media server that
   * has one port for all, the other end decides.
   */
  claim(key: StreamKey): Claim | null {
    const destination = endpointKey(key.dst, key.dstPort);
    const source = endpointKey(key.src, key.srcPort);
    const receivers = this.current(destination);
    const senders = this.current(source);
    // Two calls may share an endpoint for a moment; the one that knows both ends of the stream is the right one.
    const both = receivers.find((r) => senders.some((s) => s.call === r.call && s.side !== r.side));
    const receiver = both ?? (this.isCrowded(destination) ? undefined : receivers[0]);
    if (receiver !== undefined) return { call: receiver.call, fromCaller: receiver.side === 'callee' };
    const sender = this.isCrowded(source) ? undefined : senders[0];
    if (sender !== undefined) return { call: sender.call, fromCaller: sender.side === 'caller' };
    return null;
  }

  /** The call that announced an endpoint, as the receiver of what goes there; null when none did, or too many. */
  receiverAt(key: string): Claim | null {
    const receiver = this.isCrowded(key) ? undefined : this.current(key)[0];
    return receiver === undefined ? null : { call: receiver.call, fromCaller: receiver.side === 'callee' };
  }

  private isCrowded(key: string): boolean {
    return this.places.get(key)?.crowded === true;
  }

  /** The calls that announce an endpoint, each with its side, and are not over. */
  announcers(key: string): readonly { call: Call; side: Side }[] {
    return this.places.get(key)?.announcements.filter(({ call }) => call.doneUs === null) ?? [];
  }

  /** Announcements of an endpoint, the best first: calls that go on before calls that are over, newest first. */
  private current(key: string): Announcement[] {
    const place = this.places.get(key);
    if (place === undefined) return [];
    return [...place.announcements].sort((a, b) => {
      const over = Number(a.call.doneUs !== null) - Number(b.call.doneUs !== null);
      return over !== 0 ? over : b.timeUs - a.timeUs;
    });
  }
}

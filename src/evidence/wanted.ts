import { parseAddress } from '../packet/address.ts';
import { hashKey, type KeyAddresses, KeyIndex } from '../rtp/key-index.ts';
import type { WantedCall, WantedEndpoint, WantedImage, WantedStream } from './contract.ts';

/** How long after a stream's last packet, and before its first, RTCP still speaks of it: two long report intervals. */
const RTCP_SLACK_US = 15_000_000;
/** Times in a report are rounded to the microsecond. */
const ROUNDING_US = 1;

/** An image flow and whose it is. */
interface KnownImage extends WantedImage {
  readonly call: number;
}

/** The calls that evidence is looked for, indexed by what the wire says. */
export class Wanted {
  readonly calls: readonly WantedCall[];
  /** The streams of all calls, one call after the other; and which call each is of. */
  readonly streams: readonly WantedStream[];
  readonly callOfStream: readonly number[];
  private readonly byCallId = new Map<string, number[]>();
  private readonly keys: KeyIndex;
  /** The next stream with the same key, later in time; -1 for none. */
  private readonly later: Int32Array;
  private readonly startsUs: Float64Array;
  private readonly endsUs: Float64Array;
  private readonly bySsrc = new Map<number, number[]>();
  private readonly imagesByPorts = new Map<number, KnownImage[]>();
  private readonly hosts: (readonly [Int32Array, Int32Array] | null)[];

  constructor(calls: readonly WantedCall[]) {
    this.calls = calls;
    this.streams = calls.flatMap(({ streams }) => streams);
    this.callOfStream = calls.flatMap(({ streams }, call) => streams.map(() => call));
    for (const [call, { callId, images }] of calls.entries()) {
      if (callId !== null) push(this.byCallId, callId, call);
      for (const image of images)
        push(this.imagesByPorts, (image.src.port << 16) | image.dst.port, { ...image, call });
    }
    for (const list of this.byCallId.values()) list.sort((a, b) => calls[a]!.startUs - calls[b]!.startUs);
    const { streams } = this;
    this.keys = new KeyIndex(Math.max(1, streams.length));
    this.later = new Int32Array(streams.length).fill(-1);
    this.startsUs = Float64Array.from(streams, ({ startUs }) => startUs - ROUNDING_US);
    this.endsUs = Float64Array.from(streams, ({ endUs }) => endUs + ROUNDING_US);
    this.hosts = streams.map(({ src, dst }) => hostsOf(src, dst));
    for (const [stream, { ssrc }] of streams.entries()) {
      push(this.bySsrc, ssrc | 0, stream);
      this.enter(stream);
    }
  }

  /** The call that a message of this Call-ID at this time belongs to; -1 for none. */
  callAt(callId: string, timeUs: number): number {
    const list = this.byCallId.get(callId);
    if (list === undefined) return -1;
    let found = list[0]!;
    for (const call of list) if (this.calls[call]!.startUs - ROUNDING_US <= timeUs) found = call;
    return found;
  }

  /** The stream that an RTP packet belongs to; -1 for none. `ssrc` is signed, `ports` is `source << 16 | destination`. */
  streamAt(view: KeyAddresses, ports: number, ssrc: number, timeUs: number): number {
    const hash = hashKey(view, ports, ssrc);
    let stream = this.keys.find(view, ports, ssrc, hash);
    while (stream >= 0 && !(timeUs >= this.startsUs[stream]! && timeUs <= this.endsUs[stream]!))
      stream = this.later[stream]!;
    return stream;
  }

  /** Streams that a report between two hosts about a source speaks of. */
  *reported(view: KeyAddresses, ssrc: number, timeUs: number): Generator<number> {
    for (const stream of this.bySsrc.get(ssrc | 0) ?? []) {
      if (timeUs < this.startsUs[stream]! - RTCP_SLACK_US || timeUs > this.endsUs[stream]! + RTCP_SLACK_US)
        continue;
      const hosts = this.hosts[stream] ?? null;
      if (hosts === null) continue;
      const [a, b] = hosts;
      if ((isSource(view, a) && isDestination(view, b)) || (isSource(view, b) && isDestination(view, a)))
        yield stream;
    }
  }

  /** Whether anything is to be found at these ports that only its place tells. */
  hasImages(ports: number): boolean {
    return this.imagesByPorts.size > 0 && this.imagesByPorts.has(ports);
  }

  /** The call whose T.38 flows between these addresses and ports at this time; -1 for none. */
  imageAt(view: KeyAddresses, ports: number, timeUs: number): number {
    for (const image of this.imagesByPorts.get(ports) ?? []) {
      const hosts = hostsOf(image.src, image.dst);
      if (timeUs < image.startUs - ROUNDING_US || timeUs > image.endUs + ROUNDING_US || hosts === null)
        continue;
      if (isSource(view, hosts[0]) && isDestination(view, hosts[1])) return image.call;
    }
    return -1;
  }

  private enter(stream: number): void {
    const { src, dst, ssrc } = this.streams[stream]!;
    const hosts = this.hosts[stream] ?? null;
    if (hosts === null) return;
    const [a, b] = hosts;
    const view = {
      ...{ src0: a[0]!, src1: a[1]!, src2: a[2]!, src3: a[3]! },
      ...{ dst0: b[0]!, dst1: b[1]!, dst2: b[2]!, dst3: b[3]! },
    };
    const ports = (src.port << 16) | dst.port;
    const hash = hashKey(view, ports, ssrc | 0);
    let known = this.keys.find(view, ports, ssrc | 0, hash);
    if (known < 0) {
      this.keys.insert(stream, view, ports, ssrc | 0, hash);
      return;
    }
    while (this.later[known]! >= 0) known = this.later[known]!;
    this.later[known] = stream;
  }
}

function hostsOf(src: WantedEndpoint, dst: WantedEndpoint): readonly [Int32Array, Int32Array] | null {
  const a = parseAddress(src.ip);
  const b = parseAddress(dst.ip);
  return a === null || b === null ? null : [a, b];
}

function isSource(view: KeyAddresses, words: Int32Array): boolean {
  return view.src3 === words[3] && view.src2 === words[2] && view.src1 === words[1] && view.src0 === words[0];
}

function isDestination(view: KeyAddresses, words: Int32Array): boolean {
  return view.dst3 === words[3] && view.dst2 === words[2] && view.dst1 === words[1] && view.dst0 === words[0];
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

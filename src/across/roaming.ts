import { networkOf } from '../packet/network.ts';
import type { FindingRecord, StreamRecord } from '../records/types.ts';

/** A stream stands still for so long: shorter is what a few lost packets do, longer is no change of the cell. */
const HALT_MIN_MS = 60;
const HALT_MAX_MS = 5000;
/** Halts of both directions as near as this are one. */
const TOGETHER_US = 400_000;
/** A path that changes so soon after a halt has changed with it. */
const MOVED_WITHIN_US = 6_000_000;
/** Without a change of the path one halt of both directions may be anything. */
const ROAMS_MIN = 2;
/** Share of all halts that both directions must have together, and how many times as many as chance would bring. */
const TOGETHER_SHARE = 0.6;
const CHANCE_TIMES = 4;
const HALTS_OF_STREAM_MAX = 64;
const STREAMS_KEPT = 4096;

/** What roaming may have done to a stream, and what is told by its findings. */
const OF_HALTS: ReadonlySet<string> = new Set([
  'burst_loss',
  'media_interrupted',
  'high_jitter',
  'late_discard',
]);

/** Nothing came, or what came had waited. */
interface Halt {
  startUs: number;
  endUs: number;
  /** What had waited came in the end. */
  released: boolean;
}

interface Seen {
  id: string;
  hosts: readonly [string, string];
  startUs: number;
  endUs: number;
  halts: readonly Halt[];
}

/** Changes of the access point that a call shows. */
interface Roams {
  count: number;
  longestMs: number;
  /** The path was another afterwards. */
  moved: number;
  /** Halts after which what had waited came in a burst. */
  bursts: number;
  /** Streams of others that go on meanwhile, over all halts. */
  others: number;
  /** The device, where other streams tell which of the two ends it is. */
  device: string | null;
}

/**
 * A Wi-Fi device that goes from one access point to the next: for 50 ms to seconds nothing comes from it or to it, then
 * what has waited comes in a burst or by another path, again and again, while everybody else is well.
 */
export class Roaming {
  private readonly streams: Seen[] = [];
  private oldest = 0;

  /** A stream is over. */
  note(stream: StreamRecord): void {
    const { id, src, dst, startUs, endUs } = stream;
    const seen: Seen = { id, hosts: [src.ip, dst.ip], startUs, endUs, halts: haltsOf(stream) };
    if (this.streams.length < STREAMS_KEPT) this.streams.push(seen);
    else this.streams[this.oldest++ % STREAMS_KEPT] = seen;
  }

  /** The findings of a call, with what both directions together say about halts. */
  placed(findings: readonly FindingRecord[], streams: readonly StreamRecord[]): FindingRecord[] {
    if (!findings.some(({ code }) => OF_HALTS.has(code))) return [...findings];
    const roams = this.roamsOf(streams, findings);
    if (roams === null) return [...findings];
    const { count, longestMs, moved, bursts, others, device } = roams;
    const how = moved > 0 ? 'and the path is another afterwards' : 'and what had waited comes in a burst';
    const meanwhile = others === 0 ? '' : ', while other streams go on';
    const who = device === null ? 'a device' : device;
    const told =
      `; both directions stop together ${count === 1 ? 'once' : `${count} times`}, for ${longestMs.toFixed(0)} ms ` +
      `at most, ${how}${meanwhile}: as when ${who} roams from one Wi-Fi access point to the next`;
    const evidence = {
      signature: 'wifi_roaming',
      roams: count,
      longestHaltMs: longestMs,
      pathChanges: moved,
      bursts,
      otherStreams: others,
      device,
    };
    return findings.map((finding) =>
      OF_HALTS.has(finding.code) && finding.streamId !== null && !('signature' in finding.evidence)
        ? { ...finding, text: finding.text + told, evidence: { ...finding.evidence, ...evidence } }
        : finding,
    );
  }

  private roamsOf(streams: readonly StreamRecord[], findings: readonly FindingRecord[]): Roams | null {
    const forth = streams.filter(({ direction }) => direction === 'callerToCallee');
    const back = streams.filter(({ direction }) => direction === 'calleeToCaller');
    if (forth.length === 0 || back.length === 0) return null;
    const roams: Roams = { count: 0, longestMs: 0, moved: 0, bursts: 0, others: 0, device: null };
    const own = new Set(streams.map(({ id }) => id));
    const forthHalts = forth.flatMap(haltsOf);
    const backHalts = back.flatMap(haltsOf);
    const pairs = forthHalts.flatMap((halt) => {
      const other = backHalts.find((each) => isTogether(each, halt));
      return other === undefined ? [] : [{ halt, other }];
    });
    if (!isRemarkable(pairs.length, forthHalts, backHalts, streams)) return null;
    const wells = new Set<string>();
    for (const { halt, other } of pairs) {
      if (this.isShared(halt, own, streams)) continue;
      const startUs = Math.min(halt.startUs, other.startUs);
      const endUs = Math.max(halt.endUs, other.endUs);
      roams.count++;
      roams.longestMs = Math.max(roams.longestMs, (endUs - startUs) / 1000);
      if (halt.released || other.released) roams.bursts++;
      if (pathChangedAt(streams, findings, startUs, endUs)) roams.moved++;
      for (const { hosts } of this.wellAt(halt, own)) {
        roams.others++;
        for (const host of hosts) wells.add(host);
      }
    }
    if (roams.moved === 0 && (roams.count < ROAMS_MIN || roams.bursts * 2 < roams.count)) return null;
    const ends = new Set(streams.flatMap(({ src, dst }) => [src.ip, dst.ip]));
    const unwell = [...ends].filter((host) => !wells.has(host));
    roams.device = ends.size === 2 && unwell.length === 1 ? unwell[0]! : null;
    return roams;
  }

  /** Whether streams between other hosts of either network stand still as well: then it is a link. */
  private isShared(halt: Halt, own: ReadonlySet<string>, streams: readonly StreamRecord[]): boolean {
    const hosts = new Set(streams.flatMap(({ src, dst }) => [src.ip, dst.ip]));
    return this.streams.some(
      (seen) =>
        !own.has(seen.id) &&
        !seen.hosts.every((host) => hosts.has(host)) &&
        seen.hosts.some((host) => isNear(host, hosts)) &&
        seen.halts.some((each) => isTogether(each, halt)),
    );
  }

  /** Streams of other calls that go on meanwhile. */
  private wellAt(halt: Halt, own: ReadonlySet<string>): Seen[] {
    return this.streams.filter(
      ({ id, startUs, endUs, halts }) =>
        !own.has(id) &&
        startUs < halt.startUs &&
        endUs > halt.endUs &&
        !halts.some((each) => isTogether(each, halt)),
    );
  }
}

/** Whether the directions stand still together for most of their halts, and more often than chance would have it. */
function isRemarkable(
  together: number,
  forth: readonly Halt[],
  back: readonly Halt[],
  streams: readonly StreamRecord[],
): boolean {
  if (together < Math.max(forth.length, back.length) * TOGETHER_SHARE) return false;
  const lastedUs =
    Math.max(...streams.map(({ endUs }) => endUs)) - Math.min(...streams.map((s) => s.startUs));
  const meanUs = [...forth, ...back].reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const windowUs = 2 * TOGETHER_US + (2 * meanUs) / (forth.length + back.length);
  const byChance = (forth.length * back.length * windowUs) / Math.max(1, lastedUs);
  return together >= byChance * CHANCE_TIMES;
}

function isNear(host: string, hosts: ReadonlySet<string>): boolean {
  const network = networkOf(host);
  return [...hosts].some((each) => networkOf(each) === network);
}

function isTogether(a: Halt, b: Halt): boolean {
  return a.startUs <= b.endUs + TOGETHER_US && b.startUs <= a.endUs + TOGETHER_US;
}

/**
 * Times in which nothing of a stream came: runs of losses, and packets that come late after such a time; what lies
 * together is one.
 */
function haltsOf(stream: StreamRecord): Halt[] {
  const halts: Halt[] = [];
  for (const halt of holesOf(stream).sort((a, b) => a.startUs - b.startUs)) {
    const last = halts.at(-1);
    if (last === undefined || !isTogether(last, halt)) halts.push(halt);
    else {
      last.endUs = Math.max(last.endUs, halt.endUs);
      last.released ||= halt.released;
    }
  }
  return halts;
}

function holesOf({ history: { losses, spikes }, startUs, ptimeMs }: StreamRecord): Halt[] {
  const halts: Halt[] = [];
  for (let i = 0; i < losses.length && halts.length < HALTS_OF_STREAM_MAX; i++) {
    const lengthMs = losses.value(i) * (ptimeMs ?? 20);
    if (lengthMs < HALT_MIN_MS || lengthMs > HALT_MAX_MS) continue;
    const fromUs = startUs + losses.atMs(i) * 1000;
    halts.push({ startUs: fromUs, endUs: fromUs + lengthMs * 1000, released: false });
  }
  for (let i = 0; i < spikes.length && halts.length < HALTS_OF_STREAM_MAX; i++) {
    const lengthMs = spikes.value(i);
    if (lengthMs < HALT_MIN_MS || lengthMs > HALT_MAX_MS) continue;
    const endUs = startUs + spikes.atMs(i) * 1000;
    halts.push({ startUs: endUs - lengthMs * 1000, endUs, released: true });
  }
  return halts;
}

/** Another distance, another way by its delay, or another address of the sender. */
function pathChangedAt(
  streams: readonly StreamRecord[],
  findings: readonly FindingRecord[],
  startUs: number,
  endUs: number,
): boolean {
  const isThen = (us: number): boolean => us >= startUs && us <= endUs + MOVED_WITHIN_US;
  if (findings.some(({ code, startUs: atUs }) => code === 'path_change' && isThen(atUs))) return true;
  return streams.some(
    (stream) =>
      isThen(stream.startUs) &&
      streams.some(
        (before) =>
          before.direction === stream.direction && before.endUs <= endUs && before.src.ip !== stream.src.ip,
      ),
  );
}

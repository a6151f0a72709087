import { closeSync, openSync, writeSync } from 'node:fs';
import { fail } from './checks.ts';
import { codecNames, findCodec } from './codecs.ts';
import { planDialog } from './dialog.ts';
import { onesSum, udpFrame } from './frame.ts';
import { FILE_HEADER_OCTETS, isoTime, pcapHeader, RECORD_HEADER_OCTETS, splitTime } from './pcap.ts';
import { randomFor } from './random.ts';
import { type ResolvedCall, resolveCall } from './resolve.ts';
import type { CallSpec, Direction, Scenario } from './scenario.ts';
import { SPEECH_OCTETS, speechOctets } from './speech.ts';
import { checkScenario } from './validate.ts';

/** A load: many equal calls at once. Everything but `calls` and `durationS` may be left out. */
export interface LoadSpec {
  calls: number;
  /** Length of the media of each call, seconds. */
  durationS: number;
  codec?: string;
  ptimeMs?: number;
  seed?: number;
  startTime?: string;
  /** The calls begin evenly spread over this time, seconds. Default 1. */
  spreadS?: number;
  /** Independent loss before the tap; the first and the last packet of a stream always arrive. Default 0.001. */
  lossRatio?: number;
  /** Uniform delay on top, below one packet time. Default 2. */
  jitterMs?: number;
}

/** What a load file holds. `expected` - `lost` = `rtp`. */
export interface LoadTruth {
  schema: 'earshot.truth/1';
  load: Required<LoadSpec>;
  calls: number;
  streams: number;
  packets: number;
  sip: number;
  rtp: number;
  /** RTP payload octets. */
  octets: number;
  expected: number;
  lost: number;
  /** Octets of the whole file. */
  fileBytes: number;
  startTime: string;
  endTime: string;
}

const CHUNK_OCTETS = 1 << 20;
/** Ethernet, IPv4, UDP and RTP headers. */
const HEADERS_OCTETS = 14 + 20 + 8 + 12;
const IPV4 = RECORD_HEADER_OCTETS + 14;
const RTP = IPV4 + 28;

/** Chunks on their way to a file: one buffer, written out whenever the next packet does not fit. */
/** Takes octets, and returns when all of them are written. */
export type WriteAll = (octets: Uint8Array) => void;

class ChunkWriter {
  readonly chunk = new Uint8Array(CHUNK_OCTETS);
  readonly view = new DataView(this.chunk.buffer);
  at = 0;
  written = 0;
  readonly #write: WriteAll;

  constructor(write: WriteAll) {
    this.#write = write;
  }

  /** Makes sure that so many octets fit at `at`. */
  reserve(octets: number): void {
    if (this.at + octets > CHUNK_OCTETS) this.flush();
  }

  flush(): void {
    this.#write(this.chunk.subarray(0, this.at));
    this.written += this.at;
    this.at = 0;
  }
}

/** All streams of the load, column by column: two per call, caller's first. */
interface LoadStreams {
  count: number;
  /** Arrival of the first packet without jitter, us after the start of the capture. */
  startUs: Float64Array;
  ssrc: Uint32Array;
  seq: Uint16Array;
  timestamp: Uint32Array;
  ident: Uint16Array;
  /** Sum of the IPv4 header's words without identification and checksum. */
  headerSum: Uint32Array;
  /** Record header and all protocol headers of every stream, one after the other. */
  headers: Uint8Array;
}

/**
 * Writes a big capture in arrival order straight to a path, or to whoever takes it, in chunks of 1 MiB and bounded memory.
 * Every call has a full SIP setup, both ways of media and a BYE; UDP checksums of RTP are left out (0), which
 * RFC 768 allows. Throws `ScenarioError` for a wrong field, and what the file system throws.
 */
export function writeLoad(spec: LoadSpec, target: WriteAll | string): LoadTruth {
  const load = completeLoad(spec);
  if (typeof target !== 'string') return writeTo(load, target);
  const fd = openSync(target, 'w');
  try {
    return writeTo(load, (octets) => {
      for (let from = 0; from < octets.length; ) from += writeSync(fd, octets, from);
    });
  } finally {
    closeSync(fd);
  }
}

function completeLoad(spec: LoadSpec): Required<LoadSpec> {
  const load: Required<LoadSpec> = {
    codec: 'PCMU',
    ptimeMs: 20,
    seed: 1,
    startTime: '2026-03-02T09:00:00.000Z',
    spreadS: 1,
    lossRatio: 0.001,
    jitterMs: 2,
    ...spec,
  };
  if (!Number.isInteger(load.calls) || load.calls < 1 || load.calls > 500_000) {
    fail('load.calls', `must be a whole number from 1 to 500000, got ${load.calls}`);
  }
  if (!(load.durationS > 0 && load.durationS <= 86_400)) {
    fail('load.durationS', `must be a number up to 86400, got ${load.durationS}`);
  }
  if (!(load.lossRatio >= 0 && load.lossRatio <= 1)) fail('load.lossRatio', 'must be from 0 to 1');
  if (!(load.jitterMs >= 0 && load.jitterMs < load.ptimeMs))
    fail('load.jitterMs', 'must be below the packet time');
  if (!(load.spreadS >= 0 && load.spreadS <= 86_400)) fail('load.spreadS', 'must be from 0 to 86400');
  if (!Number.isInteger(load.ptimeMs)) fail('load.ptimeMs', `must be a whole number, got ${load.ptimeMs}`);
  if (findCodec(load.codec) === undefined)
    fail('load.codec', `must be one of ${codecNames()}, got "${load.codec}"`);
  checkScenario({ seed: load.seed, startTime: load.startTime, calls: [] });
  return load;
}

function writeTo(load: Required<LoadSpec>, write: WriteAll): LoadTruth {
  const epochMs = Date.parse(load.startTime);
  const scenario: Scenario = { seed: load.seed, calls: [] };
  const calls = Array.from({ length: load.calls }, (_, i) => resolveCall(scenario, loadCall(load, i), i));
  const writer = new ChunkWriter(write);
  writer.chunk.set(pcapHeader(false));
  writer.at = FILE_HEADER_OCTETS;
  const signalling = planSignalling(scenario, calls);
  const streams = planStreams(load, calls);
  const truth: LoadTruth = {
    schema: 'earshot.truth/1',
    load,
    calls: load.calls,
    streams: streams.count,
    packets: 0,
    sip: signalling.length,
    rtp: 0,
    octets: 0,
    expected: 0,
    lost: 0,
    fileBytes: 0,
    startTime: isoTime(epochMs, signalling[0]!.timeUs * 1000),
    endTime: '',
  };
  const lastUs = interleave({ load, epochMs, scenario, calls, signalling, streams, writer, truth });
  writer.flush();
  truth.packets = truth.sip + truth.rtp;
  truth.octets = truth.rtp * calls[0]!.codec.octets(load.ptimeMs);
  truth.lost = truth.expected - truth.rtp;
  truth.fileBytes = writer.written;
  truth.endTime = isoTime(epochMs, lastUs * 1000);
  return truth;
}

function loadCall(load: Required<LoadSpec>, i: number): CallSpec {
  // 250 hosts a side; each has room for 12,000 calls.
  const host = 1 + (i % 250);
  const rtpPort = 10_000 + 4 * Math.floor(i / 250);
  return {
    startMs: (i * load.spreadS * 1000) / load.calls,
    ringMs: [40, 60],
    durationMs: load.durationS * 1000 + 100,
    codec: load.codec,
    ptimeMs: load.ptimeMs,
    caller: { user: `555${String(i).padStart(6, '0')}`, ip: `198.51.100.${host}`, rtpPort },
    callee: { user: `556${String(i).padStart(6, '0')}`, ip: `203.0.113.${host}`, rtpPort },
  };
}

interface SignallingEvent {
  timeUs: number;
  call: number;
  /** Number of the message within its call. */
  message: number;
}

/** When each message is due. The texts are made again when they are written: they need not all be in memory. */
function planSignalling(scenario: Scenario, calls: readonly ResolvedCall[]): SignallingEvent[] {
  const events = calls.flatMap((call, i) =>
    planDialog(scenario, call).map(({ timeMs }, message) => ({
      timeUs: Math.round(timeMs * 1000),
      call: i,
      message,
    })),
  );
  return events.sort((a, b) => a.timeUs - b.timeUs);
}

function planStreams(load: Required<LoadSpec>, calls: readonly ResolvedCall[]): LoadStreams {
  const count = 2 * calls.length;
  const headerOctets = RECORD_HEADER_OCTETS + HEADERS_OCTETS;
  const streams: LoadStreams = {
    count,
    startUs: new Float64Array(count),
    ssrc: new Uint32Array(count),
    seq: new Uint16Array(count),
    timestamp: new Uint32Array(count),
    ident: new Uint16Array(count),
    headerSum: new Uint32Array(count),
    headers: new Uint8Array(count * headerOctets),
  };
  for (let s = 0; s < count; s++) {
    const call = calls[s >> 1]!;
    const random = randomFor(load.seed, 'load', s);
    // The media follows the ACK, each stream at a place of its own within the packet time.
    streams.startUs[s] = Math.round(call.answerMs * 1000) + 15_000 + random.int(load.ptimeMs * 1000);
    streams.ssrc[s] = random.uint32();
    streams.seq[s] = random.int(65536);
    streams.timestamp[s] = random.uint32();
    streams.ident[s] = random.int(65536);
    const template = headerTemplate(
      call,
      s % 2 === 0 ? 'callerToCallee' : 'calleeToCaller',
      streams.ssrc[s]!,
    );
    streams.headers.set(template, s * headerOctets);
    streams.headerSum[s] = onesSum(template.subarray(IPV4, IPV4 + 20), 0);
  }
  return streams;
}

/** Record header and headers of a packet, with 0 where each packet differs. */
function headerTemplate(call: ResolvedCall, way: Direction, ssrc: number): Uint8Array {
  const [src, dst] = way === 'callerToCallee' ? [call.caller, call.callee] : [call.callee, call.caller];
  const payload = new Uint8Array(12 + call.codec.octets(call.ptimeMs));
  payload[0] = 0x80;
  payload[1] = call.codec.payloadType;
  new DataView(payload.buffer).setUint32(8, ssrc);
  const route = { src: src.wireIp, dst: dst.wireIp, dscp: 46, ttl: 64, vlans: [] };
  const frame = udpFrame(route, src.wireRtpPort, dst.wireRtpPort, payload, 0);
  const template = new Uint8Array(RECORD_HEADER_OCTETS + HEADERS_OCTETS);
  const view = new DataView(template.buffer);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, frame.length, true);
  template.set(frame.subarray(0, HEADERS_OCTETS), RECORD_HEADER_OCTETS);
  view.setUint16(IPV4 + 10, 0);
  view.setUint16(IPV4 + 26, 0);
  return template;
}

interface LoadRun {
  load: Required<LoadSpec>;
  epochMs: number;
  scenario: Scenario;
  calls: readonly ResolvedCall[];
  signalling: readonly SignallingEvent[];
  streams: LoadStreams;
  writer: ChunkWriter;
  truth: LoadTruth;
}

/**
 * Puts all packets in order of time. Each stream has one packet per packet time, and its delay is below one more, so
 * a ring of two packet times with a list of packets for every microsecond sorts them at constant cost each.
 * Returns the time of the last packet, us.
 */
function interleave(run: LoadRun): number {
  const { load, streams, signalling, truth } = run;
  const slotUs = load.ptimeMs * 1000;
  const jitterUs = Math.floor(load.jitterMs * 1000);
  const packetsPerStream = Math.max(1, Math.floor((load.durationS * 1000) / load.ptimeMs));
  const random = randomFor(load.seed, 'load', 'network');
  const ring = new Int32Array(2 * slotUs).fill(-1);
  // Two entries per stream: a late packet may still wait as the next one is placed.
  const next = new Int32Array(2 * streams.count);
  const number = new Int32Array(2 * streams.count);
  const write = packetWriter(run);
  let due = 0;
  let lastUs = 0;
  const signalUntil = (timeUs: number): void => {
    for (; due < signalling.length && signalling[due]!.timeUs <= timeUs; due++) {
      writeSignal(run, signalling[due]!);
      lastUs = signalling[due]!.timeUs;
    }
  };
  const lastSlot =
    Math.floor(streams.startUs.reduce((a, b) => Math.max(a, b)) / slotUs) + packetsPerStream + 1;
  for (let slot = 0; slot <= lastSlot; slot++) {
    placeSlot(slot);
    const base = (slot & 1) * slotUs;
    for (let us = 0; us < slotUs; us++) {
      let entry = ring[base + us]!;
      if (entry < 0) continue;
      ring[base + us] = -1;
      const timeUs = slot * slotUs + us;
      if (due < signalling.length && signalling[due]!.timeUs <= timeUs) signalUntil(timeUs);
      for (; entry >= 0; entry = next[entry]!) write(entry >> 1, number[entry]!, timeUs);
      lastUs = timeUs;
    }
  }
  signalUntil(Number.POSITIVE_INFINITY);
  return lastUs;

  function placeSlot(slot: number): void {
    for (let s = 0; s < streams.count; s++) {
      const phase = streams.startUs[s]! % slotUs;
      const k = slot - (streams.startUs[s]! - phase) / slotUs;
      if (k < 0 || k >= packetsPerStream) continue;
      truth.expected++;
      const end = k === 0 || k === packetsPerStream - 1;
      if (random.float() < load.lossRatio && !end) continue;
      const delayUs = Math.floor(random.float() * (jitterUs + 1));
      const at = (slot * slotUs + phase + delayUs) % (2 * slotUs);
      const entry = 2 * s + (k & 1);
      number[entry] = k;
      next[entry] = ring[at]!;
      ring[at] = entry;
    }
  }
}

/** Writes packet `k` of stream `s` at a time: the stream's headers, patched, and a piece of speech. */
function packetWriter(run: LoadRun): (s: number, k: number, timeUs: number) => void {
  const { load, streams, writer, truth, calls } = run;
  const codec = calls[0]!.codec;
  const octets = codec.octets(load.ptimeMs);
  const ticks = (load.ptimeMs * codec.clockRate) / 1000;
  const headerOctets = RECORD_HEADER_OCTETS + HEADERS_OCTETS;
  const recordOctets = headerOctets + octets;
  const epoch = splitTime(run.epochMs, 0);
  const epochUs = epoch.nanoseconds / 1000;
  const headers = Buffer.from(streams.headers.buffer);
  const speech = Buffer.concat([speechOctets(codec), speechOctets(codec)]);
  const fixed = codec.header(load.ptimeMs);
  const chunk = Buffer.from(writer.chunk.buffer);
  const { view } = writer;
  return (s, k, timeUs) => {
    writer.reserve(recordOctets);
    const at = writer.at;
    headers.copy(chunk, at, s * headerOctets, (s + 1) * headerOctets);
    const speechAt = (k * octets + s * 31) % SPEECH_OCTETS;
    speech.copy(chunk, at + headerOctets, speechAt, speechAt + octets);
    for (let i = 0; i < fixed.length; i++) chunk[at + headerOctets + i] = fixed[i]!;
    const us = timeUs + epochUs;
    const seconds = Math.floor(us / 1e6);
    view.setUint32(at, epoch.seconds + seconds, true);
    view.setUint32(at + 4, us - seconds * 1e6, true);
    const ident = (streams.ident[s]! + k) & 0xffff;
    const sum = streams.headerSum[s]! + ident;
    view.setUint16(at + IPV4 + 4, ident);
    view.setUint16(at + IPV4 + 10, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
    // The first packet begins a talkspurt: marker.
    if (k === 0) view.setUint8(at + RTP + 1, codec.payloadType | 0x80);
    view.setUint16(at + RTP + 2, streams.seq[s]! + k);
    view.setUint32(at + RTP + 4, streams.timestamp[s]! + k * ticks);
    writer.at = at + recordOctets;
    truth.rtp++;
  };
}

function writeSignal(run: LoadRun, event: SignallingEvent): void {
  const call = run.calls[event.call]!;
  const { from, text } = planDialog(run.scenario, call)[event.message]!;
  const [src, dst] = from === 'caller' ? [call.caller, call.callee] : [call.callee, call.caller];
  const route = { src: src.wireIp, dst: dst.wireIp, dscp: 24, ttl: 64, vlans: [] };
  const frame = udpFrame(route, src.sipPort, dst.sipPort, new TextEncoder().encode(text), event.message);
  const { writer } = run;
  writer.reserve(RECORD_HEADER_OCTETS + frame.length);
  const { seconds, nanoseconds } = splitTime(run.epochMs, event.timeUs * 1000);
  writer.view.setUint32(writer.at, seconds, true);
  writer.view.setUint32(writer.at + 4, Math.round(nanoseconds / 1000), true);
  writer.view.setUint32(writer.at + 8, frame.length, true);
  writer.view.setUint32(writer.at + 12, frame.length, true);
  writer.chunk.set(frame, writer.at + RECORD_HEADER_OCTETS);
  writer.at += RECORD_HEADER_OCTETS + frame.length;
}

/** Packets of one stream as tshark reads them, and RFC 3550's arithmetic on them: an opinion that is neither side's. */
import { spawnSync } from 'node:child_process';
import { hasProgram } from './lab.ts';

export const missingTshark: string | null = hasProgram('tshark') ? null : 'tshark is not installed';

export interface Arrival {
  timeUs: number;
  sequence: number;
  timestamp: number;
}

export function arrivals(capture: string, from: { ip: string; port: number }): Arrival[] {
  const filter = `ip.src==${from.ip} && udp.srcport==${from.port} && rtp`;
  const fields = ['frame.time_epoch', 'rtp.seq', 'rtp.timestamp'].flatMap((field) => ['-e', field]);
  const args = ['-r', capture, '-d', `udp.port==${from.port},rtp`, '-Y', filter, '-T', 'fields', ...fields];
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [time, sequence, timestamp] = line.split('\t') as [string, string, string];
    return {
      timeUs: Math.round(Number(time) * 1e6),
      sequence: Number(sequence),
      timestamp: Number(timestamp),
    };
  });
}

/** RFC 3550 A.8 in whole numbers after each packet, in ticks; arrival times as some clock shows them. */
export function jitterTicks(all: readonly Arrival[], ticksOf: (timeUs: number) => number): number[] {
  let scaled = 0;
  let before: number | null = null;
  return all.map(({ timeUs, timestamp }) => {
    const transit = ticksOf(timeUs) - timestamp;
    if (before !== null) scaled += Math.abs(transit - before) - ((scaled + 8) >> 4);
    before = transit;
    return scaled >> 4;
  });
}

/** rtpengine's clock: whole milliseconds, then ticks of 8000 Hz. */
export const wholeMs = (timeUs: number): number => Math.floor(timeUs / 1000) * 8;
/** The nearest tick of 8000 Hz. */
export const nearestTick = (timeUs: number): number => Math.round(timeUs / 125);

/** A line of tshark's own summary of streams. */
export interface SharkStream {
  src: { ip: string; port: number };
  packets: number;
  /** Expected less received, copies included. */
  lost: number;
  meanJitterMs: number;
}

/** tshark's summary; `ports` are those on which to expect RTP, as `20000-20010`. */
export function sharkStreams(capture: string, ports: readonly string[]): SharkStream[] {
  const decode = ports.flatMap((range) => ['-d', `udp.port==${range},rtp`]);
  const args = ['-r', capture, ...decode, '-q', '-z', 'rtp,streams'];
  const { stdout } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 24 });
  const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return lines
    .filter(([, , ip]) => /^\d+\.\d+\.\d+\.\d+$/.test(ip ?? ''))
    .map((column) => ({
      src: { ip: column[2]!, port: Number(column[3]) },
      packets: Number(column[8]),
      lost: Number(column[9]),
      meanJitterMs: Number(column[15]),
    }));
}

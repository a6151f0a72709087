import { createSocket, type Socket } from 'node:dgram';
import { type Impairment, impair } from './impairment.ts';
import type { PreciseQueue } from './precise-queue.ts';
import { type BoxTruth, type FlowTruth, unwrapper } from './truth.ts';

export interface Address {
  ip: string;
  port: number;
}

type Way = 'toRight' | 'toLeft';

export interface RelaySides {
  leftIp: string;
  rightIp: string;
  toRight: Impairment;
  toLeft: Impairment;
}

/** Passes RTP and RTCP of one call between two sides, late and with losses as told, and notes what it did. */
export class MediaRelay {
  readonly port: number;
  left: Address | null = null;
  right: Address | null = null;
  private readonly sockets: Socket[] = [];
  private readonly truth: BoxTruth;
  private readonly queue: PreciseQueue;
  private readonly sides: RelaySides;

  constructor(sides: RelaySides, port: number, queue: PreciseQueue, truth: BoxTruth) {
    this.sides = sides;
    this.port = port;
    this.queue = queue;
    this.truth = truth;
  }

  async open(): Promise<void> {
    for (const [offset, rtcp] of [
      [0, false],
      [1, true],
    ] as const) {
      const left = await bound(this.sides.leftIp, this.port + offset);
      const right = await bound(this.sides.rightIp, this.port + offset);
      this.sockets.push(left, right);
      const pass = rtcp ? this.passRtcp.bind(this) : this.passRtp.bind(this);
      const toRight = pass('toRight', this.sides.toRight, right, () => shifted(this.right, offset));
      const toLeft = pass('toLeft', this.sides.toLeft, left, () => shifted(this.left, offset));
      left.on('message', toRight);
      right.on('message', toLeft);
    }
  }

  close(): void {
    for (const socket of this.sockets) socket.close();
  }

  private passRtcp(way: Way, { delayMs }: Impairment, out: Socket, to: () => Address | null) {
    return (data: Buffer): void => {
      const cameMs = performance.now();
      const target = to();
      if (target === null) return;
      this.queue.at(cameMs + delayMs, () => {
        out.send(data, target.port, target.ip);
        this.truth.rtcpDelaysMs[way].push(performance.now() - cameMs);
      });
    };
  }

  private passRtp(way: Way, impairment: Impairment, out: Socket, to: () => Address | null) {
    const decide = impair(impairment, `${way}/${this.port}`);
    const unwrap = unwrapper();
    const flows = new Map<number, FlowTruth>();
    let highestSent = -1;
    return (data: Buffer): void => {
      const target = to();
      if (data.length < 12 || target === null) return;
      const cameMs = performance.now();
      const { fate, dueMs } = decide(cameMs);
      const ssrc = data.readUInt32BE(8);
      const number = unwrap(data.readUInt16BE(2));
      const flow = flows.get(ssrc) ?? this.begin(way, ssrc);
      flows.set(ssrc, flow);
      flow.received++;
      if (fate === 'lost') {
        flow.dropped.push(number);
        return;
      }
      if (fate === 'duplicated') flow.duplicated.push(number);
      flow.firstSent = Math.min(flow.firstSent ?? number, number);
      flow.lastSent = Math.max(flow.lastSent ?? number, number);
      const send = (): void => out.send(data, target.port, target.ip);
      this.queue.at(dueMs, () => {
        if (number < highestSent) flow.reordered.push(number);
        highestSent = Math.max(highestSent, number);
        send();
        flow.staysMs.push(performance.now() - cameMs);
      });
      if (fate === 'duplicated') this.queue.at(dueMs + 1, send);
    };
  }

  private begin(direction: Way, ssrc: number): FlowTruth {
    const flow: FlowTruth = {
      direction,
      port: this.port,
      ssrc: `0x${ssrc.toString(16).padStart(8, '0')}`,
      received: 0,
      firstSent: null,
      lastSent: null,
      dropped: [],
      reordered: [],
      duplicated: [],
      staysMs: [],
    };
    this.truth.flows.push(flow);
    return flow;
  }
}

function shifted(address: Address | null, offset: number): Address | null {
  return address === null ? null : { ip: address.ip, port: address.port + offset };
}

/** A socket on an address, ready to receive. */
export function bound(ip: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, ip, () => {
      socket.removeListener('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

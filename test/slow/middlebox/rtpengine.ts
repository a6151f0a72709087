import { createSocket } from 'node:dgram';
import { type Bencoded, decode, encode } from './bencode.ts';

/** Asks rtpengine by its NG protocol: a cookie and a bencoded dictionary in one datagram, answered likewise. */
export class RtpengineControl {
  private readonly socket = createSocket('udp4');
  private readonly waiting = new Map<string, (answer: Record<string, Bencoded>) => void>();
  private readonly ip: string;
  private readonly port: number;
  private asked = 0;

  constructor(ip: string, port: number) {
    this.ip = ip;
    this.port = port;
    this.socket.on('message', (octets) => {
      const space = octets.indexOf(0x20);
      const cookie = octets.toString('latin1', 0, space);
      const answer = decode(octets.subarray(space + 1));
      this.waiting.get(cookie)?.(answer as Record<string, Bencoded>);
      this.waiting.delete(cookie);
    });
  }

  /** Sends a command and waits for its answer, five seconds at most. */
  ask(command: string, fields: Record<string, Bencoded>): Promise<Record<string, Bencoded>> {
    const cookie = `${process.pid}_${++this.asked}`;
    const datagram = `${cookie} ${encode({ command, ...fields })}`;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`rtpengine did not answer ${command}`)), 5000);
      this.waiting.set(cookie, (answer) => {
        clearTimeout(late);
        resolve(answer);
      });
      this.socket.send(datagram, this.port, this.ip);
    });
  }

  close(): void {
    this.socket.close();
  }
}

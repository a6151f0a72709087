import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { HepReceiver, type HepReceiverOptions } from '../../../src/capture/hep/receiver.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { PacketBatch } from '../../../src/packet/batch.ts';
import { decodeFrame } from '../../../src/packet/link.ts';
import { DECODED } from '../../../src/packet/reasons.ts';
import { PacketView } from '../../../src/packet/view.ts';
import type { CallRecord, StreamRecord } from '../../../src/records/types.ts';
import { buildScenario } from '../../../src/synth/build.ts';
import { hepOf, oldHep } from '../../packet/write-hep.ts';
import { bytesOf, EXAMPLES, INVITE } from '../../sip/examples.ts';
import { readCapture } from '../../synth/read-capture.ts';

const open: HepReceiver[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((receiver) => receiver.close()));
});

async function receiverOf(options: HepReceiverOptions = {}): Promise<HepReceiver> {
  const receiver = await HepReceiver.open({ port: 0, ...options });
  open.push(receiver);
  return receiver;
}

async function sendUdp(port: number, messages: readonly Uint8Array[], host = '127.0.0.1'): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  for (const message of messages) {
    await new Promise<void>((resolve, reject) => {
      socket.send(message, port, host, (error) => (error === null ? resolve() : reject(error)));
    });
  }
  const from = socket.address().port;
  socket.close();
  return from;
}

async function connectTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Payloads of all packets that come, until there are `count`. */
async function payloads(receiver: HepReceiver, count: number): Promise<string[]> {
  const got: string[] = [];
  while (got.length < count && (await receiver.ready())) {
    for (const { payload } of packetsOf(receiver.read())) got.push(payload);
  }
  return got;
}

interface Packet {
  payload: string;
  view: PacketView;
}

function packetsOf(batch: PacketBatch | null): Packet[] {
  if (batch === null) return [];
  return Array.from({ length: batch.count }, (_, i) => {
    const view = new PacketView();
    const start = batch.offset[i]!;
    const answer = decodeFrame(view, batch.view, batch.linkType[i]!, start, start + batch.capturedLength[i]!);
    if (answer !== DECODED) throw new Error(`packet ${i} does not decode: ${answer}`);
    const { payloadOffset: at, payloadLength: length } = view;
    return { view, payload: Buffer.from(batch.bytes.subarray(at, at + length)).toString('hex') };
  });
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const messages = EXAMPLES.map((text) => hepOf(bytesOf(text)));
/** Until a counter shows what was sent; the sockets say nothing else about it. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('HepReceiver', () => {
  test('delivers datagrams as raw IP packets, from whom they came', async () => {
    const receiver = await receiverOf({ input: 3, nowUs: () => 1_700_000_000_000_000 });
    const from = await sendUdp(receiver.port, messages);
    await until(() => receiver.counters.messages === 3);
    const batch = receiver.read()!;
    const packets = packetsOf(batch);
    expect(packets.map(({ payload }) => payload)).toEqual(messages.map(hex));
    for (const [i, { view }] of packets.entries()) {
      expect(view).toMatchObject({
        srcPort: from,
        dstPort: receiver.port,
        src3: 0x7f000001,
        dst3: 0x7f000001,
      });
      expect([batch.timeUs[i], batch.linkType[i], batch.input[i], batch.frame[i]]).toEqual([
        1_700_000_000_000_000,
        101,
        3,
        i + 1,
      ]);
    }
    expect(receiver.read()).toBeNull();
    expect(receiver.counters).toMatchObject({ messages: 3, queueFull: 0, malformed: 0 });
  });

  test('the packets are sound to the last checksum', async () => {
    const receiver = await receiverOf();
    await sendUdp(receiver.port, messages);
    await until(() => receiver.counters.messages === 3);
    const batch = receiver.read()!;
    const parts = Array.from({ length: batch.count }, (_, i) => {
      const start = batch.offset[i]!;
      const ip = batch.bytes.slice(start, start + batch.capturedLength[i]!);
      const frame = Buffer.concat([Buffer.from('020000000001020000000002', 'hex'), Buffer.from([8, 0]), ip]);
      const head = Buffer.alloc(16);
      head.writeUInt32LE(frame.length, 8);
      head.writeUInt32LE(frame.length, 12);
      return Buffer.concat([head, frame]);
    });
    const file = Buffer.concat([
      Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'),
      ...parts,
    ]);
    const read = readCapture(new Uint8Array(file));
    expect(read.map((packet) => [packet.checksummed, hex(packet.payload)])).toEqual(
      messages.map((one) => [true, hex(one)]),
    );
  });

  test('over IPv6', async ({ skip }) => {
    const receiver = await receiverOf({ host: '::1' }).catch(() => null);
    if (receiver === null) return skip('this machine has no IPv6 loopback');
    await sendUdp(receiver.port, messages.slice(0, 1), '::1');
    await until(() => receiver.counters.messages === 1);
    const [packet] = packetsOf(receiver.read());
    expect(packet!.payload).toBe(hex(messages[0]!));
    expect(packet!.view).toMatchObject({ src0: 0, src3: 1, dst3: 1 });
  });

  test('over TCP, cut anywhere, several connections at a time', async () => {
    const receiver = await receiverOf();
    const whole = Buffer.concat(messages);
    const [first, second] = [await connectTo(receiver.port), await connectTo(receiver.port)];
    for (let at = 0; at < whole.length; at += 97) {
      first.write(whole.subarray(at, at + 97));
      if (at === 0) second.write(whole);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const got = await payloads(receiver, 6);
    expect(got.sort()).toEqual([...messages, ...messages].map(hex).sort());
  });

  test('without the right key nothing gets in', async () => {
    const receiver = await receiverOf({ authenticationKey: bytesOf('secret') });
    const keyed = ['wrong!', 'secre', 'secret'].map((key) => hepOf(bytesOf(INVITE), { key }));
    await sendUdp(receiver.port, [messages[0]!, oldHep(1, bytesOf(INVITE)), ...keyed]);
    const socket = await connectTo(receiver.port);
    socket.write(messages[0]!);
    await until(() => receiver.counters.messages + receiver.counters.unauthenticated === 6);
    expect(receiver.counters).toMatchObject({ messages: 1, unauthenticated: 5 });
    expect(packetsOf(receiver.read()).map(({ payload }) => payload)).toEqual([hex(keyed[2]!)]);
  });

  test('what is no HEP is counted; a connection with it is closed', async () => {
    const receiver = await receiverOf();
    const broken = messages[0]!.slice();
    broken[11] = 3;
    await sendUdp(receiver.port, [
      bytesOf(INVITE),
      broken,
      new Uint8Array(0),
      Uint8Array.of(0x48),
      messages[0]!,
    ]);
    await until(() => receiver.counters.messages === 1);
    expect(receiver.counters.malformed).toBe(4);
    const socket = await connectTo(receiver.port);
    const closed = once(socket, 'close');
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    expect(receiver.counters.connectionsForeign).toBe(1);
  });

  test('what a connection that ends leaves unfinished is counted, whole messages before it are taken', async () => {
    const receiver = await receiverOf();
    const socket = await connectTo(receiver.port);
    const [first, second] = [messages[0]!, messages[1]!];
    socket.write(Buffer.concat([first, second.subarray(0, second.length - 1)]));
    expect(await payloads(receiver, 1)).toEqual([hex(first)]);
    socket.end();
    await until(() => receiver.openConnections === 0);
    expect(receiver.counters).toMatchObject({ messages: 1, cutOff: 1, malformed: 0, connectionsForeign: 0 });
  });

  test('the queue is bounded in packets and octets; what finds no room is counted', async () => {
    for (const bounds of [{ queuePacketsMax: 2 }, { queueBytesMax: 2 * (messages[0]!.length + 60) }]) {
      const receiver = await receiverOf(bounds);
      await sendUdp(receiver.port, [messages[0]!, messages[0]!, messages[0]!, messages[0]!]);
      await until(() => receiver.counters.messages + receiver.counters.queueFull === 4);
      expect(receiver.counters).toMatchObject({ messages: 2, queueFull: 2 });
      expect(receiver.read()!.count).toBe(2);
      await sendUdp(receiver.port, messages.slice(0, 1));
      expect(await receiver.ready()).toBe(true);
      expect(receiver.read()!.count).toBe(1);
      expect(receiver.counters.bytes).toBe(3 * (messages[0]!.length + 28));
    }
  });

  test('a batch stays as it is until the next read, whatever comes', async () => {
    const receiver = await receiverOf();
    await sendUdp(receiver.port, [messages[0]!]);
    await receiver.ready();
    const batch = receiver.read();
    await sendUdp(receiver.port, [messages[1]!]);
    await until(() => receiver.counters.messages === 2);
    expect(packetsOf(batch).map(({ payload }) => payload)).toEqual([hex(messages[0]!)]);
    expect(packetsOf(receiver.read()).map(({ payload }) => payload)).toEqual([hex(messages[1]!)]);
  });

  test('the connection that was silent longest makes room', async () => {
    const receiver = await receiverOf({ connectionsMax: 2 });
    const first = await connectTo(receiver.port);
    await until(() => receiver.counters.connections === 1);
    const second = await connectTo(receiver.port);
    await until(() => receiver.counters.connections === 2);
    first.write(messages[0]!);
    await receiver.ready();
    const gone = once(second, 'close');
    const third = await connectTo(receiver.port);
    await gone;
    third.write(messages[1]!);
    first.write(messages[2]!);
    await until(() => receiver.counters.messages === 3);
    expect(receiver.counters).toMatchObject({ connections: 3, connectionsEvicted: 1 });
  });

  test('a port that is free for UDP only is not taken where any will do', async () => {
    const refuse = vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (this: Server) {
      const taken = Object.assign(new Error('taken'), { code: 'EADDRINUSE' });
      process.nextTick(() => this.emit('error', taken));
      return this;
    });
    const receiver = await receiverOf();
    expect(refuse).toHaveBeenCalledTimes(2);
    await sendUdp(receiver.port, messages.slice(0, 1));
    (await connectTo(receiver.port)).write(messages[1]!);
    await until(() => receiver.counters.messages === 2);
    refuse.mockRestore();
  });

  test('a message over TCP that fits no datagram', async () => {
    const receiver = await receiverOf();
    const socket = await connectTo(receiver.port);
    const long = hepOf(new Uint8Array(65_535 - 99));
    expect(long.length).toBe(65_535);
    socket.write(long);
    socket.write(messages[0]!);
    await until(() => receiver.counters.messages === 1);
    expect(receiver.counters.tooLong).toBe(1);
  });

  test('closing ends waiting, and what came can still be read', async () => {
    const receiver = await receiverOf();
    const waiting = receiver.ready();
    await receiver.close();
    expect(await waiting).toBe(false);
    const other = await receiverOf({ transports: ['udp'] });
    await sendUdp(other.port, messages.slice(0, 1));
    await until(() => other.counters.messages === 1);
    await other.close();
    await other.close();
    expect(await other.ready()).toBe(true);
    expect(other.read()!.count).toBe(1);
    expect(await other.ready()).toBe(false);
  });

  test('says in one line why it cannot listen', async () => {
    const receiver = await receiverOf();
    const taken = HepReceiver.open({ port: receiver.port });
    await expect(taken).rejects.toThrow(
      /^cannot listen for HEP at 127\.0\.0\.1 port \d+: another program listens/,
    );
    await expect(HepReceiver.open({ host: 'nowhere', port: 0 })).rejects.toThrow('no such address');
    await expect(HepReceiver.open({ host: '192.0.2.1', port: 0 })).rejects.toThrow('no such address');
  });
});

test('calls that an agent tells of are followed like captured ones', async () => {
  const scenario = { hep: true, calls: [{ callId: 'told@x', durationMs: 1500, rtcp: { intervalMs: 400 } }] };
  const { pcap, truth } = buildScenario(scenario);
  const receiver = await receiverOf({ nowUs: () => Date.parse('2026-03-02T09:00:00Z') * 1000 });
  const streams: StreamRecord[] = [];
  const calls: CallRecord[] = [];
  const engine = new Engine({
    call: (record) => calls.push(record),
    stream: (record) => streams.push(record),
    finding: () => {},
  });
  let sent = 0;
  for (const packet of readCapture(pcap)) {
    await sendUdp(receiver.port, [packet.payload]);
    sent++;
    if (sent % 20 !== 0) continue;
    await until(() => receiver.counters.messages === sent);
    for (let batch = receiver.read(); batch !== null; batch = receiver.read()) engine.ingest(batch);
  }
  await until(() => receiver.counters.messages === sent);
  for (let batch = receiver.read(); batch !== null; batch = receiver.read()) engine.ingest(batch);
  engine.finish();
  expect(calls.map(({ callId, state }) => [callId, state])).toEqual([['told@x', 'answered']]);
  expect(calls[0]!.setup.answerDelayMs).toBe(1680);
  expect(
    streams.map(({ callId, packets, encapsulation, dscp }) => [callId, packets, encapsulation, dscp]),
  ).toEqual(truth.streams.map(({ packets }) => ['told@x', packets, ['hep'], []]));
  // All of it came in one instant of the receiver's clock: the figures are the agent's.
  expect(streams[0]!.jitterMs.max).toBeLessThan(0.1);
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HepAddress } from '../../../src/capture/live/hep-address.ts';
import { openHepSource } from '../../../src/capture/live/hep-source.ts';
import { LiveCaptureError, type LiveSource } from '../../../src/capture/live/live-source.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { CallRecord } from '../../../src/records/types.ts';
import { hepOf } from '../../packet/write-hep.ts';
import { bytesOf, EXAMPLES } from '../../sip/examples.ts';

const messages = EXAMPLES.map((text) => hepOf(bytesOf(text)));

async function open(transport: 'udp' | 'tcp', host = '127.0.0.1', key: string | null = null) {
  const authenticationKey = key === null ? null : Buffer.from(key);
  return openHepSource({ address: { transport, host, port: 0 }, authenticationKey, input: 3 });
}

const portOf = ({ name }: LiveSource): number => Number(/\d+$/.exec(name)![0]);

async function sendUdp(port: number, host: string): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  for (const message of messages) {
    await new Promise<void>((resolve) => socket.send(message, port, host, () => resolve()));
  }
  socket.close();
}

/** What the engine makes of all that a source delivers until it is stopped. */
async function measured(source: LiveSource, send: (port: number) => Promise<void>) {
  const calls: CallRecord[] = [];
  const engine = new Engine({ call: (call) => calls.push(call), stream: () => {}, finding: () => {} });
  const inputs = new Set<number>();
  const ended = new Promise<LiveCaptureError | null>((resolve) => {
    source.start((batch) => {
      for (let i = 0; i < batch.count; i++) inputs.add(batch.input[i]!);
      engine.ingest(batch);
    }, resolve);
  });
  await send(portOf(source));
  await source.stop();
  await source.stop();
  expect(await ended).toBeNull();
  engine.finish();
  return { engine, calls, inputs };
}

describe('HEP from capture agents', () => {
  test.each(['127.0.0.1', '::1'])(
    'over UDP at %s: what is waiting when it is stopped is measured, too',
    async (host) => {
      const source = await open('udp', host);
      const { engine, inputs } = await measured(source, (port) => sendUdp(port, host));
      expect(engine.account().hep.messages).toBe(messages.length);
      expect([...inputs]).toEqual([3]);
      expect(source.counters()).toMatchObject({
        packets: messages.length,
        dropped: 0,
        ringFull: null,
        up: null,
      });
      expect([source.engine, source.stamps]).toEqual(['hep', 'kernel']);
    },
  );

  test('over TCP, in pieces of any size', async () => {
    const source = await open('tcp');
    const { engine } = await measured(source, async (port) => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.setNoDelay(true);
      const bytes = Buffer.concat(messages);
      for (let at = 0; at < bytes.length; at += 701) socket.write(bytes.subarray(at, at + 701));
      await new Promise<void>((resolve) => socket.end(() => resolve()));
      while (source.counters().packets < messages.length) await new Promise((go) => setTimeout(go, 5));
    });
    expect(engine.account().hep.messages).toBe(messages.length);
    expect(source.details?.()).toEqual({
      ...{ malformed: 0, unauthenticated: 0, tooLong: 0, cutOff: 0 },
      ...{ connections: 1, connectionsEvicted: 0, connectionsForeign: 0, openConnections: 0 },
    });
  });

  test('without the key is counted and dropped', async () => {
    const source = await open('udp', '127.0.0.1', 'secret');
    const { engine } = await measured(source, async (port) => {
      await sendUdp(port, '127.0.0.1');
      while (source.details!().unauthenticated! < messages.length)
        await new Promise((go) => setTimeout(go, 5));
    });
    expect(engine.account().packets).toBe(0);
    expect(source.details?.()).toMatchObject({ unauthenticated: messages.length });
  });

  test('an address that is taken, or not ours, is an error that says what to do', async () => {
    const first = await open('udp');
    const address: HepAddress = { transport: 'udp', host: '127.0.0.1', port: portOf(first) };
    const again = openHepSource({ address, authenticationKey: null, input: 0 });
    await expect(again).rejects.toThrow(/another program listens there; choose another port \(--hep udp:127/);
    await expect(open('tcp', '203.0.113.1')).rejects.toThrow(LiveCaptureError);
    await first.stop();
  });
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dropsIn, socketDrops } from '../../../src/capture/live/socket-drops.ts';

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  325: 0100007F:2364 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48105 2 0000000000000000 17
  326: 00000000:2364 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48106 2 0000000000000000 4
  327: 00000000000000000000000001000000:2364 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48107 2 0000000000000000 5
`;

describe('what the kernel dropped of a UDP socket', () => {
  test('is found by address and port', () => {
    expect(dropsIn(TABLE, '127.0.0.1', 9060)).toBe(17);
    expect(dropsIn(TABLE, '0.0.0.0', 9060)).toBe(4);
    expect(dropsIn(TABLE, '::1', 9060)).toBe(5);
    expect(dropsIn(TABLE, '127.0.0.1', 9061)).toBeNull();
    expect(dropsIn('', '127.0.0.1', 9060)).toBeNull();
  });

  test.skipIf(!existsSync('/proc/self/net/udp'))('is 0 of a fresh one', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const drops = socketDrops('127.0.0.1', socket.address().port);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    expect(drops).toBe(0);
  });
});

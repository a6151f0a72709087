import { describe, expect, test } from 'vitest';
import { interfaceFacts, receiveCounters } from '../../../src/capture/live/interface-facts.ts';
import { interfaceNames } from '../../../src/capture/live/interface-list.ts';
import { openLibc } from '../../../src/capture/live/libc.ts';
import { hardwareTypeName, linkLayerOf } from '../../../src/capture/live/link-layer.ts';
import { machineFacts, processRights, readTimex } from '../../../src/capture/live/machine-facts.ts';

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1200 12 0 0 0 0 0 0 1200 12 0 0 0 0 0 0
  eth0:9876543210 1000 1 2 3 4 5 6 0 0 0 0 0 0 0 0
eth0:1: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0`;

describe('facts about interfaces', () => {
  test('counters of /proc/net/dev', () => {
    expect(receiveCounters(DEV, 'eth0')).toEqual({
      packets: 1000,
      bytes: 9_876_543_210,
      errors: 1,
      dropped: 2,
      fifo: 3,
    });
    expect(receiveCounters(DEV, 'eth0:1')).toMatchObject({ packets: 1, bytes: 5 });
    expect(receiveCounters(DEV, 'eth')).toBeNull();
    expect(receiveCounters('', 'eth0')).toBeNull();
  });

  test('what their packets begin with', () => {
    expect(linkLayerOf(1)).toEqual({ linkType: 1, cooked: false });
    expect(linkLayerOf(772)).toEqual({ linkType: 1, cooked: false });
    expect(linkLayerOf(0xfffe)).toEqual({ linkType: 101, cooked: false });
    expect(linkLayerOf(512)).toEqual({ linkType: 113, cooked: true });
    expect([hardwareTypeName(772), hardwareTypeName(31)]).toEqual(['loopback', 'ARPHRD 31']);
  });

  const libc = openLibc();
  test.skipIf(libc === null)(`loopback as it is${libc === null ? ' (skipped: no koffi here)' : ''}`, () => {
    expect(interfaceNames()).toContain('lo');
    expect(interfaceFacts('lo', libc)).toMatchObject({
      exists: true,
      hardwareName: 'loopback',
      link: { linkType: 1, cooked: false },
      offloads: { lro: false },
    });
    expect(interfaceFacts('lo', libc).mtu).toBeGreaterThan(1000);
  });

  test('one that does not exist, and one that is known by its counters only', () => {
    expect(interfaceFacts('nowhere0', libc)).toMatchObject({ exists: false, up: null, received: null });
    expect(interfaceFacts('nowhere0', null)).toMatchObject({ exists: false, mtu: null });
  });
});

describe('facts about the process', () => {
  test.each([
    ['CapEff:\t0000000000002000', { netRaw: true, netAdmin: false }],
    ['Name:\tnode\nCapPrm:\t0\nCapEff:\t000001ffffffffff\nSeccomp:\t0', { netRaw: true, netAdmin: true }],
    ['CapEff:\t0000000000000000', { netRaw: false, netAdmin: false }],
    ['', null],
  ])('rights out of %j', (status, rights) => {
    expect(processRights(status)).toEqual(rights);
  });

  test('the clock', () => {
    const timex = new Uint8Array(new ArrayBuffer(208));
    const fields = new DataView(timex.buffer);
    fields.setBigInt64(24, 16_000_000n, true);
    fields.setBigInt64(32, 250n, true);
    fields.setInt32(40, 0x2001, true);
    expect(readTimex(timex, 0)).toEqual({
      synchronised: true,
      maxErrorUs: 16_000_000,
      estimatedErrorUs: 250,
    });
    expect(readTimex(timex, 5).synchronised).toBe(false);
    fields.setInt32(40, 0x40, true);
    expect(readTimex(timex, 0).synchronised).toBe(false);
  });

  test('this machine', () => {
    const { platform, processors } = machineFacts(openLibc());
    expect(platform).toBe(process.platform);
    expect(processors).toBeGreaterThan(0);
  });
});

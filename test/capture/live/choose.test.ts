import { describe, expect, test } from 'vitest';
import { type CapturePlatform, chooseEngine, type EngineWish } from '../../../src/capture/live/choose.ts';
import { LiveCaptureError } from '../../../src/capture/live/live-source.ts';
import { openLive } from '../../../src/capture/live/open-live.ts';

const linux: CapturePlatform = { platform: 'linux', koffi: true, libpcap: true, cap: true };
const mac: CapturePlatform = { ...linux, platform: 'darwin' };
const windows: CapturePlatform = { platform: 'win32', koffi: true, libpcap: false, cap: true };
const bare: CapturePlatform = { platform: 'linux', koffi: false, libpcap: false, cap: false };

describe('the choice of an engine', () => {
  test.each<[EngineWish, string, CapturePlatform, string | null]>([
    ['auto', 'Linux with everything', linux, 'ring'],
    ['auto', 'Linux without koffi', { ...linux, koffi: false, libpcap: false }, 'cap'],
    ['auto', 'macOS', mac, 'pcap'],
    ['auto', 'macOS without koffi', { ...mac, koffi: false, libpcap: false }, 'cap'],
    ['auto', 'Windows', windows, 'cap'],
    ['auto', 'nothing installed', bare, null],
    ['ring', 'Linux', linux, 'ring'],
    ['ring', 'macOS', mac, null],
    ['ring', 'Linux without koffi', bare, null],
    ['pcap', 'Linux', linux, 'pcap'],
    ['pcap', 'Linux without libpcap', { ...linux, libpcap: false }, null],
    ['pcap', 'Windows', windows, null],
    ['cap', 'Linux', linux, 'cap'],
    ['cap', 'not built', bare, null],
    ['pipe', 'nothing installed', bare, 'pipe'],
    ['hep', 'nothing installed', bare, 'hep'],
  ])('%s on %s', (wish, _name, platform, engine) => {
    const choice = chooseEngine(wish, platform);
    expect(choice.engine).toBe(engine);
    expect(choice.why).toMatch(/^[^\n]+$/);
  });

  test('says why it is not the best, and what an engine cannot do', () => {
    expect(chooseEngine('auto', mac).why).toBe(
      'pcap: libpcap with kernel stamps and drop counts, one copy; not the ring: the ring engine is for Linux, this is darwin',
    );
    expect(chooseEngine('auto', windows).why).toMatch(/^cap: .*jitter is not to be trusted; not the ring:/);
  });

  test('says what to install', () => {
    expect(chooseEngine('pcap', bare).why).toContain(
      'koffi (npm install koffi) and libpcap (apt-get install libpcap0.8)',
    );
    expect(chooseEngine('auto', bare).why).toContain('tcpdump -i IFACE -U -w - | earshot live -');
  });
});

describe('opening', () => {
  const open = (engine: EngineWish, platform: CapturePlatform) =>
    openLive({ interface: 'eth9', engine }, platform);

  test.each<[EngineWish, CapturePlatform, string]>([
    ['auto', linux, 'ring kernel'],
    ['pcap', linux, 'pcap kernel'],
    ['cap', linux, 'pcap arrival'],
  ])('%s gives the source that was chosen', (engine, platform, expected) => {
    const { source } = open(engine, platform);
    expect(`${source.engine} ${source.stamps}`).toBe(expected);
    expect(source.name).toBe('eth9');
  });

  test.each<[EngineWish, CapturePlatform, string]>([
    ['ring', mac, 'not_supported'],
    ['ring', bare, 'library_missing'],
    ['pcap', windows, 'not_supported'],
    ['auto', bare, 'library_missing'],
    ['pipe', linux, 'not_supported'],
  ])('%s is refused with a code', (engine, platform, code) => {
    let refused: unknown = null;
    try {
      open(engine, platform);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(LiveCaptureError);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(/^[^\n]+$/) });
  });
});

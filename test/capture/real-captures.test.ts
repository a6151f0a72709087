/**
 * Captures that nobody here wrote, beside the checkout: as many packets as capinfos counts. The folder is not part
 * of the project, so these are skipped where it is absent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCapture } from '../../src/capture/open.ts';
import { collect } from './collect-packets.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/pcaps');
const isThere = existsSync(FOLDER);
const names = isThere ? readdirSync(FOLDER).filter((name) => /\.pcap(ng)?$/.test(name)) : [];

interface Capinfos {
  rc: number;
  error: string | null;
  packets: number | null;
  file_type: string | null;
}

function capinfosOf(name: string): Capinfos {
  const reference: { capinfos: Capinfos } = JSON.parse(
    readFileSync(join(FOLDER, 'ref', `${name}.json`), 'utf8'),
  );
  return reference.capinfos;
}

describe.skipIf(!isThere)(`captures of ${isThere ? FOLDER : 'a folder that is absent'}`, () => {
  const sound = names.filter((name) => capinfosOf(name).rc === 0 && name !== 'drv_zero_bytes.pcap');

  test('there are some', () => {
    expect(sound.length).toBeGreaterThan(90);
  });

  test.each(sound)('%s', (name) => {
    const { packets, file_type } = capinfosOf(name);
    const path = join(FOLDER, name);
    const whole = collect(openCapture(path));
    expect(whole.problems).toEqual([]);
    expect(whole.packets.length).toBe(packets);
    expect(whole.inputs[0]).toMatchObject({ packets, format: file_type });
    const pieces = collect(openCapture(path, { chunkBytes: 1000 }));
    expect(pieces.packets).toEqual(whole.packets);
  });

  test('the file cut short gives the packets before the cut', () => {
    const name = 'drv_cut_sip-rtp-g729a.pcap';
    const { error } = capinfosOf(name);
    const { packets, problems } = collect(openCapture(join(FOLDER, name)));
    expect(error).toContain(`after reading ${packets.length} packets`);
    expect(problems).toMatchObject([{ code: 'truncated_file', fatal: true }]);
  });

  test('text and nothing are no captures', () => {
    const problemOf = (name: string) => collect(openCapture(join(FOLDER, name))).problems;
    expect(problemOf('drv_text_not_pcap.pcap')).toMatchObject([{ code: 'not_a_capture', offset: 0 }]);
    expect(problemOf('drv_zero_bytes.pcap')).toMatchObject([{ code: 'empty_file', offset: 0 }]);
  });
});

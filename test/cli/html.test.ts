import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildScenario } from '../../src/synth/build.ts';
import type { LossSpec } from '../../src/synth/scenario.ts';
import { build, DEMO, demoParts, earshot, Folder, joined, ROOT, shell } from './earshot.ts';

const folder = new Folder();
let page: string;

beforeAll(() => {
  build();
  const out = folder.at('report.html');
  expect(earshot(['replay', DEMO, '--html', out])).toEqual({
    ...{ code: 0, stderr: '' },
    stdout: `${out}: 8 calls: 3 healthy, 4 bad media, 1 failed; 11 streams, worst R 70.1 (MOS 3.6), 84 packets lost (0.73 %)\n`,
  });
  page = readFileSync(out, 'utf8');
}, 120_000);
afterAll(() => folder.remove());

/** Details of one call that stand in the page. */
function section(text: string, id: string): string {
  return new RegExp(`<section class="call" id="call-${id}"[\\s\\S]*?</section>`).exec(text)?.[0] ?? '';
}

describe('earshot replay --html', () => {
  test('the same capture gives the same page', () => {
    const again = folder.at('again.html');
    expect(earshot(['replay', DEMO, '--html', again]).code).toBe(0);
    expect(readFileSync(again, 'utf8')).toBe(page);
  });

  test('has the ladder of a call with the frames of its messages', () => {
    const c2 = section(page, 'c2');
    for (const name of ['INVITE', '100 Trying', '180 Ringing', '200 OK', 'ACK', 'BYE'])
      expect(c2).toContain(`>${name}</text>`);
    expect(c2).toContain('audio: PCMU/8000 (first choice of the offer)');
    expect(c2).toMatch(/1\.680 s<\/td><td class="n dim">1\.5 s/);
  });

  test('a finding points at the packets it is about', () => {
    const c2 = section(page, 'c2');
    const filter = /<code class="filter">([^<]*)<\/code>/
      .exec(c2)![1]!
      .replaceAll('&amp;', '&')
      .replaceAll('&gt;', '>')
      .replaceAll('&lt;', '<');
    expect(filter).toContain('rtp.ssrc==0xe3500716');
    expect(filter).toMatch(/frame\.number>=\d+ && frame\.number<=\d+$/);
    expect(section(page, 'c6')).toContain('sip.Call-ID==&quot;refused@example.com&quot;');
  });

  test('what happened to several calls in a moment points at the seconds around it', () => {
    const loss: LossSpec = { kind: 'windows', windows: [{ atMs: 20_000, durationMs: 1500 }] };
    const calls = Array.from({ length: 5 }, (_, i) => {
      const [caller, callee] = [{ ip: `192.0.2.${11 + i}` }, { ip: '203.0.113.20', rtpPort: 30_000 + 4 * i }];
      return { callId: `${i}@example.com`, durationMs: 60_000, caller, callee, calleeToCaller: { loss } };
    });
    const scenario = { startTime: '2026-03-02T09:00:00Z', calls };
    const file = folder.write('moment.pcap', buildScenario(scenario).pcap);
    const out = folder.at('moment.html');
    expect(earshot(['replay', file, '--html', out]).code).toBe(0);
    const text = readFileSync(out, 'utf8');
    const [, from, to] = /frame\.time_epoch&gt;=([\d.]+) &amp;&amp; frame\.time_epoch&lt;=([\d.]+)</.exec(
      text,
    )!;
    expect(Number(to) - Number(from)).toBeCloseTo(2, 2);
    expect(text).toContain('Packets: those of this filter');
  });

  test('with --call it is about that call, with --json beside it the JSON goes out as ever', () => {
    const out = folder.at('one.html');
    const { code, stdout } = earshot(['replay', DEMO, '--call', 'c2', '--json', '--html', out]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { calls: unknown[] }).calls.length).toBe(1);
    const one = readFileSync(out, 'utf8');
    expect(one.match(/<tr data-call=/g)!.length).toBe(1);
    expect(one).toContain('This report shows a selection of the calls only.');
  });

  test('- writes it to standard output, and nothing else', () => {
    const { code, stdout } = earshot(['replay', DEMO, '--html', '-']);
    expect(code).toBe(0);
    expect(stdout).toBe(page);
  });

  test('a pipe is read once: there is no ladder, and the page says so', () => {
    const { code, stdout } = shell(`cat ${DEMO} | earshot replay - --html -`);
    expect(code).toBe(0);
    expect(stdout).toContain('The capture came through a pipe and cannot be read twice');
    expect(section(stdout, 'c2')).toContain(
      '7.9 % of packets lost in bursts within 14 s, 5.6 % of the whole stream',
    );
  });

  test('of several captures the file is named with the frames', () => {
    const { header, records } = demoParts();
    const half = Math.floor(records.length / 2);
    const first = folder.write('a.pcap', joined({ header, records: records.slice(0, half) }));
    const second = folder.write('b.pcap', joined({ header, records: records.slice(half) }));
    const { code, stdout } = earshot(['replay', first, second, '--html', '-']);
    expect(code).toBe(0);
    expect(section(stdout, 'c2')).toContain(` of ${first}`);
    const c7 = section(stdout, 'c7');
    expect(c7).toContain(` of ${first}, and more in further files`);
    expect(c7).toMatch(/<td class="n">\d+ in file 1</);
    expect(c7).toMatch(/<td class="n">\d+ in file 2</);
  });

  test('what alert rules would have raised stands in it', () => {
    const { stdout } = earshot(['replay', DEMO, '--rules', 'rules/default.yaml', '--html', '-']);
    expect(stdout).toContain('Alerts that the rules would have raised');
  });
});

describe('what can go wrong', () => {
  test.each([
    ['a directory that is not there', ['nowhere', 'report.html'], 'no such directory'],
    ['a directory', ['here'], 'it is a directory, give the name of a file'],
  ])('%s: one line, exit code 1', (_, parts, reason) => {
    mkdirSync(folder.at('here'), { recursive: true });
    const out = join(folder.at('.'), ...parts);
    const { code, stdout, stderr } = earshot(['replay', DEMO, '--html', out]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`earshot: ${out}: the report cannot be written: ${reason}\n`);
  });

  test.skipIf(!existsSync('/dev/full'))('no room: one line, exit code 1', () => {
    const { code, stderr } = earshot(['replay', DEMO, '--html', '/dev/full']);
    expect(code).toBe(1);
    expect(stderr).toBe('earshot: /dev/full: the report cannot be written: no space left on the device\n');
  });

  test('a report is not written over a capture, nor twice to one place', () => {
    const capture = folder.at('mine.pcap');
    copyFileSync(join(ROOT, DEMO), capture);
    const over = earshot(['replay', capture, '--html', join(dirname(capture), '.', 'mine.pcap')]);
    expect(over.code).toBe(2);
    expect(over.stderr).toContain('is one of the captures');
    expect(readFileSync(capture).equals(readFileSync(join(ROOT, DEMO)))).toBe(true);
    const both = earshot(['replay', DEMO, '--json', '--html', '-']);
    expect({ code: both.code, stdout: both.stdout }).toEqual({ code: 2, stdout: '' });
    expect(both.stderr).toContain('want standard output');
  });

  test('a run that fails leaves the old report, and no half of a new one', () => {
    const out = folder.write('old.html', 'the old one');
    expect(earshot(['replay', folder.at('missing.pcap'), '--html', out]).code).toBe(1);
    expect(earshot(['replay', DEMO, '--call', 'c99', '--html', out]).code).toBe(2);
    expect(readFileSync(out, 'utf8')).toBe('the old one');
    expect(readdirSync(dirname(out)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

describe.skipIf(!hasTshark)(
  `display filters in tshark${hasTshark ? '' : ' (skipped: not installed)'}`,
  () => {
    test('every filter of the page is taken, and finds as many packets as the page says', {
      timeout: 60_000,
    }, () => {
      const pointers = [
        ...page.matchAll(
          /frames? (\d+)(?: to \d+ \((\d[\d,]*) packets? among [\d,]+\))?<\/span> <code class="filter">([^<]*)</g,
        ),
      ];
      expect(pointers.length).toBeGreaterThan(10);
      for (const [, , count, escapedFilter] of [...pointers.slice(0, 4), ...pointers.slice(-4)]) {
        const filter = escapedFilter!
          .replaceAll('&gt;', '>')
          .replaceAll('&lt;', '<')
          .replaceAll('&quot;', '"')
          .replaceAll('&amp;', '&');
        const { status, stdout, stderr } = spawnSync(
          'tshark',
          ['-r', join(ROOT, DEMO), '-Y', filter, '-T', 'fields', '-e', 'frame.number'],
          { encoding: 'utf8' },
        );
        expect({ filter, status, stderr: status === 0 ? '' : stderr }).toEqual({
          filter,
          status: 0,
          stderr: '',
        });
        const frames = stdout.split('\n').filter((line) => line !== '');
        expect({ filter, frames: frames.length }).toEqual({
          filter,
          frames: Number((count ?? '1').replaceAll(',', '')),
        });
      }
    });
  },
);

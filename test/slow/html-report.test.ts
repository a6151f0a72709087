import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallSpec } from '../../src/synth/scenario.ts';
import { build, DEMO, Folder, ROOT } from '../cli/earshot.ts';
import { LOW_CONTRAST, UNLABELLED } from './browser/accessibility.ts';
import { Chromium } from './browser/chromium.ts';
import { type Picture, readPng } from './browser/png.ts';
import { hasProgram, titled } from './lab/lab.ts';

const reason = hasProgram('chromium') ? null : 'not installed: chromium';
const FIRST_VIEW_MAX_MS = 2000;
const SIZE_MAX = 5_000_000;
const KEYS: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, ArrowRight: 39, '+': 187, '0': 48 };

/** Every twelfth call is one of five kinds of bad. */
function mixedCalls(count: number): CallSpec[] {
  const kinds: Partial<CallSpec>[] = [
    { calleeToCaller: { loss: { kind: 'random', ratio: 0.05 } } },
    { outcome: 'not_found' },
    { callerToCallee: { jitter: { kind: 'uniform', maxMs: 120 } } },
    { calleeToCaller: { loss: { kind: 'gilbert', p: 0.01, q: 0.2 } } },
    { calleeToCaller: null, durationMs: 12_000 },
  ];
  return Array.from({ length: count }, (_, i) => ({
    ...{ startMs: i * 100, durationMs: 6000, rtcp: { intervalMs: 2500 } },
    caller: { user: `user${i % 40}`, ip: `192.0.2.${10 + (i % 40)}`, rtpPort: 16_384 + 2 * i },
    callee: { user: `55501${i % 100}`, ip: `203.0.113.${20 + (i % 4)}`, rtpPort: 30_000 + 2 * i },
    ...kinds[i % 12],
  }));
}

/** Pixels of a part of the picture that are nearer to a colour than to anything else on the page. */
function pixelsLike(picture: Picture, box: DOMRectLike, colour: readonly [number, number, number]): number {
  let count = 0;
  const [right, bottom] = [
    Math.min(picture.width, box.x + box.width),
    Math.min(picture.height, box.y + box.height),
  ];
  for (let y = Math.max(0, Math.ceil(box.y)); y < bottom - 1; y++)
    for (let x = Math.max(0, Math.ceil(box.x)); x < right - 1; x++)
      if (picture.at(x, y).every((value, i) => Math.abs(value - colour[i]!) < 24)) count++;
  return count;
}

interface DOMRectLike {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Runs the program to its end, however busy the machine is; answers its exit code. */
function earshot(...args: string[]): number | null {
  return spawnSync(process.execPath, ['bin/earshot.js', ...args], { cwd: ROOT, timeout: 170_000 }).status;
}

describe.skipIf(reason !== null)(titled('the HTML report in a browser', reason), () => {
  const folder = new Folder();
  let browser: Chromium;
  const address = (name: string): string => `file://${folder.at(name)}`;
  const press = (key: string): Promise<void> => browser.press(key, KEYS[key]!);
  const text = (selector: string): Promise<string> =>
    browser.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`);
  /** Opens the details of a call that are packed in the page. */
  const choose = async (id: string): Promise<void> => {
    await browser.evaluate(`location.hash = '#call-${id}'`);
    await expect.poll(() => text('#chosen h3')).toContain(`Call ${id}`);
  };
  const box = (selector: string): Promise<DOMRectLike> =>
    browser.evaluate(
      `(() => { const { x, y, width, height } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect(); return { x, y, width, height }; })()`,
    );

  beforeAll(async () => {
    build();
    const scenario = folder.write('mixed.json', JSON.stringify({ calls: mixedCalls(300) }));
    expect(earshot('synth', '--scenario', scenario, '-o', folder.at('mixed.pcap'))).toBe(0);
    expect(earshot('replay', folder.at('mixed.pcap'), '--html', folder.at('mixed.html'))).toBe(0);
    browser = await Chromium.start();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    folder.remove();
  });

  test('300 calls: small, seen at once, nothing asked for, nothing to complain about', async () => {
    expect(statSync(folder.at('mixed.html')).size).toBeLessThan(SIZE_MAX);
    // The machine may be busy with something else for a moment.
    let firstView = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 3 && firstView > FIRST_VIEW_MAX_MS; tries++) {
      await browser.open(address('mixed.html'), 'light');
      const paint = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1`;
      await expect.poll(() => browser.evaluate<number>(paint)).toBeGreaterThan(0);
      const load = `performance.getEntriesByType('navigation')[0].loadEventEnd`;
      firstView = Math.max(await browser.evaluate<number>(paint), await browser.evaluate<number>(load));
    }
    expect(firstView).toBeLessThan(FIRST_VIEW_MAX_MS);
    expect([...new Set(browser.requests)]).toEqual([address('mixed.html')]);
    expect(browser.complaints).toEqual([]);
    expect(await browser.evaluate('document.querySelectorAll("#call-table tbody tr").length')).toBe(300);
  });

  test.each(['light', 'dark'] as const)(
    'in %s all texts have contrast, all parts have names',
    async (scheme) => {
      await browser.open(address('mixed.html'), scheme);
      await choose('c6');
      expect(await browser.evaluate(LOW_CONTRAST)).toEqual([]);
      expect(await browser.evaluate(UNLABELLED)).toEqual([]);
    },
  );

  test('charts are drawn: pixels of their colours are where they should be', async () => {
    await browser.open(address('mixed.html'), 'light');
    await browser.evaluate(`document.querySelector('svg.timeline').scrollIntoView()`);
    const timeline = readPng(await browser.screenshot());
    const area = await box('svg.timeline');
    expect(pixelsLike(timeline, area, [0x7f, 0xbf, 0x98])).toBeGreaterThan(5000);
    expect(pixelsLike(timeline, area, [0xc9, 0x38, 0x2f])).toBeGreaterThan(2000);
    // The first call loses packets on their way to the caller.
    await choose('c1');
    await browser.evaluate(`document.querySelector('#call-c1 .plots').scrollIntoView()`);
    const chart = readPng(await browser.screenshot());
    const plots = await box('#call-c1 .plots');
    expect(pixelsLike(chart, plots, [0x0b, 0x57, 0xa4])).toBeGreaterThan(300);
    expect(pixelsLike(chart, plots, [0xa0, 0x44, 0x00])).toBeGreaterThan(300);
  });

  test('findings and ladder of every kind of bad call are there', async () => {
    await browser.open(address('mixed.html'), 'light');
    const found = await browser.evaluate<string[]>(
      `[...document.querySelectorAll('section.call')].map((s) => s.textContent)`,
    );
    expect(found.length).toBe(20);
    for (const section of found) {
      expect(section).toMatch(/critical|warning/);
      expect(section).toContain('INVITE');
      expect(section).toMatch(/Packets: frames? \d+/);
    }
  });

  test('the keyboard leads to a call, and reads and zooms its chart', async () => {
    await browser.open(address('mixed.html'), 'light');
    const focused = 'document.activeElement?.getAttribute("href") ?? ""';
    await press('Tab');
    expect(await browser.evaluate(focused)).toBe('#main');
    for (let i = 0; i < 20 && !(await browser.evaluate<string>(focused)).startsWith('#call-'); i++)
      await press('Tab');
    const wanted = await browser.evaluate<string>(focused);
    expect(wanted).toMatch(/^#call-c\d+$/);
    expect(await browser.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await press('Enter');
    await expect.poll(() => browser.evaluate('document.activeElement.tagName')).toBe('H3');
    for (
      let i = 0;
      i < 30 && !(await browser.evaluate('document.activeElement.classList.contains("plots")'));
      i++
    )
      await press('Tab');
    const view = `document.activeElement.querySelector('svg.plot').getAttribute('viewBox')`;
    const whole = await browser.evaluate<string>(view);
    for (let i = 0; i < 25; i++) await press('ArrowRight');
    expect(await text(`${wanted} .readout`)).toMatch(/^\+[\d.]+ s \| .*MOS [\d.-]+, loss [\d.]+ %/);
    await press('+');
    expect(await browser.evaluate(view)).not.toBe(whole);
    await press('0');
    expect(await browser.evaluate(view)).toBe(whole);
    expect(browser.complaints).toEqual([]);
  });

  test('calls are found, sorted, and opened from the timeline', async () => {
    await browser.open(address('mixed.html'), 'light');
    await browser.evaluate(
      `(() => { const query = document.getElementById('query'); query.value = 'one_way user4@'; query.dispatchEvent(new Event('input')); })()`,
    );
    await expect.poll(() => text('#matches')).toMatch(/^\d+ calls$/);
    const left = `[...document.querySelectorAll('#call-table tbody tr')].filter((r) => !r.hidden).map((r) => r.textContent)`;
    for (const row of await browser.evaluate<string[]>(left)) expect(row).toMatch(/user4@.*one_way_media/s);
    await browser.evaluate(`document.querySelectorAll('#call-table thead button')[2].click()`);
    await expect
      .poll(() => browser.evaluate(`document.querySelector('#call-table tbody tr').dataset.call`))
      .toBe('c1');
    await browser.evaluate(
      `document.querySelector('rect[data-call="c7"]').dispatchEvent(new MouseEvent('click', { bubbles: true }))`,
    );
    await expect.poll(() => text('#chosen h3')).toContain('Call c7');
    expect(await text('#chosen')).toContain('SIP ladder');
  });

  test('a phone scrolls it down only', async () => {
    await browser.open(address('mixed.html'), 'dark', 380);
    await choose('c6');
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
  });

  test('paper gets the worst calls with all their text', async () => {
    await browser.open(address('mixed.html'), 'light');
    const pdf = await browser.printed();
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(20);
  });

  test('without scripts the text is there', async () => {
    await browser.allowScripts(false);
    try {
      await browser.open(address('mixed.html'), 'light');
      const shown = await browser.evaluate<string>('document.body.textContent');
      for (const part of [
        'Can this capture be trusted?',
        'bad media',
        'one_way_media',
        'SIP ladder',
        'What SDP decided',
      ])
        expect(shown).toContain(part);
    } finally {
      await browser.allowScripts(true);
    }
  });

  test('what a device calls itself becomes no part of the page', async () => {
    const bytes = readFileSync(join(ROOT, DEMO));
    for (let at = bytes.indexOf('ExamplePhone/4.2'); at >= 0; at = bytes.indexOf('ExamplePhone/4.2', at))
      bytes.write('<img src=x:y z> ', at, 'latin1');
    const capture = folder.write('hostile.pcap', bytes);
    expect(earshot('replay', capture, '--html', folder.at('hostile.html'))).toBe(0);
    await browser.open(address('hostile.html'), 'light');
    expect(await browser.evaluate('document.images.length')).toBe(0);
    expect(await browser.evaluate<string>('document.body.textContent')).toContain('<img src=x:y z>');
    expect(browser.complaints).toEqual([]);
  });

  test('a name without end scrolls no phone sideways', async () => {
    const caller = { user: 'Q'.repeat(400) };
    const scenario = folder.write('long.json', JSON.stringify({ calls: [{ outcome: 'not_found', caller }] }));
    expect(earshot('synth', '--scenario', scenario, '-o', folder.at('long.pcap'))).toBe(0);
    expect(earshot('replay', folder.at('long.pcap'), '--html', folder.at('long.html'))).toBe(0);
    await browser.open(address('long.html'), 'light', 380);
    expect(await text('ul.worst')).toContain('QQQQQQQQ');
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
  });

  test.skipIf(!existsSync('/usr/bin/time'))(
    '5,000 calls: within memory, and opened fast',
    { timeout: 400_000 },
    async () => {
      expect(earshot('synth', '--load', '5000x1', '-o', folder.at('many.pcap'))).toBe(0);
      const run = ['bin/earshot.js', 'replay', folder.at('many.pcap'), '--html', folder.at('many.html')];
      const began = Date.now();
      const { status, stderr } = spawnSync('/usr/bin/time', ['-f', '%M', process.execPath, ...run], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      expect(status).toBe(0);
      expect(Number(stderr.trim().split('\n').at(-1)) / 1024).toBeLessThan(1000);
      expect(Date.now() - began).toBeLessThan(120_000);
      await browser.open(`${address('many.html')}#call-c4321`, 'light');
      await expect.poll(() => text('#chosen h3')).toContain('Call c4321');
      const load = await browser.evaluate<number>(
        `performance.getEntriesByType('navigation')[0].loadEventEnd`,
      );
      expect(load).toBeLessThan(3000);
      // Whoever types faster than rows are unpacked finds what is in the last of them all the same.
      await browser.evaluate(`(() => { const query = document.getElementById('query');
        for (const words of ['c', 'c49', 'c4999 ']) { query.value = words; query.dispatchEvent(new Event('input')); } })()`);
      await expect.poll(() => text('#matches'), { timeout: 20_000 }).not.toBe('');
      expect(await text('#matches')).toBe('1 call');
      const shown = `[...document.querySelectorAll('#call-table tbody tr')].filter((r) => !r.hidden).map((r) => r.dataset.call)`;
      expect(await browser.evaluate(shown)).toEqual(['c4999']);
    },
  );
});

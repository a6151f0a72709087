import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callRef } from '../../src/live/call-ref.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { LOCAL_HTTP } from '../../src/web/http-options.ts';
import { LiveView } from '../../src/web/live-view.ts';
import { RecentCalls } from '../../src/web/recent-calls.ts';
import { WebServer } from '../../src/web/server.ts';
import { callTold, findingTold, startTold, statusTold, streamTold } from '../metrics/records.ts';
import { Chromium } from './browser/chromium.ts';
import { hasProgram, titled } from './lab/lab.ts';

const reason = hasProgram('chromium') ? null : 'not installed: chromium';
const TAB = 9;
const ENTER = 13;

/** Least contrast of any text against what is behind it (WCAG 2.1), as seen in the page. */
const LEAST_CONTRAST = `(() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (c) => { const [r, g, b] = c.map((v) => { const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const back = light(dark ? [18, 18, 18] : [255, 255, 255]);
  let least = 21;
  for (const each of document.querySelectorAll('main *')) {
    if (![...each.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '')) continue;
    const front = light(rgb(getComputedStyle(each).color));
    least = Math.min(least, (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05));
  }
  return least;
})()`;

describe.skipIf(reason !== null)(titled('the status page in a browser', reason), () => {
  let server: WebServer;
  let browser: Chromium;
  let address: string;

  beforeAll(async () => {
    const [metrics, recent, view] = [
      new Metrics({ version: '1', probe: 'p' }),
      new RecentCalls(),
      new LiveView(),
    ];
    const reasons = [{ code: 'capture_drops', text: '12 packets were dropped' }];
    const records = [
      startTold(1),
      streamTold({ callId: 'bad@pbx' }),
      findingTold({ callId: 'bad@pbx', severity: 'critical' as const, text: '<img src=x onerror=alert(1)>' }),
      callTold({ callId: 'bad@pbx', verdict: 'media' }),
      findingTold({ callId: null, severity: 'warning' as const }),
      statusTold(100, { trust: { verdict: 'degraded', reasons } }),
    ];
    for (const each of [metrics, recent, view]) each.records(records);
    const shown = { metrics, recent, view, isReady: () => true };
    server = new WebServer({ ...LOCAL_HTTP, host: '127.0.0.1', port: 0 }, shown);
    address = await server.listen();
    browser = await Chromium.start();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(['light', 'dark'] as const)('in %s its style is in force and can be read', async (scheme) => {
    await browser.open(`${address}/`, scheme);
    expect(await browser.evaluate('getComputedStyle(document.querySelector("table")).borderCollapse')).toBe(
      'collapse',
    );
    expect(await browser.evaluate<string>('document.body.innerText')).toContain('12 packets were dropped');
    expect(await browser.evaluate<number>(LEAST_CONTRAST)).toBeGreaterThan(4.5);
    expect(browser.complaints).toEqual([]);
  });

  test('nothing of what the wire says becomes part of the page', async () => {
    await browser.open(`${address}/`, 'light');
    expect(await browser.evaluate('document.querySelectorAll("img, script").length')).toBe(0);
    expect(await browser.evaluate<string>('document.body.innerText')).toContain(
      '<img src=x onerror=alert(1)>',
    );
  });

  test('on a narrow screen it does not scroll sideways', async () => {
    await browser.open(`${address}/`, 'light', 380);
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
  });

  test('the keyboard leads from the page to a call', async () => {
    await browser.open(`${address}/`, 'light');
    const focused = 'document.activeElement?.getAttribute("href") ?? ""';
    await browser.press('Tab', TAB);
    expect(await browser.evaluate(focused)).toBe('#main');
    const wanted = `/calls/${callRef('bad@pbx')}`;
    for (let i = 0; i < 10 && (await browser.evaluate(focused)) !== wanted; i++)
      await browser.press('Tab', TAB);
    expect(await browser.evaluate(focused)).toBe(wanted);
    expect(await browser.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await browser.press('Enter', ENTER);
    await expect.poll(() => browser.evaluate('location.pathname')).toBe(wanted);
    expect(await browser.evaluate<string>('document.querySelector("h1").innerText')).toContain('media');
  });
});

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { SectionSource } from '../../../src/report/html/call-section.ts';
import type { Evidence, ShownMessage } from '../../../src/report/html/evidence-contract.ts';
import { htmlChunks } from '../../../src/report/html/html-report.ts';
import { StreamMoments } from '../../../src/report/html/stream-moments.ts';
import { RecordStore } from '../../../src/report/record-store.ts';
import type { Report } from '../../../src/report/report.ts';
import { select } from '../../../src/report/selection.ts';
import { call, capture, finding, intervals, quality, START_US, stream } from '../records.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'> \u202e\u0007\ud800 &lt;`;

function sourceOf(
  records: RecordStore,
  changes: Partial<SectionSource> = {},
  more: Partial<Report> = {},
): SectionSource {
  const report = { tool: { name: 'earshot', version: '0.1.0' }, capture: capture(), records, ...more };
  return {
    report,
    evidence: null,
    evidenceNote: 'The capture came through a pipe.',
    momentsOf: () => null,
    ...changes,
  };
}

function page(source: SectionSource): string {
  return [...htmlChunks(source)].join('');
}

/** Everything that the page can show: also what is packed in it. */
function unpacked(text: string): string {
  const blocks = [...text.matchAll(/<script type="application\/octet-stream"[^>]*>([^<]*)</g)];
  return blocks.map(([, packed]) => gunzipSync(Buffer.from(packed!, 'base64')).toString('utf8')).join('\n');
}

function oneCall(): RecordStore {
  const records = new RecordStore();
  records.finding(finding());
  records.call(call({ verdict: 'media', streams: ['s1'], findings: ['burst_loss'] }));
  records.stream(stream({ quality: quality(), intervals: intervals() }));
  return records;
}

const message = (changes: Partial<ShownMessage> = {}): ShownMessage => ({
  ...{ timeUs: START_US, src: { ip: '192.0.2.1', port: 5060 }, dst: { ip: '192.0.2.2', port: 5060 } },
  ...{ method: 'INVITE', status: null, reasonPhrase: null, cseq: 1, sdp: null, again: false },
  frame: { input: 0, frame: 17 },
  ...changes,
});

function evidence(steps: readonly ShownMessage[]): Evidence {
  const packets = {
    file: null,
    goesOn: false,
    frames: { first: 120, last: 480, count: 300 },
    filter: 'rtp.ssrc==0x1 && frame.number>=120',
  };
  return { ladder: () => ({ steps, left: 2, copies: 1 }), finding: () => packets, stream: () => packets };
}

describe('the page', () => {
  test('tells trust first, then summary, timeline, distributions, calls and details', () => {
    const text = page(sourceOf(oneCall()));
    const places = [
      'id="trust"',
      'id="summary"',
      'id="timeline"',
      'id="distributions"',
      'id="calls"',
      'id="details"',
      'id="call-c1"',
    ];
    const found = places.map((place) => text.indexOf(place));
    expect(found.every((at) => at > 0)).toBe(true);
    expect([...found].sort((a, b) => a - b)).toEqual(found);
    expect(text).toContain('1 call: 1 bad media');
    expect(text).toContain('6.7 % of packets lost in bursts');
  });

  test('times stand with their day where there are several, and sort by it', () => {
    const records = oneCall();
    const laterUs = START_US + 2 * 86_400e6;
    records.finding(finding({ callId: null, streamId: null, startUs: laterUs, code: 'capture_drops' }));
    records.call(call({ id: 'c2', startUs: laterUs, endUs: laterUs + 1e6, streams: [], findings: [] }));
    const ofDays = page(sourceOf(records, {}, { capture: capture({ endUs: laterUs + 1e6 }) }));
    expect(ofDays).toMatch(/<tr data-call="c1">.*<td class="nowrap"[^>]*>2026-01-02 03:04:05.123</);
    expect(ofDays).toMatch(/<tr data-call="c2">.*<td class="nowrap"[^>]*>2026-01-04 03:04:05.123</);
    expect(ofDays).toContain('</a> at 2026-01-02 03:04:05, ');
    expect(ofDays).toContain('<p class="dim">2026-01-04 03:04:05.123 to ');
    const marks = [...ofDays.matchAll(/text-anchor="\w+">(01-\d\d \d\d:\d\d)</g)].map(([, mark]) => mark);
    expect(marks[0]).toBe('01-02 03:04');
    expect(new Set(marks).size).toBeGreaterThan(3);
    const ofOne = page(sourceOf(oneCall()));
    expect(ofOne).toMatch(/<tr data-call="c1">.*<td class="nowrap"[^>]*>03:04:05.123</);
    expect(ofOne).toContain('</a> at 03:04:05, ');
  });

  test('the summary says when the finding of a call was, to the second', () => {
    const records = new RecordStore();
    records.finding(finding({ startUs: START_US + 9e6, endUs: START_US + 11e6 }));
    records.call(call());
    expect(page(sourceOf(records))).toContain(
      'alice to bob: caller to callee, 03:04:14 for 2.0 s: 6.7 % of packets lost',
    );
  });

  test('what found no room stands apart from what could not be decoded', () => {
    const discarded = { truncated_ip_header: 3, trunk_table_full: 2 };
    const text = page(sourceOf(oneCall(), {}, { capture: capture({ discarded }) }));
    expect(text).toContain('not decoded: 3 truncated_ip_header.</p>');
    expect(text).toContain(
      '<li>2 OPTIONS requests of further trunks: whether those trunks are up is not told [trunk_table_full]</li>',
    );
  });

  test('another SSRC of a direction stands in the lane of its events', () => {
    const records = oneCall();
    const next = { id: 's2', ssrc: '0x00000abc', startUs: START_US + 19.2e6, endUs: START_US + 20e6 };
    records.stream(stream(next));
    expect(page(sourceOf(records))).toMatch(
      /aria-label="Keys, gaps and new SSRCs to callee: [^"]*SSRC 0x00000abc"/,
    );
  });

  test('may run its own script and style, and load nothing', () => {
    const text = page(sourceOf(oneCall()));
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/
      .exec(text)![1]!
      .replaceAll('&#39;', "'");
    const digest = (tag: string): string => {
      const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)![1]!;
      return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
    };
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src ${digest('style')}`);
    expect(policy).toContain(`script-src ${digest('script')}`);
    expect(text).not.toMatch(/<(?:link|img|iframe|object)|\bsrc=|url\((?!#)|@import/);
    expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
    expect(text).not.toMatch(/ style="| on\w+="/);
  });

  test('what came from the wire is text, wherever it stands', () => {
    const records = new RecordStore();
    records.finding(finding({ callId: HOSTILE, text: HOSTILE, evidence: { note: HOSTILE } }));
    records.finding(finding({ callId: null, streamId: null, code: 'capture_drops', text: HOSTILE }));
    const base = call();
    const signalling = {
      ...base.signalling,
      userAgents: { caller: HOSTILE, callee: HOSTILE },
      reasonPhrase: HOSTILE,
    };
    records.call({
      ...base,
      callId: HOSTILE,
      from: HOSTILE,
      to: HOSTILE,
      streams: ['s1', 's2'],
      findings: ['burst_loss'],
      verdict: 'media',
      signalling,
    });
    records.stream(stream({ callId: HOSTILE, codec: HOSTILE, quality: quality(), intervals: intervals() }));
    records.stream(stream({ id: 's2', callId: null, codec: HOSTILE, intervals: intervals() }));
    const sdp = {
      media: [
        {
          type: HOSTILE,
          address: HOSTILE,
          refused: false,
          protocol: HOSTILE,
          codecs: [HOSTILE],
          direction: 'sendrecv',
          held: false,
          ptimeMs: null,
          encryption: null,
        },
      ],
      unreadable: null,
    };
    const steps = [
      message({ method: HOSTILE, sdp }),
      message({
        status: 200,
        reasonPhrase: HOSTILE,
        sdp,
        method: HOSTILE,
        src: message().dst,
        dst: message().src,
      }),
    ];
    const pointing = evidence(steps);
    const hostile = { file: HOSTILE, goesOn: true, frames: null, filter: HOSTILE };
    const path = [{ ...capture().files[0]!, path: HOSTILE }];
    const text = page(
      sourceOf(
        records,
        { evidence: { ...pointing, finding: () => hostile } },
        {
          capture: capture({
            files: path,
            trust: { verdict: 'degraded', reasons: [{ code: 'x', text: HOSTILE }] },
          }),
        },
      ),
    );
    const all = text + unpacked(text);
    expect(all.match(/alert\(1\)/g)!.length).toBeGreaterThan(10);
    expect(all).not.toContain('<script>alert');
    expect(all).not.toContain('<img');
    expect(all).not.toMatch(/<[^>]* onerror='alert/);
    for (const dangerous of ['\u202e', '\u0007', '\ud800']) expect(all.includes(dangerous)).toBe(false);
    expect(all).toContain('\\u202e');
  });

  test('names frames and filters of findings, and the ladder', () => {
    const steps = [
      message(),
      message({
        status: 180,
        reasonPhrase: 'Ringing',
        timeUs: START_US + 180_000,
        src: message().dst,
        dst: message().src,
      }),
    ];
    const text = page(sourceOf(oneCall(), { evidence: evidence(steps) }));
    expect(text).toContain('frames 120 to 480 (300 packets among 361)');
    expect(text).toContain('rtp.ssrc==0x1 &amp;&amp; frame.number&gt;=120');
    expect(text).toContain('180 Ringing to INVITE 1, 192.0.2.2:5060 to 192.0.2.1:5060');
    expect(text).toContain('<td class="n dim">180.0 ms</td>');
    expect(text).toContain('2 later messages not kept; 1 copy by the mirror left out.');
  });

  test('what goes on in the score stands with the score', () => {
    const text = page(sourceOf(oneCall()));
    expect(text).toMatch(/<dt>score<\/dt><dd>R [^<]*MOS-LQ [^<]*scores assume/);
    expect(text).not.toMatch(/<dt>RTCP<\/dt><dd>[^<]*MOS-LQ/);
  });

  test('says why there is no ladder where captures cannot be read twice', () => {
    expect(page(sourceOf(oneCall()))).toContain('The capture came through a pipe.');
  });

  test('absent values are dashes, an empty capture is a page', () => {
    const records = new RecordStore();
    records.call(
      call({
        from: null,
        to: null,
        durationMs: null,
        endUs: null,
        answerUs: null,
        streams: [],
        setup: {
          postDialDelayMs: null,
          answerDelayMs: null,
          mediaDelayMs: { callerToCallee: null, calleeToCaller: null },
        },
      }),
    );
    const text = page(sourceOf(records)).replaceAll(/<script>[\s\S]*?<\/script>/g, '');
    expect(text).not.toMatch(/\bNaN\b|\bundefined\b|Infinity/);
    const empty = page(
      sourceOf(new RecordStore(), {}, { capture: capture({ startUs: null, endUs: null, packets: 0 }) }),
    );
    expect(empty).toContain('no calls; no RTP streams');
    expect(empty).toContain('</html>');
  });
});

describe('many calls', () => {
  const records = new RecordStore();
  for (let i = 1; i <= 900; i++) {
    const callId = `call-${i}@pbx`;
    const startUs = START_US + i * 1e6;
    records.stream(stream({ id: `s${i}`, callId, startUs, quality: quality(), intervals: intervals() }));
    const bad = i % 30 === 0;
    if (bad) records.finding(finding({ callId, streamId: `s${i}` }));
    records.call(
      call({
        id: `c${i}`,
        callId,
        startUs,
        endUs: startUs + 2e7,
        streams: [`s${i}`],
        verdict: bad ? 'media' : 'healthy',
        findings: bad ? ['burst_loss'] : [],
      }),
    );
  }
  const text = page(sourceOf(records));

  test('the worst stand in the page, all others are packed', () => {
    expect(text.match(/<section class="call"/g)!.length).toBe(20);
    const packed = unpacked(text);
    expect(packed.match(/<section class="call"/g)!.length).toBe(880);
    expect(text.match(/<tr data-call=/g)!.length).toBe(300);
    expect(packed.match(/<tr data-call=/g)!.length).toBe(600);
    expect(text).toContain('600 more calls, less bad than these.');
    expect(text).toContain('(29 more calls with burst_loss)');
  });

  test('each call is where the page looks for it', () => {
    const order = JSON.parse(/id="order">([^<]*)</.exec(text)![1]!) as { ids: string[]; each: number };
    const block = (id: string): string[] => {
      const packed = new RegExp(`id="${id}">([^<]*)<`).exec(text)![1]!;
      return gunzipSync(Buffer.from(packed, 'base64')).toString('utf8').split('\u001e');
    };
    expect(order.ids.length).toBe(880);
    for (const at of [0, 9, 10, 503, 879])
      expect(block(`d-${Math.floor(at / order.each)}`)[at % order.each]).toContain(
        `id="call-${order.ids[at]}"`,
      );
  });

  test('a selection says that it is one', () => {
    const selection = select(records, { worst: 3 });
    const few = page(sourceOf(records, {}, { selection }));
    expect(few).toContain('This report shows a selection of the calls only.');
    expect(few.match(/<tr data-call=/g)!.length).toBe(3);
  });
});

describe('moments of streams', () => {
  test('are kept where something happened, and handed on', () => {
    const moments = new StreamMoments();
    const records = new RecordStore();
    const sink = moments.sink(records);
    const quiet = stream();
    const path = [
      { atMs: 0, dscp: 46, ttl: 64 },
      { atMs: 5000, dscp: 0, ttl: 64 },
    ];
    sink.stream(quiet);
    sink.stream(
      stream({ id: 's2', dscp: [46, 0], intervals: intervals(), history: { ...quiet.history, path } }),
    );
    expect(records.streams.length).toBe(2);
    expect(moments.of('s1')).toBeNull();
    expect(moments.of('s2')?.path.length).toBe(2);
    sink.call(call({ streams: ['s1', 's2'] }));
    const text = page(sourceOf(records, { momentsOf: (id) => moments.of(id) }));
    expect(text + unpacked(text)).toMatch(/DSCP to callee: [^"]*EF \(46\), BE \(0\)/);
  });
});

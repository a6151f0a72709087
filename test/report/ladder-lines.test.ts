import { describe, expect, it } from 'vitest';
import { renderCall } from '../../src/report/call-view.ts';
import type { Evidence, ShownMessage } from '../../src/report/html/evidence-contract.ts';
import { ladderLines } from '../../src/report/ladder-lines.ts';
import type { TextStyle } from '../../src/report/paint.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { displayWidth } from '../../src/report/terminal-text.ts';
import { call, capture, finding, START_US, stream } from './records.ts';

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => ({ ip, port: 5060 }));

function step(changes: Partial<ShownMessage>): ShownMessage {
  return {
    ...{ timeUs: START_US, src: A!, dst: B!, method: 'INVITE', status: null, reasonPhrase: null },
    ...{ cseq: 1, sdp: null, again: false, frame: { input: 0, frame: 7 } },
    ...changes,
  };
}

const OFFER = {
  unreadable: null,
  media: [
    {
      ...{ type: 'audio', address: '192.0.2.1:4000', refused: false, protocol: 'RTP/AVP' },
      ...{ codecs: ['PCMU/8000'], direction: 'sendrecv', held: false, ptimeMs: 20, encryption: null },
    },
  ],
};

const STEPS = [
  step({ sdp: OFFER }),
  step({ timeUs: START_US + 500_000, again: true }),
  step({ timeUs: START_US + 600_000, src: B!, dst: C! }),
  step({ timeUs: START_US + 612_500, src: C!, dst: A!, status: 503, reasonPhrase: 'Service Unavailable' }),
  step({ timeUs: START_US + 9_612_500, src: null, frame: null, method: 'ACK' }),
];

function ladder(steps: readonly ShownMessage[], style: TextStyle = {}): string[] {
  return [...ladderLines({ steps, left: 2, copies: 3 }, START_US, style)];
}

describe('ladderLines', () => {
  it('draws who sent what to whom, when, in which frame', () => {
    expect(ladder(STEPS, { columns: 110, unicode: false })).toEqual([
      '                         192.0.2.1                     192.0.2.2                     192.0.2.3',
      '    +0.000 s             |---------- INVITE ---------->|                             |  #7',
      '                           offer: audio PCMU/8000; 192.0.2.1:4000; ptime 20',
      '    +0.500 s   500.0 ms  |------- INVITE again ------->|                             |  #7',
      '    +0.600 s   100.0 ms  |                             |---------- INVITE ---------->|  #7',
      '    +0.613 s    12.5 ms  |<---------------- 503 Service Unavailable -----------------|  #7',
      '    +9.613 s      9.0 s  |                             |                             | unknown > 192.0.2.2:5060 ACK',
      '              2 later messages not kept',
      '              copies by the mirror left out: 3',
    ]);
  });

  it.each([60, 80, 120, 200])('fits %i columns, as a list where lanes do not', (columns) => {
    for (const unicode of [true, false]) {
      const lines = ladder(STEPS.slice(0, 4), { columns, unicode });
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      const text = lines.join('\n');
      expect(text).toContain('INVITE');
      expect(text.includes('192.0.2.1:5060 >')).toBe(columns < 70);
    }
  });

  it('neutralises what the wire says', () => {
    const hostile = step({ method: 'INV\x1b[31mITE', sdp: { media: [], unreadable: '\x07' } });
    const text = ladder([hostile, step({ status: 200, reasonPhrase: 'O\nK' })], { unicode: false }).join('');
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(text).toContain('O\\nK');
  });
});

describe('a call with evidence', () => {
  const records = new RecordStore();
  records.call(call());
  records.stream(stream({ direction: 'callerToCallee' }));
  records.finding(finding());
  const report = { tool: { name: 'earshot', version: '1' }, capture: capture(), records };
  const evidence: Evidence = {
    ladder: () => ({ steps: STEPS, left: 0, copies: 0 }),
    finding: () => {
      const frames = { first: 3, last: 9, count: 4 };
      return { file: 'b.pcap', goesOn: true, frames, filter: 'frame.number>=3' };
    },
    stream: () => null,
  };

  it('shows the ladder, and the frames of findings', () => {
    const text = [...renderCall(report, 0, {}, { evidence, note: '' })].join('');
    expect(text).toContain('SIP LADDER\n');
    expect(text).toContain('b.pcap: frames 3 to 9 (4 packets), and more in further files');
    expect(text).toContain('Wireshark: frame.number>=3');
  });

  it('has on the timeline what was agreed anew', () => {
    const held = { ...OFFER, media: [{ ...OFFER.media[0]!, direction: 'sendonly', held: true }] };
    const at = (ms: number, cseq: number, status: number | null, sdp: ShownMessage['sdp']) =>
      step({ timeUs: START_US + ms * 1000, cseq, status, sdp });
    const steps = [
      at(0, 1, null, OFFER),
      at(9, 1, 200, OFFER),
      at(5000, 2, null, held),
      at(5012, 2, 200, OFFER),
    ];
    const looked = { evidence: { ...evidence, ladder: () => ({ steps, left: 0, copies: 0 }) }, note: '' };
    expect([...renderCall(report, 0, {}, looked)].join('')).toContain(
      '+5.012 s  on hold, re-INVITE of the caller: sendonly answered by sendrecv\n',
    );
    expect([...renderCall(report, 0)].join('')).not.toContain('on hold');
  });

  it('says why there is none', () => {
    expect([...renderCall(report, 0, {}, { evidence: null, note: 'It was a pipe.' })].join('')).toContain(
      'SIP LADDER\n  It was a pipe.\n',
    );
    const none = { ...evidence, ladder: () => null };
    expect([...renderCall(report, 0, {}, { evidence: none, note: '' })].join('')).toContain('No SIP message');
    expect([...renderCall(report, 0)].join('')).not.toContain('SIP LADDER');
  });
});

import { describe, expect, it } from 'vitest';
import { jsonChunks, writeJson } from '../../src/report/json.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import type { Report } from '../../src/report/report.ts';
import { call, capture, finding, intervals, quality, START_US, stream } from './records.ts';

function report(records: RecordStore, changes: Partial<Report> = {}): Report {
  return { tool: { name: 'earshot', version: '0.1.0' }, capture: capture(), records, ...changes };
}

function text(shown: Report): string {
  let all = '';
  writeJson(shown, (chunk) => {
    all += chunk;
  });
  return all;
}

/** The contract, to the byte. A change here is a change for everyone who reads the report. */
const GOLDEN = `{
  "schema": "earshot.report/1",
  "tool": {"name":"earshot","version":"0.1.0"},
  "capture": {"files":[{"path":"demo.pcap","format":"pcap","linkTypes":["ethernet"],"packets":12345,"bytes":2000000}],"startTime":"2026-01-02T03:04:05.123456Z","endTime":"2026-01-02T03:09:05.123456Z","packets":12345,"bytes":2000000,"decoded":{"sip":30,"rtp":12000,"rtcp":15,"t38":0,"other":300},"discarded":{"not_ip":40,"ip_fragment":2},"trust":{"verdict":"degraded","reasons":[{"code":"kernel_drops","text":"dropped 12 %","dropRatio":0.123457}]}},
  "calls": [
    {"id":"c1","callId":"abc@pbx","from":"alice","to":"bob","startTime":"2026-01-02T03:04:05.123456Z","answerTime":"2026-01-02T03:04:09.243456Z","endTime":"2026-01-02T03:04:25.123456Z","durationMs":20000,"state":"answered","finalCode":200,"releasedBy":"caller","setup":{"postDialDelayMs":812,"answerDelayMs":4120,"mediaDelayMs":{"callerToCallee":80,"calleeToCaller":0}},"roundTripMs":61.235,"signalling":{"transport":"UDP","tries":1,"refusals":[],"retryOf":null,"reasonPhrase":"OK","firstResponseMs":12,"sessionRequestDelayMs":812,"ringMs":3308,"sessionDisconnectDelayMs":15,"release":{"method":"BYE","reasons":[],"q850Cause":null},"sessionTimer":null,"transfers":[],"replaces":null,"diversions":[],"redirectedTo":[],"forks":1,"reliableProvisional":false,"maxForwards":{"first":70,"lowest":70},"loops":0,"emergency":null,"userAgents":{"caller":"Phone/1","callee":"PBX/2"},"assertedIdentity":null,"requests":3,"retransmissions":0},"conversationId":null,"legs":[],"verdict":"media","streams":["s1"],"findings":["burst_loss"]}
  ],
  "streams": [
    {"id":"s1","callId":"abc@pbx","direction":"callerToCallee","src":{"ip":"10.0.0.1","port":4000},"dst":{"ip":"192.0.2.7","port":5002},"ssrc":"0x1a2b3c4d","vlans":[12],"encapsulation":["gre"],"codec":"PCMU","payloadTypes":[0,101],"clockRate":8000,"clockRateSource":"sdp","ptimeMs":20,"startTime":"2026-01-02T03:04:09.323456Z","endTime":"2026-01-02T03:04:24.303456Z","durationMs":14980,"packets":700,"octets":112000,"expected":750,"lost":50,"lostRatio":0.066667,"lostRfc":50,"duplicates":0,"reordered":0,"tooOld":0,"restarts":0,"interruptions":0,"interruptedMs":0,"timestampJumps":0,"jitterMs":{"mean":1.5,"p50":1.25,"p95":3.123,"p99":4,"max":5.5},"jitterRfcMs":{"last":1.1,"mean":1.6,"max":6},"pdvMs":{"p50":1,"p95":4,"p99":6,"max":9.5},"maxDeltaMs":120.5,"burst":{"gmin":16,"bursts":1,"burstDensity":0.5,"burstDurationMs":2000,"gapDensity":0,"gapDurationMs":6490,"longestLossRun":7,"burstR":1.8},"playout":{"fixed50":{"lateRatio":0,"earlyRatio":0,"discardRatio":0,"nominalMs":50}},"skewPpm":-12.346,"dscp":[46],"ttl":[64],"events":[{"digit":"#","startTime":"2026-01-02T03:04:06.123456Z","durationMs":100}],"rtcp":{"senderReports":3,"receiverReports":2,"xrReports":0,"lostRatio":0.07,"jitterMs":2},"roundTripMs":{"p50":30.5,"p95":50,"max":90},"quality":{"model":"G.107","scale":"NB","codecRow":"G.711","grounded":true,"rFactor":78.812,"rFactorLq":80.9,"mosLq":4.05,"mosCq":3.97,"assumptions":{"plc":true,"delayMs":100,"playout":"fixed50","delaySource":"assumed","echo":"default","burstR":1.2},"impairments":{"codec":0,"loss":12.3,"discard":0,"delay":2.088},"worst":{"startTime":"2026-01-02T03:04:10.123456Z","rFactor":41.235,"mosLq":2.1},"flags":["burstR_low_confidence"]},"intervals":[{"startTime":"2026-01-02T03:04:05.123456Z","durationMs":5000,"packets":250,"expected":250,"lost":0,"discarded":0,"jitterMs":null,"pdvP95Ms":3.5,"rFactor":93.2,"mosLq":4.41},{"startTime":"2026-01-02T03:04:10.123456Z","durationMs":5000,"packets":200,"expected":250,"lost":50,"discarded":0,"jitterMs":1.235,"pdvP95Ms":3.5,"rFactor":41.235,"mosLq":2.1},{"startTime":"2026-01-02T03:04:15.123456Z","durationMs":5000,"packets":250,"expected":250,"lost":0,"discarded":0,"jitterMs":1.235,"pdvP95Ms":3.5,"rFactor":93.2,"mosLq":4.41}]}
  ],
  "findings": [
    {"code":"burst_loss","severity":"critical","callId":"abc@pbx","streamId":"s1","direction":"callerToCallee","startTime":"2026-01-02T03:04:09.323456Z","endTime":null,"text":"6.7 % of packets lost in bursts: up to 7 in a row","evidence":{"lostRatio":0.066667,"lost":50,"jitterP95Ms":3.123,"known":true,"note":null},"party":null}
  ],
  "signalling": null,
  "registrations": [],
  "registrationsLeftOut": 0,
  "trunks": []
}
`;

describe('writeJson', () => {
  it('prints the contract to the byte', () => {
    const records = new RecordStore();
    records.finding(finding({ endUs: null }));
    records.call(call({ roundTripMs: 61.23456 }));
    records.stream(
      stream({
        vlans: [12],
        encapsulation: ['gre'],
        payloadTypes: [0, 101],
        events: [{ digit: '#', startUs: START_US + 1e6, durationMs: 100 }],
        roundTripMs: { p50: 30.5, p95: 50, max: 90 },
        quality: quality({ flags: ['burstR_low_confidence'] }),
        intervals: intervals(),
      }),
    );
    const reasons = [{ code: 'kernel_drops', text: 'dropped 12 %', dropRatio: 0.1234567 }];
    const degraded = capture({ trust: { verdict: 'degraded', reasons } });
    expect(text(report(records, { capture: degraded }))).toBe(GOLDEN);
  });

  it('prints empty lists, absent times and null for what is not a number', () => {
    const records = new RecordStore();
    const empty = text(report(records, { capture: capture({ startUs: null, endUs: null }) }));
    expect(empty).toContain('  "calls": [],\n  "streams": [],\n  "findings": [],\n');
    expect(empty.endsWith('  "registrations": [],\n  "registrationsLeftOut": 0,\n  "trunks": []\n}\n')).toBe(
      true,
    );
    expect(JSON.parse(empty).capture).toMatchObject({ startTime: null, endTime: null });

    records.stream(stream({ skewPpm: Number.NaN, maxDeltaMs: Number.POSITIVE_INFINITY, quality: null }));
    const parsed = JSON.parse(text(report(records)));
    expect(parsed.streams[0]).toMatchObject({
      skewPpm: null,
      maxDeltaMs: null,
      quality: null,
      intervals: [],
    });
  });

  it('keeps terminal controls out of the file but not out of the data', () => {
    const records = new RecordStore();
    const hostile = 'a\x1b[31m\x9b31m\u202eb\x7f\ud800\u2028"\\c';
    records.call(call({ callId: hostile }));
    const printed = text(report(records));
    expect(printed).not.toMatch(/[^\n\x20-\x7e]/);
    expect(JSON.parse(printed).calls[0].callId).toBe(hostile);
  });

  it('comes in bounded pieces, whatever the length of the whole', () => {
    const records = new RecordStore();
    for (let i = 0; i < 500; i++) records.stream(stream({ id: `s${i + 1}` }));
    const chunks = [...jsonChunks(report(records))];
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(80_000);
    expect(JSON.parse(chunks.join('')).streams).toHaveLength(500);
  });
});

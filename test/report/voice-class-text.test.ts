import { describe, expect, test } from 'vitest';
import type { VoiceClassRecord, VoiceClassSource } from '../../src/records/voice-class-record.ts';
import { RecordStore } from '../../src/report/record-store.ts';
import { renderTable } from '../../src/report/table.ts';
import { voiceClassText } from '../../src/report/voice-class-text.ts';
import { capture } from './records.ts';

const source = (ip: string, octets: number, kinds: Partial<VoiceClassSource>): VoiceClassSource => {
  return { ip, octets, tcpPackets: 0, udpPackets: 0, videoPackets: 0, ...kinds };
};

const CARRIED: VoiceClassRecord = {
  dscp: [46, 44],
  audioPackets: 10_000,
  audioOctets: 2_000_000,
  otherPackets: 500,
  otherOctets: 400_000,
  otherRatio: 1 / 6,
  sources: [
    source('10.0.0.9', 300_000, { tcpPackets: 250, udpPackets: 50 }),
    source('10.0.0.8', 90_000, { videoPackets: 90 }),
    source('10.0.0.7', 9000, { udpPackets: 90 }),
    source('10.0.0.6', 1000, { udpPackets: 20 }),
  ],
  furtherSources: 2,
};

describe('what is no voice in the voice class', () => {
  test('is told with its senders', () => {
    expect(voiceClassText(CARRIED)).toBe(
      'voice class (EF, VA): 16.7 % of 2,400,000 octets are no voice: 10.0.0.9 300,000 (TCP, UDP), ' +
        '10.0.0.8 90,000 (video), 10.0.0.7 9,000 (UDP), +3 more senders',
    );
  });

  test('is not worth a word where it is little, or nothing is judged', () => {
    expect(voiceClassText({ ...CARRIED, otherRatio: 0.05 })).toBeNull();
    expect(voiceClassText({ ...CARRIED, otherPackets: 49 })).toBeNull();
    expect(voiceClassText({ ...CARRIED, otherRatio: null })).toBeNull();
    expect(voiceClassText(null)).toBeNull();
  });

  test('stands at the head of the tables', () => {
    const table = (voiceClass: VoiceClassRecord | null): string => {
      const report = { tool: { name: 'earshot', version: '1' }, capture: capture({ voiceClass }) };
      return [...renderTable({ ...report, records: new RecordStore() })].join('');
    };
    expect(table(CARRIED).split('\n')[2]).toMatch(/^ {2}voice class \(EF, VA\): 16\.7 % of/);
    expect(table(capture().voiceClass)).not.toContain('voice class');
  });
});

import { describe, expect, test } from 'vitest';
import { codecRowFor } from '../../src/quality/codec-choice.ts';
import { observedPayload } from '../../src/quality/observed.ts';
import {
  PAYLOAD_CODES,
  PAYLOAD_MODE,
  PAYLOAD_SILENCE,
  PAYLOAD_UNKNOWN,
  READER_AMR,
  READER_AMR_WB_OCTET_ALIGNED,
  READER_EVS,
  READER_G723,
  READER_G729,
  READER_GSM,
  READER_ILBC,
  READER_NONE,
  READER_OPUS,
} from '../../src/quality/payload-mode.ts';

/** Packet counts by code. */
function counts(of: Record<number, number>): Uint32Array {
  const array = new Uint32Array(PAYLOAD_CODES);
  for (const [code, packets] of Object.entries(of)) array[Number(code)] = packets;
  return array;
}

describe('what most speech packets are', () => {
  test.each([
    ['AMR, mostly 12.2', READER_AMR, { [PAYLOAD_MODE + 7]: 90, [PAYLOAD_MODE]: 30 }, { modeKbps: 12.2 }],
    [
      'AMR-WB 12.65 among more silence than speech',
      READER_AMR_WB_OCTET_ALIGNED,
      { [PAYLOAD_SILENCE]: 500, [PAYLOAD_MODE + 2]: 90 },
      { modeKbps: 12.65, silence: true },
    ],
    // SILK WB 20 ms (9), hybrid FB (15) and CELT FB (31): most packets are wideband or fullband
    [
      'Opus, bandwidths added up over modes',
      READER_OPUS,
      { [PAYLOAD_MODE + 9]: 60, [PAYLOAD_MODE + 15]: 40, [PAYLOAD_MODE + 31]: 40 },
      { bandwidth: 'FB' },
    ],
    ['EVS 13.2', READER_EVS, { [PAYLOAD_MODE + 4]: 10 }, { modeKbps: 13.2 }],
    [
      'EVS in AMR-WB IO 12.65',
      READER_EVS,
      { [PAYLOAD_MODE + 14]: 10 },
      { modeKbps: 12.65, variant: 'amr-wb-io' },
    ],
    ['G.723.1 5.3', READER_G723, { [PAYLOAD_MODE + 1]: 3 }, { modeKbps: 5.3 }],
    ['iLBC 30 ms', READER_ILBC, { [PAYLOAD_MODE + 1]: 3 }, { modeKbps: 13.33 }],
    ['GSM EFR under the name GSM', READER_GSM, { [PAYLOAD_MODE + 1]: 3 }, { variant: 'gsm-efr' }],
    ['GSM', READER_GSM, { [PAYLOAD_MODE]: 3 }, {}],
    ['G.729 with SID', READER_G729, { [PAYLOAD_MODE]: 3, [PAYLOAD_SILENCE]: 1 }, { silence: true }],
    [
      'a tie goes to the lower mode',
      READER_AMR,
      { [PAYLOAD_MODE + 7]: 5, [PAYLOAD_MODE + 2]: 5 },
      { modeKbps: 5.9 },
    ],
    ['nothing but unknown', READER_AMR, { [PAYLOAD_UNKNOWN]: 50 }, {}],
    ['Opus DTX only', READER_OPUS, { [PAYLOAD_SILENCE]: 50 }, { silence: true }],
    ['no reader', READER_NONE, { [PAYLOAD_UNKNOWN]: 50 }, {}],
  ])('%s', (_words, reader, of, observed) => {
    expect(observedPayload(reader, counts(of))).toEqual(observed);
  });

  test('from counts to the row', () => {
    const observed = observedPayload(READER_OPUS, counts({ [PAYLOAD_MODE + 9]: 60 }));
    const choice = codecRowFor(
      { name: 'opus', clockRate: 48_000, fmtp: null },
      { ...observed, bitrateKbps: 12.2 },
    );
    expect(choice.row?.id).toBe('opus-wb-vbr-12');
  });

  test('codes beyond the modes of a codec give no mode', () => {
    expect(observedPayload(READER_AMR, counts({ [PAYLOAD_MODE + 20]: 60 }))).toEqual({});
    expect(observedPayload(READER_OPUS, new Uint32Array(0))).toEqual({});
  });
});

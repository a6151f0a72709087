import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCaptures } from '../../src/capture/open.ts';
import { captureRecord } from '../../src/cli/capture-record.ts';
import { readAll } from '../../src/cli/read-captures.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { CallRecord, CaptureRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { buildCapture } from '../../src/synth/build.ts';
import type { Scenario } from '../../src/synth/scenario.ts';
import { temporaryDirectory } from '../capture/collect-packets.ts';

const directory = temporaryDirectory();

interface Measured {
  capture: CaptureRecord;
  calls: CallRecord[];
  streams: StreamRecord[];
  findings: FindingRecord[];
}

function measured(scenario: Scenario): Measured {
  const path = join(directory, 'capture.pcapng');
  writeFileSync(path, buildCapture(scenario));
  const source = openCaptures([path]);
  const [calls, streams, findings]: [CallRecord[], StreamRecord[], FindingRecord[]] = [[], [], []];
  const engine = new Engine({
    call: (record) => calls.push(record),
    stream: (record) => streams.push(record),
    finding: (record) => findings.push(record),
  });
  readAll(source, engine, null);
  const capture = captureRecord(source, engine);
  source.close();
  return { capture, calls, streams, findings };
}

/** A call of a minute; the machine that captures loses half of what it gets for a moment now and then. */
const lossy: Scenario = {
  calls: [{ durationMs: 60_000 }],
  capture: { mirrorLoss: { everyMs: 20_000, forMs: 600, ratio: 0.5 } },
};
const counted: Scenario = { ...lossy, capture: { ...lossy.capture, countDrops: true } };
const codes = ({ findings }: Measured): string[] => findings.map(({ code }) => code);

describe('packets that the capture itself lost, by its own account', () => {
  test('are no loss of the network where they are counted', () => {
    const [blamed, known] = [measured(lossy), measured(counted)];
    expect(codes(blamed)).toContain('burst_loss');
    expect(blamed.capture.trust.verdict).toBe('trusted');
    const lost = known.streams.reduce((sum, stream) => sum + stream.lost, 0);
    expect(lost).toBe(blamed.streams.reduce((sum, stream) => sum + stream.lost, 0));
    expect(codes(known)).not.toContain('burst_loss');
    expect(known.calls[0]?.heldBack).toMatchObject([
      { code: 'burst_loss', reason: 'capture_drops' },
      { code: 'burst_loss', reason: 'capture_drops' },
    ]);
    expect(known.capture.trust).toMatchObject({
      reasons: [{ code: 'capture_drops', dropped: lost }],
    });
  });

  test('take nothing from the losses of the network at other times', () => {
    const scenario: Scenario = {
      ...counted,
      calls: [
        {
          durationMs: 60_000,
          callerToCallee: { loss: { kind: 'random', ratio: 0.3, fromMs: 8000, untilMs: 16_000 } },
        },
      ],
    };
    const { calls, findings } = measured(scenario);
    expect(
      findings.filter(({ direction }) => direction === 'callerToCallee').map(({ code }) => code),
    ).toContain('random_loss');
    expect(calls[0]?.heldBack.map(({ direction }) => direction)).toEqual(['calleeToCaller']);
  });
});

import { Engine, type EngineOptions } from '../../src/engine/engine.ts';
import type { PacketBatch } from '../../src/packet/batch.ts';
import type {
  RegistrationRecord,
  SignallingRecord,
  TrunkRecord,
} from '../../src/records/signalling-record.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { batchesOf } from '../batches.ts';

/** Room for the streams of any capture here: that of a probe takes longer to make than most of them take to measure. */
const STREAMS = 4096;

export interface Replayed {
  streams: StreamRecord[];
  calls: CallRecord[];
  findings: FindingRecord[];
  registrations: RegistrationRecord[];
  trunks: TrunkRecord[];
  signalling: SignallingRecord;
  account: ReturnType<Engine['account']>;
}

/** Runs a capture of the generator through the whole engine, in memory; `before` is called before each batch. */
export function replayed(
  pcap: Uint8Array,
  perBatch = 1000,
  options: EngineOptions = {},
  before: (engine: Engine, batch: PacketBatch) => void = () => {},
): Replayed {
  const streams: StreamRecord[] = [];
  const calls: CallRecord[] = [];
  const findings: FindingRecord[] = [];
  const registrations: RegistrationRecord[] = [];
  const trunks: TrunkRecord[] = [];
  const engine = new Engine(
    {
      stream: (record) => streams.push(record),
      call: (record) => calls.push(record),
      finding: (record) => findings.push(record),
      registration: (record) => registrations.push(record),
      trunk: (record) => trunks.push(record),
    },
    { ...options, rtp: { streamsMax: STREAMS, ...options.rtp } },
  );
  for (const batch of batchesOf(pcap, perBatch)) {
    before(engine, batch);
    engine.ingest(batch);
  }
  engine.finish();
  const signalling = engine.signallingRecord();
  return { streams, calls, findings, registrations, trunks, signalling, account: engine.account() };
}

/** Microseconds since the epoch as the ISO text that the generator writes. */
export function iso(us: number | null): string | null {
  if (us === null) return null;
  const whole = Math.round(us);
  const millis = new Date(Math.floor(whole / 1000)).toISOString();
  return `${millis.slice(0, -1)}${String(whole % 1000).padStart(3, '0')}Z`;
}

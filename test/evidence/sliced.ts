import { captureFromBytes } from '../../src/capture/open.ts';
import { Engine, type EngineOptions } from '../../src/engine/engine.ts';
import type { WantedCall } from '../../src/evidence/contract.ts';
import { sectionBlock } from '../../src/evidence/file-blocks.ts';
import { EvidenceFinder, type FinderOptions } from '../../src/evidence/finder.ts';
import { type CopyOptions, SliceCopy } from '../../src/evidence/slice-copy.ts';
import { type Remark, SliceSearch } from '../../src/evidence/slice-search.ts';
import { Wanted } from '../../src/evidence/wanted.ts';
import type { CallRecord, FindingRecord, StreamRecord } from '../../src/records/types.ts';
import { batchesOf } from '../batches.ts';

const HEADERS: CopyOptions = { payload: false, names: [], secretsOf: null, mask: null, meant: null };

/** Cuts calls out of a capture of the generator, in memory. */
export function sliceOf(
  pcap: Uint8Array,
  calls: readonly WantedCall[] | null,
  options: Partial<CopyOptions> = {},
  remarks: readonly Remark[] = [],
  opening: FinderOptions = {},
): Uint8Array {
  let search: SliceSearch | null = null;
  if (calls !== null) {
    const wanted = new Wanted(calls);
    search = new SliceSearch(wanted, remarks);
    const finder = new EvidenceFinder(wanted, search, opening);
    for (const batch of batchesOf(pcap)) finder.ingest(batch);
    finder.finish();
  }
  const blocks: Uint8Array[] = [sectionBlock('test', 'a slice')];
  const copy = new SliceCopy(search, { ...HEADERS, ...options }, (block) => blocks.push(block.slice()));
  for (const batch of batchesOf(pcap)) copy.ingest(batch);
  return new Uint8Array(Buffer.concat(blocks));
}

/** Packets of a pcapng in memory, measured. */
export function measured(file: Uint8Array, options: EngineOptions = {}) {
  const streams: StreamRecord[] = [];
  const calls: CallRecord[] = [];
  const findings: FindingRecord[] = [];
  const packets: Uint8Array[] = [];
  const engine = new Engine(
    {
      stream: (record) => streams.push(record),
      call: (record) => calls.push(record),
      finding: (record) => findings.push(record),
    },
    options,
  );
  let at = 0;
  const source = captureFromBytes(
    {
      failure: null,
      bytesTaken: 0,
      read(into, offset, room) {
        const piece = file.subarray(at, at + room);
        into.set(piece, offset);
        at += piece.length;
        return piece.length;
      },
      close() {},
    },
    'slice',
  );
  for (let batch = source.read(); batch !== null; batch = source.read()) {
    for (let i = 0; i < batch.count; i++)
      packets.push(batch.bytes.slice(batch.offset[i]!, batch.offset[i]! + batch.capturedLength[i]!));
    engine.ingest(batch);
  }
  engine.finish();
  return { streams, calls, findings, packets, problems: source.problems, account: engine.account() };
}

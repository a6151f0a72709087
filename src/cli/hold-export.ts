import { hostname } from 'node:os';
import { basename } from 'node:path';
import { isoMicros } from '../report/iso-time.ts';
import { chunksOf } from '../store/checksums.ts';
import { fullSince } from '../store/held-room.ts';
import { missingOf, type Stretch } from '../store/hold-coverage.ts';
import type { Segment } from '../store/segment.ts';
import { StoreError } from '../store/segment-files.ts';
import { ExportFolder } from './export-folder.ts';
import { HeldHistory } from './held-history.ts';
import { type HeldDrops, readHeldFile } from './held-packets.ts';
import type { ExportedFile, HoldAccount } from './hold-account.ts';
import { type HeldPart, type HeldState, reportedMissing, segmentsOf, spanUntil } from './hold-state.ts';
import { tool } from './tool.ts';

/** Stretches that are listed as missing. */
const MISSING_MAX = 1000;
const HISTORY = 'history.ndjson';

const PACKETS_HOLD =
  'SIP and RTCP whole, of RTP the headers only, of anything else no payload: nothing that was said. Keys that were ' +
  'pressed are masked. The files are as the probe wrote them; they may begin up to a minute before the span and end so long after it.';
const CALLS_HOLD =
  'Calls with bad findings as the probe saved them, headers only as in packets, by when they were saved: some may lie before the span or behind it.';
const HISTORY_HOLDS = 'What the probe told of the span, line by line as it was written.';

/**
 * Copies what a hold has into a folder that is not there yet, with checksums and an account of what it is and what it lacks.
 *
 * @throws {StoreError} when it cannot be written
 */
export async function exportHold(
  { name, hold, parts }: HeldState,
  target: string,
  by: { who: string; nowUs: number },
): Promise<{ account: HoldAccount; sumsSha256: string }> {
  if (hold === null) throw unreadable(name);
  const held = parts.map((part) => ({ ...part, segments: segmentsOf(part.standing.path, part.kind) }));
  const octets = held.flatMap(({ segments }) => segments).reduce((sum, { bytes }) => sum + bytes, 0);
  const folder = new ExportFolder(target, octets);
  try {
    const span = spanUntil(hold, by.nowUs);
    const history = held.find(({ kind }) => kind === 'ndjson');
    const told = history === undefined ? null : exportHistory(folder, history.segments, span);
    const packets = held.find(({ kind }) => kind === 'pcapng');
    const calls = held.find(({ kind }) => kind === 'calls');
    const { madeUs, fromUs, toUs, reason, who, probe, maxBytes } = hold;
    const account: HoldAccount = {
      ...{ schema: 'earshot.hold-export/1', tool, probe, host: hostname() },
      hold: {
        ...{ name, reason, who, maxBytes, time: isoMicros(madeUs) },
        ...{ from: isoMicros(fromUs), to: isoMicros(toUs) },
      },
      exported: {
        who: by.who,
        time: isoMicros(by.nowUs),
        from: isoMicros(span.fromUs),
        to: isoMicros(span.toUs),
      },
      packets: packets === undefined ? null : await exportPackets(folder, packets, span, told),
      badCalls: calls === undefined ? null : exportCalls(folder, calls, span),
      history:
        told === null
          ? null
          : {
              ...{ contents: HISTORY_HOLDS, path: HISTORY, ...told.probe },
              missing: reportedMissing((history?.missing ?? []).slice(0, MISSING_MAX)),
            },
    };
    folder.write('hold.json', [Buffer.from(`${JSON.stringify(account, null, 2)}\n`, 'utf8')]);
    return { account, sumsSha256: folder.finish() };
  } catch (cause) {
    folder.discard();
    throw cause instanceof StoreError ? cause : new StoreError(`${target} cannot be written`, cause);
  }
}

function exportHistory(folder: ExportFolder, segments: readonly Segment[], span: Stretch): HeldHistory {
  const told = new HeldHistory(span);
  const lines = told.lines(segments.map(({ path }) => path));
  folder.write(HISTORY, encoded(lines));
  return told;
}

function* encoded(lines: Iterable<string>): Generator<Uint8Array> {
  for (const line of lines) yield Buffer.from(line, 'utf8');
}

/** A part of a hold, with the segments it has. */
type HeldSegments = HeldPart & { segments: readonly Segment[] };

function exportCalls(
  folder: ExportFolder,
  { segments, missing }: HeldSegments,
  span: Stretch,
): NonNullable<HoldAccount['badCalls']> {
  // What was dropped is told with all packets.
  const drops: HeldDrops = { dropped: 0, notListed: 0, times: [] };
  const files = segments.map((segment) => exportFile(folder, 'bad-calls', segment, span, drops).file);
  return { contents: CALLS_HOLD, files, missing: reportedMissing(missing) };
}

function exportFile(folder: ExportFolder, into: string, segment: Segment, span: Stretch, drops: HeldDrops) {
  const name = `${into}/${basename(segment.path)}`;
  // One that is being written grows meanwhile: the rest is for the next export.
  const { path, bytes, sha256 } = folder.write(name, chunksOf(segment.path, segment.bytes));
  const { stretch, packets, problems } = readHeldFile(path, span, drops);
  const times = { from: isoMicros(stretch?.fromUs ?? null), to: isoMicros(stretch?.toUs ?? null) };
  const file: ExportedFile = { path: name, bytes, sha256, packets, ...times, problems };
  return { file, stretch };
}

async function exportPackets(
  folder: ExportFolder,
  { segments, standing }: HeldSegments,
  span: Stretch,
  told: HeldHistory | null,
): Promise<NonNullable<HoldAccount['packets']>> {
  const drops: HeldDrops = { dropped: 0, notListed: 0, times: [] };
  const files: ExportedFile[] = [];
  const stretches: Stretch[] = [];
  for (const segment of segments) {
    const { file, stretch } = exportFile(folder, 'packets', segment, span, drops);
    files.push(file);
    if (stretch !== null) stretches.push(stretch);
  }
  stretches.sort((a, b) => a.fromUs - b.fromUs);
  const missing = missingOf(span, stretches, await fullSince(standing.path));
  const listed = missing.slice(0, MISSING_MAX);
  return {
    contents: PACKETS_HOLD,
    files,
    missing: reportedMissing(listed).map((each, i) => ({
      ...each,
      probeRan: told?.ranIn(listed[i]!) ?? null,
    })),
    missingNotListed: missing.length - listed.length,
    drops,
  };
}

function unreadable(name: string): StoreError {
  return new StoreError(
    `the marker of hold "${name}" cannot be read`,
    Object.assign(new Error(), { code: 'EBADMSG' }),
  );
}

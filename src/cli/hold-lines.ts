import { isoMicros, microsOf } from '../report/iso-time.ts';
import { neutralised } from '../report/wire-text.ts';
import type { Missing, MissingReason } from '../store/hold-coverage.ts';
import type { HeldKind } from '../store/segment.ts';
import type { HoldAccount } from './hold-account.ts';
import { type HeldPart, type HeldState, type ReportedMissing, reportedMissing } from './hold-state.ts';
import type { Verified } from './hold-verify.ts';

const FULL = 'the hold is full; one with a larger --max-mib would have more';
const OF_PACKETS: Readonly<Record<MissingReason, string>> = {
  before_first: 'gone before they were held, or never kept',
  limit: FULL,
  nothing_kept: 'nothing was kept: a silent line, or the probe did not run',
  after_last: 'nothing was kept after the last packet: a silent line, or the probe did not run',
};
const WHY: Readonly<Record<HeldKind, Readonly<Record<MissingReason, string>>>> = {
  pcapng: OF_PACKETS,
  calls: OF_PACKETS,
  ndjson: {
    before_first: 'gone before it was held, or never kept',
    limit: FULL,
    nothing_kept: 'nothing was told: the probe did not run',
    after_last: 'nothing was told since: the probe does not run',
  },
};

const WHAT = { pcapng: 'packets', ndjson: 'history', calls: 'bad calls' } as const;

/** A hold for people. */
export function holdLines({ name, hold, parts }: HeldState): string {
  const lines: string[] = [];
  if (hold === null) {
    lines.push(`${neutralised(name)}: its marker cannot be read, so it holds everything; release it`);
  } else {
    const { fromUs, toUs, madeUs, who, reason } = hold;
    const to = toUs === null ? 'UTC, until it is ended' : `to ${clock(toUs)} UTC`;
    lines.push(`${name}: ${clock(fromUs)} ${to}; made ${clock(madeUs)} by ${neutralised(who)}`);
    lines.push(`  reason:  ${neutralised(reason)}`);
  }
  for (const part of parts) {
    lines.push(`  ${WHAT[part.kind]}: ${partText(part)}`);
    lines.push(...missingLines(part.missing, part.kind));
  }
  return `${lines.join('\n')}\n`;
}

function partText({ files, bytes, standing }: HeldPart): string {
  const room = standing.hold === null ? '' : ` of at most ${mib(standing.hold.maxBytes)}`;
  return `${files} ${files === 1 ? 'file' : 'files'}, ${mib(bytes)}${room}, in ${standing.path}`;
}

function missingLines(
  missing: readonly Missing[],
  kind: HeldKind,
  probeRan: boolean | null = null,
): string[] {
  const ran = probeRan === null ? '' : probeRan ? ' (by the history it ran)' : ' (by the history it did not)';
  return missing.map(({ fromUs, toUs, reason }) => {
    const length = lengthText((toUs - fromUs) / 1e6);
    return `  missing: ${clock(fromUs)} to ${clock(toUs)} UTC (${length}): ${WHY[kind][reason]}${ran}`;
  });
}

/** A length of time, s, as exact as anybody cares. */
function lengthText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** An export for people. */
export function exportLines(path: string, account: HoldAccount, sumsSha256: string): string {
  const { packets, badCalls, history } = account;
  const lines = [`${neutralised(path)} is written`];
  if (packets !== null) {
    const { files, missing, missingNotListed, drops } = packets;
    const all = files.reduce((sum, file) => sum + file.packets, 0);
    lines.push(
      `  packets: ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${all} packets, headers only of RTP`,
    );
    for (const file of files) for (const problem of file.problems) lines.push(`  ${file.path}: ${problem}`);
    for (const gap of missing) lines.push(...missingLines([stretchOf(gap)], 'pcapng', gap.probeRan));
    if (missingNotListed > 0) lines.push(`  missing: ${missingNotListed} times more`);
    if (drops.dropped > 0) lines.push(`  dropped: ${drops.dropped} packets before they could be kept`);
  }
  if (badCalls !== null) {
    lines.push(`  bad calls: ${badCalls.files.length} ${badCalls.files.length === 1 ? 'file' : 'files'}`);
    lines.push(...missingLines(badCalls.missing.map(stretchOf), 'calls'));
  }
  if (history !== null) {
    lines.push(`  history: ${history.records} records`);
    lines.push(...missingLines(history.missing.map(stretchOf), 'ndjson'));
    if ((history.dropped ?? 0) > 0) lines.push(`  dropped: ${history.dropped} packets by the sources`);
    if ((history.notKept ?? 0) > 0)
      lines.push(`  dropped: ${history.notKept} packets that the disk did not take`);
  }
  lines.push(`SHA-256 of its SHA256SUMS, to be noted elsewhere: ${sumsSha256}`);
  lines.push('"earshot hold verify" checks it, or "sha256sum -c SHA256SUMS" in it');
  return `${lines.join('\n')}\n`;
}

function stretchOf({ from, to, reason }: ReportedMissing): Missing {
  return { fromUs: microsOf(from) ?? Number.NaN, toUs: microsOf(to) ?? Number.NaN, reason };
}

/** What became of an exported folder, for people. */
export function verifiedLines(verified: Verified): string {
  const { path, whole, files, sumsSha256, isListNoted, changed, missing, added } = verified;
  const lines: string[] = [];
  for (const name of changed) lines.push(`changed: ${neutralised(name)}`);
  for (const name of missing) lines.push(`missing: ${neutralised(name)}`);
  for (const name of added) lines.push(`added:   ${neutralised(name)}`);
  if (isListNoted === false) lines.push('changed: SHA256SUMS, which has another SHA-256 than was noted');
  const verdict = whole ? `whole, ${files} files` : 'NOT as it was exported';
  lines.push(`${neutralised(path)}: ${verdict}; SHA-256 of its SHA256SUMS: ${sumsSha256}`);
  return `${lines.join('\n')}\n`;
}

/** A hold for programs. */
export function reportedHold({ name, hold, parts }: HeldState) {
  const marked =
    hold === null
      ? null
      : {
          reason: hold.reason,
          who: hold.who,
          time: isoMicros(hold.madeUs),
          from: isoMicros(hold.fromUs),
          to: isoMicros(hold.toUs),
          maxBytes: hold.maxBytes,
          probe: hold.probe,
        };
  const told = parts.map(({ kind, standing, files, bytes, missing }) => ({
    what: WHAT[kind],
    ...{ path: standing.path, files, bytes, missing: reportedMissing(missing) },
  }));
  return { name, readable: hold !== null, ...marked, parts: told };
}

/** A time in text: to the second is what a hold is asked for. */
export function clock(us: number): string {
  return (isoMicros(us) ?? 'an unknown time').slice(0, 19).replace('T', ' ');
}

export function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;
}

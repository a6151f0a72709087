import { linkTypeName } from '../capture/link-types.ts';
import type { CaptureSource } from '../capture/source.ts';
import type { Engine } from '../engine/engine.ts';
import { type SourceAccount, trustOf } from '../engine/trust.ts';
import type { CaptureRecord } from '../records/types.ts';
import { deliveredBy, droppedBy } from './read-captures.ts';

/** A capture that is whole and holds nothing is no capture in which all is well. */
const NO_PACKETS = { code: 'no_packets', text: 'there are no packets in it: nothing was measured' };

/** What to say when not one packet could be decoded because of its link type; null otherwise. */
export function undecodable({ files, packets, discarded }: CaptureRecord): string | null {
  if (packets === 0 || discarded.unknown_link_type !== packets) return null;
  const names = files.map((file) => `${file.path} (${file.linkTypes.join(', ')})`).join(', ');
  return `${names}: this link type is not supported, no packet could be read; capture on an Ethernet, cooked or raw IP interface`;
}

/** The account of a replay: what its source knows and what the engine counted. */
export function captureRecord(
  source: CaptureSource,
  engine: Engine,
  point: string | null = null,
): CaptureRecord {
  const account = engine.account();
  const problems = account.packets === 0 && source.problems.length === 0 ? [NO_PACKETS] : source.problems;
  const sourceAccount: SourceAccount = {
    dropped: droppedBy(source),
    delivered: deliveredBy(source),
    problems,
  };
  const { startUs, endUs, packets, bytes, decoded, discarded, fragments, encrypted, hep, voiceClass } =
    account;
  const { mirrorDuplicates, mirrorDuplicatesRatio } = account;
  return {
    files: source.inputs.map((input) => ({
      path: input.path,
      format: input.format ?? 'unknown',
      linkTypes: input.linkTypes.map(linkTypeName),
      packets: input.packets,
      bytes: input.bytes,
    })),
    point,
    startUs,
    endUs,
    packets,
    bytes,
    decoded,
    discarded,
    mirrorDuplicates,
    mirrorDuplicatesRatio,
    fragments,
    voiceClass,
    encrypted,
    hep,
    trust: trustOf(account, sourceAccount),
  };
}

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { openCaptures } from '../capture/open.ts';
import type { CaptureProblem } from '../capture/source.ts';
import { sectionBlock } from '../evidence/file-blocks.ts';
import { EvidenceFinder, type FinderOptions } from '../evidence/finder.ts';
import { type Copied, type PacketMask, SliceCopy } from '../evidence/slice-copy.ts';
import { SliceSearch } from '../evidence/slice-search.ts';
import type { PacketBatch } from '../packet/batch.ts';
import { maskNote } from '../privacy/notes.ts';
import { type MaskedPackets, PacketMasker } from '../privacy/packets.ts';
import { type ProviderNetwork, providerView } from '../privacy/provider.ts';
import type { ReportFinding } from '../report/contract.ts';
import type { RecordStore } from '../report/record-store.ts';
import { neutralised } from '../report/wire-text.ts';
import { EXIT_DONE, EXIT_FAILED } from './exit-codes.ts';
import { readHepKey } from './hep-key.ts';
import { ReportFile } from './html-output.ts';
import { inflate } from './inflate.ts';
import { KeyLogLines } from './key-log-lines.ts';
import { measureInto } from './measured-captures.ts';
import { remark, writeOut } from './output.ts';
import { pointOf } from './point-option.ts';
import { networkOf } from './provider-network.ts';
import { type ChosenPseudonyms, pseudonymNote, pseudonymsOf } from './pseudonym-options.ts';
import { readKeyLog } from './read-key-log.ts';
import { type ReportSettings, storeFor } from './report-places.ts';
import type { SliceOptions } from './slice.ts';
import { chooseCalls, sliceEvidence } from './slice-choice.ts';
import { nodeCrypto } from './tls-crypto.ts';
import { tool } from './tool.ts';

/** There is nothing to cut out. */
export class SliceError extends Error {}

/** What is cut out, and how it is called. */
interface Cut {
  search: SliceSearch | null;
  /** For the file's own comment. */
  subject: string;
}

/** Cuts calls out of captures, or merges them. @returns the exit code */
export function runSlice(
  files: readonly string[],
  output: string,
  options: SliceOptions,
  settings: ReportSettings | null,
): number {
  const file = new ReportFile(output, 'the slice', 0o600);
  const store = storeFor(settings);
  try {
    const secrets = new KeyLogLines();
    if (options.keylogBlocks === true && options.keylog !== undefined)
      secrets.add(readFileSync(options.keylog));
    const isMerge = options.call.length === 0 && options.worst === undefined && options.filter === undefined;
    const cut = isMerge
      ? { search: null, subject: 'everything that tells of calls' }
      : findCut(files, options, store, { secrets, keptHeaders: settings?.keptHeaders ?? [] });
    const chosen = pseudonymsOf(options, process.env);
    const masker = chosen === null ? null : new PacketMasker(chosen.names);
    const network = options.provider === undefined ? null : networkOf(options.provider);
    const isOpen = masker === null && network === null;
    const names = files.map((path, i) => (isOpen ? basename(path) : `capture ${i + 1}`));
    const copyOptions = {
      payload: options.payload === true,
      names,
      secretsOf: options.keylogBlocks === true ? (random: string) => secrets.of(random) : null,
      mask: masker ?? (network === null ? null : remarksFor(network)),
      meant: network === null ? null : network.has,
    };
    if (masker !== null) {
      const learning = new SliceCopy(cut.search, copyOptions, () => {});
      pass(files, learning, null);
      masker.learned();
    }
    const copy = new SliceCopy(cut.search, copyOptions, (block) => file.write(block));
    const comment = commentOf(cut, names, { ...options, point: pointOf(options, settings) }, chosen);
    file.write(sectionBlock(`${tool.name} ${tool.version}`, comment));
    const problems = pass(files, copy, isMerge ? secrets : null, copy);
    file.finish();
    tell(output, cut, copy.copied, options);
    if (chosen !== null && masker !== null) tellMasked(chosen, masker.account);
    for (const { text } of problems) remark(text);
    return problems.length > 0 ? EXIT_FAILED : EXIT_DONE;
  } finally {
    store.close();
    file.discard();
  }
}

/** Measures the captures, chooses the calls, and finds their frames. */
function findCut(
  files: readonly string[],
  options: SliceOptions,
  store: RecordStore,
  { secrets, keptHeaders }: { secrets: KeyLogLines; keptHeaders: readonly string[] },
): Cut {
  const keys = readKeyLog(options.keylog);
  const key = readHepKey(options.hepKeyFile, {});
  const opening: FinderOptions = {
    decryption: { keys, crypto: nodeCrypto },
    hep: { inflate, ...(key === null ? {} : { authenticationKey: key }) },
  };
  const problems = measureInto(store, files, { ...opening, signalling: { keptHeaders } }, (text) => {
    keys.add(text);
    secrets.add(text);
  });
  const choice = chooseCalls(store, {
    calls: options.call,
    ...(options.worst === undefined ? {} : { worst: options.worst }),
    ...(options.filter === undefined ? {} : { filter: options.filter }),
  });
  if (!choice.ok) {
    // That there is no such call may be why.
    for (const { text } of problems) remark(text);
    throw new SliceError(choice.message);
  }
  const { wanted, remarks } = sliceEvidence(store, choice, remarkText);
  const search = new SliceSearch(wanted, remarks);
  const finder = new EvidenceFinder(wanted, search, opening);
  pass(files, finder, null);
  finder.finish();
  const legs = choice.legs === 0 ? '' : ` (${choice.legs} of them further legs)`;
  const calls = choice.calls.map((call) => {
    const { id, callId } = store.calls.summary(call);
    return `${id} ${neutralised(callId)}`;
  });
  const streams = choice.streams.map((stream) => store.streams.summary(stream).id);
  const subject = `${counted(calls.length + streams.length, 'call')}${legs}: ${listed([...calls, ...streams])}`;
  return { search, subject };
}

/** Reads the captures once more; `copy` is told as well what they say of packets that they lost. */
function pass(
  files: readonly string[],
  reader: { ingest(batch: PacketBatch): void },
  secrets: KeyLogLines | null,
  copy: SliceCopy | null = null,
): readonly CaptureProblem[] {
  const source = openCaptures(files, { onKeyLog: (text) => secrets?.add(text) });
  try {
    for (let batch = source.read(); batch !== null; batch = source.read()) {
      if (copy !== null) source.takeDrops(copy.noteDrops);
      reader.ingest(batch);
    }
    if (copy !== null) source.takeDrops(copy.noteDrops);
    copy?.finish(source.inputs);
    return source.problems;
  } finally {
    source.close();
  }
}

function remarkText({ code, severity, text }: ReportFinding): string {
  return `${code} (${severity}): ${neutralised(text)}`;
}

/** Packets as they are: both sides had them. Remarks quote what the provider need not know. */
function remarksFor(network: ProviderNetwork): PacketMask {
  const view = providerView(network);
  return { mask: (_, octets) => octets, text: view };
}

/** Names of a list that one reads; the rest is counted. */
const NAMED_MAX = 20;

function listed(names: readonly string[]): string {
  const more = names.length > NAMED_MAX ? `, and ${names.length - NAMED_MAX} more` : '';
  return `${names.slice(0, NAMED_MAX).join(', ')}${more}`;
}

/** What the file says of itself. */
function commentOf(
  { subject }: Cut,
  names: readonly string[],
  options: Omit<SliceOptions, 'point'> & { point: string | null },
  chosen: ChosenPseudonyms | null,
): string {
  return [
    `Cut by ${tool.name} ${tool.version} from ${listed(names)}.`,
    ...(options.point === null ? [] : [`Captured at ${options.point}.`]),
    `${chosen === null ? subject : maskNote(chosen.names, subject)}.`,
    ...(chosen === null ? [] : [pseudonymNote(chosen)]),
    ...(options.provider === undefined
      ? []
      : [`Only packets to and from the provider at ${options.provider}.`]),
    options.payload === true
      ? 'With payload: what was said can be heard.'
      : 'Headers only: nothing that was said, and no key that was pressed, is in it.',
  ].join('\n');
}

function tell(output: string, { search }: Cut, { packets, octets }: Copied, options: SliceOptions): void {
  const what = search === null ? 'merged' : 'cut out';
  const how = options.payload === true ? 'with what was said' : 'headers only';
  const line = `${output}: ${counted(packets, 'packet')} ${what} (${how}, ${octets} octets)\n`;
  if (output === '-') process.stderr.write(`earshot: ${line.replace(/^-: /, '')}`);
  else writeOut(line);
}

/** What became of the names, on standard error: standard output may be the slice. */
function tellMasked(chosen: ChosenPseudonyms, account: MaskedPackets): void {
  const { packets, blanked, blankedOctets, leftOut } = account;
  const rest = [
    ...(blanked > 0 ? [`${counted(blanked, 'content')} blanked that could not be read safely`] : []),
    ...(blankedOctets > 0
      ? [`${blankedOctets} octets of connections blanked that were no readable SIP`]
      : []),
    ...(leftOut > 0 ? [`${counted(leftOut, 'packet')} left out (tunnels, or nothing of calls)`] : []),
  ];
  const more = rest.length === 0 ? '' : ` ${rest.join('; ')}.`;
  remark(`${pseudonymNote(chosen)} ${counted(packets, 'packet')} masked.${more}`);
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

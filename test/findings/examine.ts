import type { EngineOptions } from '../../src/engine/engine.ts';
import { captureFindings, trustOf } from '../../src/engine/trust.ts';

import { type FindingCode, findingEntry } from '../../src/records/finding-codes.ts';
import type { FindingRecord } from '../../src/records/types.ts';
import { buildCapture } from '../../src/synth/build.ts';
import { replayed } from '../engine/replayed.ts';
import { type FindingCase, type LabelParts, labelParts } from './case.ts';

/** What came of one case. */
export interface Outcome {
  name: string;
  /** Codes of the labels that were found, one entry for each label; and of those that were not. */
  found: FindingCode[];
  missed: FindingCode[];
  /** Codes of what was found and is neither expected nor allowed: once for each call and direction. */
  falseAlarms: FindingCode[];
  /** In words: labels missed, false alarms with their text, and findings that are no proper ones. */
  faults: string[];
}

/** An engine for a few calls: most of the time would go into making room for thousands. */
const SMALL: EngineOptions = { rtp: { streamsMax: 64 } };

/** Plays a case through the whole engine and compares what it finds with the labels. */
export function examine(
  { name, scenario, expected, dropped, allowed = {} }: FindingCase,
  seed?: number,
): Outcome {
  const made = typeof scenario === 'function' ? scenario(seed ?? 1) : scenario;
  const findings = allFindings(buildCapture(seed === undefined ? made : { ...made, seed }), dropped ?? null);
  const labels = expected.map(labelParts);
  const outcome: Outcome = {
    name,
    found: [],
    missed: [],
    falseAlarms: [],
    faults: findings.flatMap(blemishes),
  };
  for (const label of labels) {
    const isFound = findings.some((finding) => fits(finding, label));
    (isFound ? outcome.found : outcome.missed).push(label.code);
    if (!isFound) outcome.faults.push(`missed: ${label.code} ${label.direction ?? ''} ${label.callId ?? ''}`);
  }
  const told = new Set<string>();
  for (const finding of findings) {
    const code = finding.code as FindingCode;
    if (Object.hasOwn(allowed, code) || labels.some((label) => fits(finding, label))) continue;
    const key = `${code} ${finding.direction} ${finding.callId}`;
    if (told.has(key)) continue;
    told.add(key);
    outcome.falseAlarms.push(code);
    outcome.faults.push(`false alarm: ${finding.severity} ${code} ${finding.direction}: ${finding.text}`);
  }
  return outcome;
}

/** Those about calls and streams, and those about the capture. */
function allFindings(pcap: Uint8Array, dropped: number | null): FindingRecord[] {
  const { findings, account } = replayed(pcap, 1000, SMALL);
  const trust = trustOf(account, { dropped, problems: [] });
  return [...findings, ...captureFindings({ ...account, files: [], trust })];
}

function fits(finding: FindingRecord, { code, direction, callId }: LabelParts): boolean {
  return (
    finding.code === code &&
    (direction === null || finding.direction === direction) &&
    (callId === null || finding.callId === callId)
  );
}

/** What makes a finding unfit to be shown, whether it is true or not. */
function blemishes({ code, text, evidence, startUs, endUs }: FindingRecord): string[] {
  const found: string[] = [];
  if (findingEntry(code) === null) found.push(`${code} is in no catalogue`);
  if (/NaN|Infinity|undefined|null/.test(text)) found.push(`${code}: ${text}`);
  for (const [name, value] of Object.entries(evidence)) {
    if (typeof value === 'number' && !Number.isFinite(value)) found.push(`${code}: ${name} is ${value}`);
  }
  if (!Number.isFinite(startUs)) found.push(`${code} begins at ${startUs}`);
  if (endUs !== null && !(endUs >= startUs)) found.push(`${code} ends before it begins`);
  return found;
}

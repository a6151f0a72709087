import { type Command, InvalidArgumentError } from 'commander';
import type { EngineOptions } from '../engine/engine.ts';
import { markingPolicy } from '../engine/marking.ts';
import { isCodecRow, MODEL_NAMES, type PlayoutModelName } from '../engine/scoring.ts';
import type { Thresholds } from '../engine/thresholds.ts';
import { marking, type NamedMarking } from './marking-option.ts';
import { threshold } from './threshold-option.ts';

/** How it is measured and scored: the same for captures and live. */
export interface MeasuringOptions {
  assumedDelay: number | null;
  plc: boolean;
  plcOf: Record<string, boolean>;
  showDigits?: boolean;
  playout: PlayoutModelName;
  badR: number;
  payload: boolean;
  threshold: Partial<Thresholds>;
  marking: NamedMarking;
}

/** Adds the options that say how it is measured and scored. */
export function addMeasuringOptions(command: Command): Command {
  return command
    .option(
      '--assumed-delay <ms>',
      'one-way network delay where none was measured; "none" to leave it out',
      delay,
      50,
    )
    .option(
      '--plc-of <codec=on|off>',
      'concealment of one codec, by its row in docs/scores.md; may be repeated',
      plcOf,
      {},
    )
    .option('--no-plc', 'take endpoints not to conceal lost packets')
    .option('--show-digits', 'show the digits that were keyed (masked otherwise: they are PINs often enough)')
    .option(
      '--playout <model>',
      `receiver buffer that scores count: ${MODEL_NAMES.join(', ')}`,
      playout,
      'adaptive',
    )
    .option('--bad-r <r>', 'R (narrowband) below which time is bad', rating, 70)
    .option(
      '--threshold <name=value>',
      'where a finding begins, see docs/thresholds.md; may be repeated',
      threshold,
      {},
    )
    .option(
      '--marking <traffic=names>',
      'how voice or signalling is marked (DSCP) here: voice=EF,VA or signalling=CS3; may be repeated',
      marking,
      {},
    )
    .option('--no-payload', 'look at no payload octet (no codec modes, no dead air)');
}

/** What they mean to the engine; plain data. */
export function engineOptions(
  options: MeasuringOptions,
): Pick<EngineOptions, 'scoring' | 'signalling' | 'rtp' | 'showDigits'> {
  return {
    scoring: {
      plc: options.plc,
      plcByCodec: options.plcOf,
      assumedDelayMs: options.assumedDelay,
      playout: options.playout,
      badR: options.badR,
    },
    signalling: { thresholds: options.threshold, marking: markingPolicy(options.marking) },
    rtp: { peek: options.payload },
    showDigits: options.showDigits ?? false,
  };
}

function delay(text: string): number | null {
  if (text === 'none') return null;
  if (!/^\d{1,4}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('expected milliseconds, or "none".');
  return Number(text);
}

function plcOf(text: string, known: Record<string, boolean>): Record<string, boolean> {
  const parts = /^([a-z0-9][\w.-]*)=(on|off)$/i.exec(text);
  if (parts === null)
    throw new InvalidArgumentError('expected the row of a codec, =, and on or off: g711=off.');
  if (!isCodecRow(parts[1]!)) throw new InvalidArgumentError(`"${parts[1]}" is no row of docs/scores.md.`);
  return { ...known, [parts[1]!]: parts[2]?.toLowerCase() === 'on' };
}

function rating(text: string): number {
  if (!/^\d{1,3}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('expected R, 0 to 100.');
  return Number(text);
}

function playout(text: string): PlayoutModelName {
  const model = MODEL_NAMES.find((name) => name === text);
  if (model === undefined) throw new InvalidArgumentError(`expected one of ${MODEL_NAMES.join(', ')}.`);
  return model;
}

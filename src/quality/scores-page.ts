import { AMR_WB_MONOTIC, UNSCORED_CODECS } from './codec-figures.ts';
import { type CodecRow, codecTable, rowById } from './codecs.ts';
import { delayPoints, FLAWLESS_R } from './delay-points.ts';
import { type Evaluation, evaluate, evaluateCodec } from './evaluate.ts';
import type { FlagName } from './flags.ts';
import { mosFromR } from './mos.ts';
import {
  coleRosenbluthR,
  pingPlotterR,
  rtpengineFullbandMos,
  rtpengineR,
  voipmonitorG711Mos,
} from './other-formulas.ts';
import { SCALES, type Scale } from './scales.ts';
import { INTRODUCTION, LOSS_AND_BURSTS, MODEL, OTHER_TOOLS, PROVENANCE } from './scores-text.ts';

/** The text of `docs/scores.md`: how a score comes about, what it rests on, and every figure in it. */
export function scoresPage(): string {
  return [
    INTRODUCTION,
    scalesTable(),
    MODEL,
    delayTable(),
    LOSS_AND_BURSTS,
    flagTable(),
    PROVENANCE,
    ...(['NB', 'WB', 'FB'] as const).map(codecSection),
    monotic(),
    unscored(),
    OTHER_TOOLS,
    otherToolsTable(),
  ]
    .join('\n\n')
    .concat('\n');
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function scalesTable(): string {
  return table(
    ['scale', 'model', 'flawless R', 'loss constant', 'MOS from', 'name of the estimate'],
    (['NB', 'WB', 'FB'] as const).map((scale) => {
      const { model, factor, lossConstant, mosName } = SCALES[scale];
      const from = factor === 1 ? 'R' : `R / ${factor}`;
      return [scale, model, FLAWLESS_R[scale].toFixed(1), lossConstant, from, mosName];
    }),
  );
}

function delayTable(): string {
  const r = (
    scale: Scale,
    delayMs: number,
    echo: 'default' | 'free' | 'returned',
    roe: 'noise' | 'ro' = 'noise',
  ) => (FLAWLESS_R[scale] - delayPoints(scale, delayMs, echo, roe).taken).toFixed(1);
  return table(
    [
      'delay, ms',
      'NB, echo',
      'NB, no echo',
      'WB, no echo',
      'WB, echo, Roe 106.2',
      'WB, echo, Roe 129',
      'FB, no echo',
    ],
    [0, 50, 100, 150, 200, 300, 400, 600].map((delayMs) => [
      delayMs,
      r('NB', delayMs, 'default'),
      r('NB', delayMs, 'free'),
      r('WB', delayMs, 'default'),
      r('WB', delayMs, 'returned', 'noise'),
      r('WB', delayMs, 'returned', 'ro'),
      r('FB', delayMs, 'default'),
    ]),
  );
}

const FLAG_MEANINGS: Readonly<Record<FlagName, string>> = {
  burstR_out_of_validity: 'burst ratio over 8, or over 2 at 2 % loss and more (G.107 Table 3, Note 6)',
  burstR_low_confidence: 'fewer than 300 expected packets or 3 runs of loss',
  ppl_out_of_range: 'more than 20 % lost or discarded',
  burstR_not_in_model: 'burst ratio 1.5 and more on the wideband scale, whose loss term has none',
  burstR_extension: 'the burst ratio entered the wideband loss term: our extension, on request',
  delay_out_of_range: 'more than 500 ms one way',
  ie_out_of_range: 'Ie over 40 on the narrowband scale',
  bpl_out_of_range: 'Bpl outside 4.3 to 40 on the narrowband scale',
  echo_not_modelled: 'echo was asked for on the fullband scale, which has no terms for it',
  codec_mode_assumed: 'neither signalling nor packets showed the mode of the codec',
};

/** Flags of whole streams, which the scoring of a stretch does not know. */
const STREAM_FLAG_MEANINGS = {
  good_mos_bad_moment: 'the score of the whole is good, and an interval in it was bad',
  insufficient_data:
    'fewer than 250 packets were due (5 s of 20 ms audio): the score is left out of ranks, totals and comparisons',
};

function flagTable(): string {
  return table(
    ['flag', 'meaning'],
    Object.entries({ ...FLAG_MEANINGS, ...STREAM_FLAG_MEANINGS }).map(([name, meaning]) => [
      `\`${name}\``,
      meaning,
    ]),
  );
}

const SCALE_TITLES: Readonly<Record<Scale, string>> = {
  NB: 'Narrowband scale (Ie, Bpl)',
  WB: 'Wideband scale (Ie,WB and Bpl,WB)',
  FB: 'Fullband scale (Ie,FB and Bpl,FB)',
};

function codecSection(scale: Scale): string {
  const head = [
    'row',
    'codec',
    'audio',
    'Ie',
    'Bpl',
    'Bpl without concealment',
    'Bpl for bursty loss',
    'look-ahead, ms',
    'best MOS',
    'grounded',
    'from',
  ];
  const rows = codecTable().filter((entry) => entry.scale === scale);
  return `### ${SCALE_TITLES[scale]}\n\n${table(head, rows.map(codecCells))}`;
}

function codecCells(entry: CodecRow): (string | number)[] {
  const { id, codec, bandClass, ie, bpl, bplWithoutPlc, bplBursty, lookAheadMs, grounded, source, note } =
    entry;
  return [
    `\`${id}\``,
    codec,
    bandClass,
    `${ie} ${entry.ieProvenance}`,
    `${bpl} ${entry.bplProvenance}`,
    `${bplWithoutPlc} ${entry.bplWithoutPlcProvenance}`,
    bplBursty === null ? '-' : `${bplBursty} P`,
    lookAheadMs,
    evaluateCodec({ codec: id }).mosLq.toFixed(2),
    grounded ? 'yes' : 'no',
    note === null ? source : `${source}; ${note}`,
  ];
}

function monotic(): string {
  return `### AMR-WB heard with one ear

Not used in scores: Bpl,WB exists only for two ears, and the two columns are not mixed.

${table(
  ['kbit/s', 'Ie,WB monotic (Table IV.1)', 'Ie,WB used'],
  AMR_WB_MONOTIC.map(([kbps, ie]) => [kbps, ie, rowById(`amr-wb-${kbps}`)?.ie ?? '-']),
)}`;
}

function unscored(): string {
  return `### Codecs without figures

Reported without a score, with the reason \`codec_without_figures\`. They are not scored as a codec they resemble.

${table(
  ['codec', 'audio', 'look-ahead, ms'],
  UNSCORED_CODECS.map(([name, bandClass, lookAheadMs]) => [name, bandClass, lookAheadMs ?? '-']),
)}`;
}

/** MOS of every formula for one G.711 stream with random loss, at no delay and at 150 ms. */
function otherToolsTable(): string {
  const losses = [0, 1, 3, 5, 10] as const;
  const line = (name: string, mos: (loss: number) => number): string[] => [
    name,
    ...losses.map((loss) => mos(loss).toFixed(2)),
  ];
  const ours = (loss: number, over: Partial<Parameters<typeof evaluateCodec>[0]>): Evaluation =>
    evaluateCodec({ codec: 'g711', pplPercent: loss, ...over });
  return table(
    ['G.711, random loss', ...losses.map((loss) => `${loss} %`)],
    [
      line('**G.107, concealment, 0 ms** (MOS-LQ here)', (loss) => ours(loss, {}).mosLq),
      line('**G.107, no concealment, 0 ms**', (loss) => ours(loss, { plc: false }).mosLq),
      line(
        '**G.107, concealment, 150 ms, echo** (MOS-CQ here)',
        (loss) => ours(loss, { delayMs: 150 }).mosCq ?? 1,
      ),
      line(
        '**G.107, concealment, 150 ms, no echo**',
        (loss) => ours(loss, { delayMs: 150, echo: 'free' }).mosCq ?? 1,
      ),
      line('Cole and Rosenbluth 2001, 0 ms', (loss) =>
        mosFromR(coleRosenbluthR('g711-random', 0, loss / 100)),
      ),
      line('Cole and Rosenbluth 2001, bursty, 0 ms', (loss) =>
        mosFromR(coleRosenbluthR('g711-bursty', 0, loss / 100)),
      ),
      line('PingPlotter, NetBeez, 0 ms', (loss) => mosFromR(pingPlotterR(0, 0, loss))),
      line('rtpengine `G.107`, 0 ms', (loss) => mosFromR(rtpengineR(0, loss))),
      line('rtpengine `G.107.2`, 0 ms', (loss) => rtpengineFullbandMos(0, loss)),
      line('VoIPmonitor G.711', (loss) => voipmonitorG711Mos(loss, 1, loss === 0 ? 0 : 100)),
      line('129 in place of 95 in the loss term (a mistake)', (loss) =>
        mosFromR(evaluate({ scale: 'NB', ie: 0, bpl: 25.1 }).r! - (129 * loss) / (loss + 25.1)),
      ),
    ],
  );
}

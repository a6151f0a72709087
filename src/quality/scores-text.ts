/* The prose of `docs/scores.md`; the tables are made from the code that scores (`scores-page.ts`). */

export const INTRODUCTION = `# The score

Made from \`src/quality\` by \`npm run docs\`; do not edit.

R and MOS come from the E-model of the ITU. It is a planning model: its MOS is an estimate of the opinion that listeners
would have, not an opinion. There are three scales, and **values of different scales are never averaged, compared or
held against one threshold**: the best narrowband line has MOS 4.41, the best wideband line 4.50, and the second one
sounds far better than nine hundredths. Every score carries its scale, the row of the codec table, whether its figures
are published (\`grounded\`) and what was assumed. The categories of G.109 (satisfied, some users dissatisfied, ...) are
defined for the narrowband scale only.

## Scales`;

export const MODEL = `R is kept unclamped: it can be negative. It is shown within 0 and 100, 129 or 148. MOS is
\`1 + 0.035 x + x (x - 60) (100 - x) 7e-6\`, 1 at and below x = 0, 4.5 from x = 100, never under 1 (G.107 Annex B),
where x is R, R/1.29 or R/1.48.

## Formulas

- Narrowband: G.107 (06/2015) in full, \`R = Ro - Is - Idte - Idle - Idd - Ie,eff\`. The advantage factor A is 0: adding
  it to a measurement would be a gift.
- Wideband: G.107.1 (06/2019), \`R = 129 - Id,WB - Ie,eff,WB\`.
- Fullband: G.107.2 (06/2019), \`R = 148 - 1.48 Idd - Ie,eff,FB\`. The revision of 2023 makes the 148 depend on noise,
  which a probe cannot measure.
- Delay: \`Idd\` is 0 up to 100 ms and multiplied by 1.29 and 1.48 on the wider scales.
- MOS-LQ and \`rFactorLq\` leave delay out. MOS-CQ and \`rFactor\` have it, and are absent when the delay is unknown.
- The parts \`codec\`, \`loss\`, \`discard\` and \`delay\` add up to what separates R from the flawless R of its scale. Loss and
  discard share the loss term in proportion to their packets.

## Delay and echo

Mouth-to-ear delay is network + one frame + look-ahead of the codec + nominal delay of the playout buffer. Interarrival
jitter is not added: it costs by the depth of the buffer and by what the buffer discards. Network delay is half of both
round trips between the probe and the ends when RTCP gives both, and an assumed constant otherwise; the score says which.

A probe hears no echo. Narrowband scores take the defaults of G.107, as planning tables do: the echo returns after T = Ta,
Tr = 2 Ta, 65 dB down (\`echo: default\`). Without echo (\`echo: free\`) only the delay itself counts, as in Figure 1 of
G.114. **Two tools that disagree on narrowband R at one delay often disagree on this only**: 3.5 R at 150 ms, 5.8 at
300, 6.9 at 400, 8.5 at 600. Between 1 and 3 ms the standard's talker echo improves R by up to 0.11 (wideband 0.27); it
is left as it is.

Wideband and fullband scores are free of echo. G.107.1 has echo terms (\`echo: returned\`), but its \`Roe,WB\` refers to
\`No,WB\`, which the model leaves undefined: implementations use 106.2 (the narrowband noise sum with Nfor = -96 dBm0p) or
129. The fullband model has no echo terms.

R of a flawless line:`;

export const LOSS_AND_BURSTS = `## Loss and bursts

\`Ie,eff = Ie + (C - Ie) Ppl / (Ppl / BurstR + Bpl)\`, with C the loss constant of the scale (95, 95, 132: not 129 or 148)
and Ppl in percent, **including what the playout model discards**. \`BurstR\` is the mean run of consecutive losses and
discards over the mean run of independent loss, \`run (1 - Ppl/100)\`: not the bursts of RFC 3611. The report has it raw;
the model is fed the value within 1 and 8.

G.107.1 (eq. 7-15) has no burst ratio. So bursts cost nothing extra on the wideband scale, and the score says that they
occurred. An extension that feeds BurstR there too can be switched on in \`evaluate\` and in the scorer; it is off by
default, flagged, and not G.107.1. The Bpl for bursty loss that the Opus paper gives is another way to the same end: it
is listed, but not used, because a burst ratio and a bursty Bpl would count bursts twice.

**Concealment is an assumption worth 1.75 MOS** for G.711 at 5 % loss (3.92 with, 2.17 without). It is on by default
and printed with the score. Codecs that conceal in the decoder have no published Bpl without; theirs is used, and the
score is then not grounded.

Remarks that a score may carry:`;

export const PROVENANCE = `## Codec figures

Letters: S the standard, or several public restatements of it that agree; R the standard as recalled; P a paper; G a
guess by kinship or interpolation. A row is grounded when both figures it uses are S. The mode comes from the packets
where they show it (Opus TOC, AMR and EVS headers or sizes, G.723.1 bits, iLBC and G.729 lengths), else from signalling,
else it is a usual one and the score is flagged.

- Opus: the ITU has published nothing. The rows are fits to PESQ and POLQA scores; the row of the same bandwidth and rate
  control that is nearest in bit rate is used. Fullband Opus was not measured and has the default row \`opus\`;
  mediumband has none and is not scored.
- EVS: only superwideband modes have figures. Packets do not show the audio bandwidth, so SDP (\`bw\`) must; other modes
  and AMR-WB IO are not scored.
- AMR-WB: figures for two ears, since Bpl,WB exists only for two. Modes without are interpolated and not grounded. 23.85
  kbit/s is worse than 23.05: no slip.
- G.722: 13, 20, 31 are for one ear; a vendor guide prints 14, 18, 24. Bpl is a guess.
- AMR narrowband: G.113 has no row; 12.2 is scored as its twin GSM-EFR.
- A narrowband codec is \`Ie + 35.8\` on the wideband and \`Ie + 54.8\` on the fullband scale, a wideband codec about
  \`Ie + 19\` on the fullband scale. Streams are scored on the scale of their codec; these are for comparisons made on
  purpose (\`evaluateCodec\` with \`scale\`), and keep the Bpl, which nobody has published for them.
- Figures fitted to PESQ (Sun and Ifeachor 2006) have intercepts 10 points above those of G.113. The two families are
  not mixed.`;

export const OTHER_TOOLS = `## What other tools print for the same stream

Formulas that are printed as MOS elsewhere, restated from public code and papers. None is G.107, except the lines in bold:

- Cole and Rosenbluth: starts from 94.2, the default before 2000, and has two straight lines for delay. Within 3 R of the
  full model to 400 ms, 8 too low at 500 ms, 16 at 600 ms.
- PingPlotter, NetBeez: loss in a straight line, the codec not at all, jitter counted twice as delay.
- rtpengine: the default subtracts loss from R before a quadratic (at most R 89.9); \`G.107.2\` scores every 48 kHz codec
  with the figures of EVS at 48 kbit/s and Bpl 4.3.
- VoIPmonitor: a cubic fitted to PESQ, no delay; 4.5 while fewer than five packets are lost, 4.3 after. G.729 has a
  polynomial made for percent that is called with a fraction (10 % loss: 3.73), and is scored as G.711 by default.
- "Cisco MOS" tables (G.711 4.1, G.729 3.92, G.729A 3.7, ...) are means of subjective tests; the E-model gives 4.41, 4.14,
  4.10 for the same.
- Other common slips: 94.2 for 93.2, Idd from 0 ms on, the natural logarithm for lg, the burst ratio from RFC 3611 bursts,
  loss without discards, the narrowband cubic on a wideband R.`;

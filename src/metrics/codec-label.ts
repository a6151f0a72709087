import { NO_GROUP, OTHER } from './label-text.ts';

/** Encoding names of audio (IANA rtp-parameters) that are met. A name in SDP is anybody's choice: others are `other`. */
const CODECS: ReadonlySet<string> = new Set(
  `PCMU PCMA G722 G723 G728 G729 G729D G729E G7221 G719 G7291 G726-16 G726-24 G726-32 G726-40 AAL2-G726-16
AAL2-G726-24 AAL2-G726-32 AAL2-G726-40 GSM GSM-EFR GSM-HR-08 AMR AMR-WB AMR-WB+ EVS EVRC EVRC0 EVRC1 EVRCB EVRCNW EVRCWB
ILBC ISAC SPEEX OPUS SILK LPC QCELP SMV VMR-WB CODEC2 MELP TETRA L8 L16 L20 L24 DVI4 BV16 BV32 MPA MP4A-LATM
MPEG4-GENERIC LYRA RED CN TELEPHONE-EVENT T38 CLEARMODE`.split(/\s+/),
);

/** The codec as a label: in capitals as encoding names compare, `none` when it is not known. */
export function codecLabel(codec: string | null): string {
  if (codec === null || codec === '') return NO_GROUP;
  if (codec.length > 32) return OTHER;
  const name = codec.toUpperCase();
  return CODECS.has(name) ? name : OTHER;
}

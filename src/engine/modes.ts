import { PAYLOAD_CODES, payloadReader, readPayloadMode } from '../quality/payload-mode.ts';
import type { ModeReader } from '../rtp/payload-peek.ts';

/** How the modes of codecs are read out of payloads. */
export const MODES: ModeReader = { readerFor: payloadReader, read: readPayloadMode, codes: PAYLOAD_CODES };

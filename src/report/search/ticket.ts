import { neutralised } from '../wire-text.ts';

/** The parts of a ticket, as they were written. */
export interface TicketParts {
  at?: string;
  party?: string;
  symptom?: string;
  zone?: string;
}

export type ParsedTicket = { ok: true; parts: TicketParts } | { ok: false; message: string };

const NAMES = ['at', 'party', 'symptom', 'zone'] as const;
const PART = /\s*(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))/y;
const EXPECTED = 'expected party=..., at=..., symptom=... and zone=..., values with spaces in quotes';

/** Reads `party=4711 at=14:05..14:10 symptom=one-way`; `zone=Europe/Berlin` is the zone of `at`. */
export function parseTicket(text: string): ParsedTicket {
  const parts: TicketParts = {};
  PART.lastIndex = 0;
  while (text.slice(PART.lastIndex).trim() !== '') {
    const at = PART.lastIndex;
    const match = PART.exec(text);
    if (match === null)
      return { ok: false, message: `"${neutralised(text.slice(at).trim())}" cannot be read: ${EXPECTED}` };
    const name = NAMES.find((each) => each === match[1]!.toLowerCase());
    if (name === undefined) return { ok: false, message: `there is no "${match[1]}": ${EXPECTED}` };
    if (parts[name] !== undefined) return { ok: false, message: `${name} is given twice` };
    parts[name] = match[2] ?? match[3] ?? match[4]!;
  }
  if (Object.keys(parts).length === 0) return { ok: false, message: `it is empty: ${EXPECTED}` };
  return { ok: true, parts };
}

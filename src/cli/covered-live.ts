import type { LiveInterval, LiveRecord } from '../live/live-records.ts';
import type { Notice } from '../live/thread-messages.ts';
import { withSeen } from '../metrics/groups/as-seen.ts';
import type { MediaMarks } from '../metrics/groups/placed.ts';
import { maskNote } from '../privacy/notes.ts';
import type { Pseudonyms } from '../privacy/pseudonyms.ts';
import { maskReported } from '../privacy/reported.ts';
import type { ReportCall } from '../report/contract.ts';
import { type ChosenPseudonyms, privacyOf } from './pseudonym-options.ts';

/** What covers the records of a live probe, and what measuring has to say for the log. */
export interface LiveCover {
  records(records: readonly LiveRecord[]): LiveRecord[];
  notice(notice: Notice): Notice;
  /** Covers a part of a record. */
  words<T extends object>(part: T): T;
}

/** Records whose names others quote. */
const NAMING = new Set<LiveRecord['type']>(['call', 'finding', 'registration']);

/**
 * Covers what measuring tells, before anybody takes it: what is printed, served, sent and kept has pseudonyms only. Sites,
 * trunks and devices are told by what was on the wire, which goes along unseen.
 */
export function liveCover(chosen: ChosenPseudonyms): LiveCover {
  const { names } = chosen;
  const privacy = privacyOf(chosen);
  return {
    records: (records) => {
      // Names first: a finding comes before the call that it quotes.
      for (const record of records) if (NAMING.has(record.type)) maskReported(names, record);
      return records.map((record) => {
        if (record.type === 'start') return { ...record, privacy };
        const shown = covered(names, record);
        return shown.type === 'status' ? { ...shown, privacy } : shown;
      });
    },
    words: (part) => maskReported(names, part),
    notice: ({ level, text, fields }) => {
      const shown = Object.entries(fields).map(([name, value]) => [
        name,
        typeof value === 'string' ? maskNote(names, value) : value,
      ]);
      return { level, text: maskNote(names, text), fields: Object.fromEntries(shown) };
    },
  };
}

/** What a record is does not depend on who is called like that. */
function covered(names: Pseudonyms, record: LiveRecord): LiveRecord {
  return Object.assign(coveredAs(names, record), { type: record.type }) as LiveRecord;
}

function coveredAs(names: Pseudonyms, record: LiveRecord): object {
  switch (record.type) {
    case 'interval':
      return coveredInterval(names, record);
    case 'stream':
      return coveredMedia(names, record);
    case 'call':
    case 'ongoing':
      return coveredCall(names, record);
    case 'status': {
      // Interfaces and addresses of the probe are nobody's on the wire.
      const { trunks, trust } = maskReported(names, {
        trunks: record.trunks.map(asHost),
        trust: record.trust,
      });
      return { ...record, trust, trunks: trunks.map(({ host, ...rest }) => ({ name: host, ...rest })) };
    }
    case 'capture': {
      const { trust, voiceClass } = maskReported(names, {
        trust: record.trust,
        voiceClass: record.voiceClass,
      });
      return { ...record, trust, voiceClass };
    }
    default:
      return maskReported(names, record);
  }
}

/** The name of a trunk is the host that is asked. */
function asHost<Rest extends { name: string }>({
  name,
  ...rest
}: Rest): Omit<Rest, 'name'> & { host: string } {
  return { host: name, ...rest };
}

function coveredInterval(names: Pseudonyms, record: LiveInterval): LiveInterval {
  // While a call runs nobody is known by name, and a User-Agent may hold one: it is told with the call.
  const sender = record.sender === null ? null : { ...record.sender, userAgent: null };
  const shown = coveredMedia(names, { ...record, sender });
  if (shown.sender !== null && record.sender !== null) withSeen(shown.sender, record.sender);
  return shown;
}

function coveredMedia<Media extends MediaMarks>(names: Pseudonyms, record: Media): Media {
  const { src, dst, vlans, interface: of } = record;
  return withSeen(maskReported(names, record), { src, dst, vlans, interface: of });
}

function coveredCall<Told extends Pick<ReportCall, 'signalling'>>(names: Pseudonyms, record: Told): Told {
  const { hosts, headers, userAgents, interface: of } = record.signalling;
  const shown = maskReported(names, record);
  withSeen(shown.signalling, { hosts, headers, userAgents, interface: of });
  return shown;
}

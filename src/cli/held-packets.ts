import { openCapture } from '../capture/open.ts';
import { isoMicros } from '../report/iso-time.ts';
import type { Stretch } from '../store/hold-coverage.ts';

/** Times of drops that are listed; all are added up. */
const DROPS_MAX = 1000;

/** What a file of kept packets has. */
export interface HeldFile {
  /** From its first packet to its last; null where it has none. */
  stretch: Stretch | null;
  packets: number;
  /** What a reader of captures has to say against it. */
  problems: string[];
}

/** Packets that were lost before they could be kept, as the files say it. */
export interface HeldDrops {
  dropped: number;
  /** Times that are not listed. */
  notListed: number;
  times: { from: string | null; to: string | null; dropped: number; packets: number }[];
}

/** Reads a file of kept packets to its end, and adds up the drops of `span` that it knows of. */
export function readHeldFile(path: string, span: Stretch, drops: HeldDrops): HeldFile {
  const source = openCapture(path);
  let [fromUs, toUs, packets] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  const note = () =>
    source.takeDrops((fromUs, toUs, dropped, beside) => {
      if (toUs >= span.fromUs && fromUs <= span.toUs) noteDrops(drops, { fromUs, toUs }, dropped, beside);
    });
  try {
    for (let batch = source.read(); batch !== null; batch = source.read()) {
      const { timeUs, count } = batch;
      packets += count;
      for (let i = 0; i < count; i++) {
        if (timeUs[i]! < fromUs) fromUs = timeUs[i]!;
        if (timeUs[i]! > toUs) toUs = timeUs[i]!;
      }
      note();
    }
    note();
    const problems = source.problems.map(({ text }) => text.replace(`${path}: `, ''));
    return { stretch: packets === 0 ? null : { fromUs, toUs }, packets, problems };
  } finally {
    source.close();
  }
}

function noteDrops(drops: HeldDrops, { fromUs, toUs }: Stretch, dropped: number, packets: number): void {
  drops.dropped += dropped;
  if (drops.times.length === DROPS_MAX) drops.notListed++;
  else drops.times.push({ from: isoMicros(fromUs), to: isoMicros(toUs), dropped, packets });
}

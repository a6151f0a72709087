import { clock, counted, seconds } from './amounts.ts';
import type { ReportCall } from './contract.ts';
import { factLines } from './facts.ts';
import { directionWords } from './finding-notes.ts';
import { microsOf } from './iso-time.ts';
import { PLAIN, type TextStyle } from './paint.ts';
import type { ReportT38 } from './reported-media.ts';

/** T.38 of a call, a block for each direction; nothing where there was none. */
export function* t38Lines({ t38 }: ReportCall, options: TextStyle): Generator<string> {
  const paint = options.paint ?? PLAIN;
  for (const direction of ['callerToCallee', 'calleeToCaller'] as const) {
    const fax = t38?.[direction] ?? null;
    if (fax === null) continue;
    yield '';
    yield paint.bold(`${directionWords(direction)!.toUpperCase()}  T.38 fax`);
    yield* faxLines(fax, options);
  }
}

function* faxLines(fax: ReportT38, options: TextStyle): Generator<string> {
  const { src, dst, startTime, endTime } = fax;
  yield* factLines('path', `${src.ip}:${src.port} to ${dst.ip}:${dst.port}`, options);
  const lengthMs = ((microsOf(endTime) ?? 0) - (microsOf(startTime) ?? 0)) / 1000;
  const from = `${clock(startTime)} to ${clock(endTime)}, ${seconds(lengthMs, 1)} s`;
  // What was made good is of pages, too: more of them than packets may have come.
  const good = fax.recovered === 0 ? '' : `, ${fax.recovered} made good`;
  const packets = `${counted(fax.packets, 'packet')}${good} (${fax.pagePackets} of all these of pages), ${from}`;
  yield* factLines('packets', packets, options);
  const run = fax.lost === 0 ? '' : `, longest run ${fax.longestLossRun}`;
  const loss =
    `${fax.lost} of ${fax.expected} lost: ${fax.recovered} made good, ` +
    `${fax.unrecovered} not (${fax.unrecoveredInPage} in a page)${run}`;
  yield* factLines('loss', loss, options);
  yield* factLines('protection', protection(fax), options);
  if (fax.duplicates + fax.reordered + fax.restarts > 0) {
    const order = `${fax.duplicates} duplicates, ${fax.reordered} reordered, ${fax.restarts} restarts`;
    yield* factLines('order', order, options);
  }
}

function protection({ errorCorrection, redundancyDepth, fecSpan }: ReportT38): string {
  if (errorCorrection === null) return 'none';
  return errorCorrection === 'fec'
    ? `parity (FEC) over ${fecSpan} packets`
    : `redundancy, ${counted(redundancyDepth, 'earlier packet')} in each`;
}

import { onOctets } from '../privacy/notes.ts';
import type { Pseudonyms } from '../privacy/pseudonyms.ts';
import { maskReported } from '../privacy/reported.ts';
import { learnParties, maskLineName, maskLineOf } from '../privacy/rewritten.ts';
import { maskText } from '../privacy/text.ts';
import { compareTaps, type Tap } from '../taps/compare-taps.ts';
import type { LineCover } from '../taps/message-changes.ts';
import type { StreamSight, TapsComparison } from '../taps/taps-contract.ts';
import { FileNames } from './covered-sides.ts';

/**
 * Compares taps, and puts pseudonyms into what came of it. Streams and messages are matched as they were on the wire:
 * what an ALG does to an address must be seen, and what comes of it must not depend on who is hidden.
 */
export function compareCoveredTaps(names: Pseudonyms, taps: readonly Tap[]): TapsComparison {
  for (const tap of taps) learn(names, tap);
  return covered(names, compareTaps(taps, coverOfLines(names)));
}

/** The names of calls, and those in every message. */
function learn(names: Pseudonyms, { facts, reader }: Tap): void {
  for (const { from, to } of facts.calls.values()) maskReported(names, { from, to });
  for (const sights of reader.messages.sights.values())
    for (const { message } of sights) learnParties(names, message.headers);
}

function coverOfLines(names: Pseudonyms): LineCover {
  return {
    name: (part, name) => maskLineName(names, part, name),
    text: (part, name, text) => maskLineOf(names, part, name, text),
  };
}

function covered(names: Pseudonyms, comparison: TapsComparison): TapsComparison {
  const files = new FileNames();
  const sight = (of: StreamSight): StreamSight => maskReported(names, of);
  const wire = (text: string): string => onOctets(text, (octets) => maskText(names, octets, 'wire'));
  const callId = (text: string | null): string | null => (text === null ? null : wire(text));
  const { taps, ways, streams, otherPackets, unmatched, signalling } = comparison;
  return {
    ...comparison,
    taps: taps.map((tap) => ({ ...tap, files: tap.files.map((file) => files.of(file)) })),
    ways: ways.map((way) => ({ ...way, box: way.box === null ? null : boxText(way.box, wire) })),
    streams: streams.map((path) => ({
      ...path,
      callId: callId(path.callId),
      first: sight(path.first),
      second: sight(path.second),
    })),
    otherPackets: otherPackets.map((pair) => ({
      ...pair,
      callId: callId(pair.callId),
      first: sight(pair.first),
      second: sight(pair.second),
    })),
    unmatched: unmatched.map(sight),
    signalling: {
      ...signalling,
      // Lines were covered before they were cut.
      rewrites: signalling.rewrites.map((rewrite) => ({
        ...rewrite,
        examples: rewrite.examples.map((example) => ({
          ...example,
          callId: wire(example.callId),
          message: messageText(example.message, wire),
        })),
      })),
    },
  };
}

/** One address, or the two of a box. */
function boxText(box: string, wire: (text: string) => string): string {
  return box.split(' and ').map(wire).join(' and ');
}

/** `INVITE`, `200 INVITE`: a code stays; a method is anybody's choice. */
function messageText(message: string, wire: (text: string) => string): string {
  const code = /^\d{3} /.exec(message)?.[0] ?? '';
  return code + wire(message.slice(code.length));
}

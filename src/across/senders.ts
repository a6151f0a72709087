import type { FindingRecord, StreamRecord } from '../records/types.ts';

const SENDERS_MAX = 65_536;
/** So many streams of one sender, all irregular, are the sender's doing. */
const STREAMS_MIN = 3;

interface Sender {
  streams: number;
  jittery: number;
}

/**
 * Which senders' streams are irregular. Where all streams of one sender are and others' are not, whatever way they go,
 * the sender paces badly: the network would have to harm each of its ways.
 */
export class Senders {
  /** What found no room, and is not compared. */
  refused = 0;
  private readonly senders = new Map<string, Sender>();
  private streams = 0;
  private jittery = 0;

  /** Begins anew: what senders did long ago says nothing about what they do now. */
  forget(): void {
    this.senders.clear();
    this.streams = 0;
    this.jittery = 0;
  }

  /** A stream is over. */
  note({ src, id, expected }: StreamRecord, findings: readonly FindingRecord[], expectedMin: number): void {
    if (expected < expectedMin) return;
    const isJittery = findings.some(({ code, streamId }) => code === 'high_jitter' && streamId === id);
    let sender = this.senders.get(src.ip);
    if (sender === undefined) {
      if (this.senders.size >= SENDERS_MAX) {
        this.refused++;
        return;
      }
      sender = { streams: 0, jittery: 0 };
      this.senders.set(src.ip, sender);
    }
    sender.streams++;
    this.streams++;
    if (!isJittery) return;
    sender.jittery++;
    this.jittery++;
  }

  /** A finding of jitter, with what the sender's other streams say about its place. */
  placed(finding: FindingRecord, stream: StreamRecord): FindingRecord {
    const sender = this.senders.get(stream.src.ip);
    if (sender === undefined || sender.streams < 2) return finding;
    const { streams, jittery } = sender;
    const others = this.streams - streams;
    const isSender =
      streams >= STREAMS_MIN && jittery === streams && others > 0 && this.jittery - jittery <= others / 4;
    return {
      ...finding,
      text: isSender
        ? `${finding.text}; all ${streams} streams of ${stream.src.ip} are so, and hardly any other: the sender paces them badly`
        : finding.text,
      evidence: {
        ...finding.evidence,
        senderStreams: streams,
        senderJittery: jittery,
        senderPacing: isSender,
      },
    };
  }
}

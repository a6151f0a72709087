import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LiveRecord, StatusRecord } from '../../../src/live/live-records.ts';
import type { AlertCounts } from '../../../src/metrics/alert-metrics.ts';
import type { ExportCounts } from '../../../src/metrics/export-metrics.ts';
import { CONTENT_TYPE } from '../../../src/metrics/exposition.ts';
import { Metrics } from '../../../src/metrics/metrics.ts';
import { callTold, intervalTold, startTold, statusTold } from '../../metrics/records.ts';

/** Second in which measuring dies. */
const DIES_AT = 15;

const DOUBT = {
  code: 'mirror_oversubscribed',
  text: 'the mirror drops packets',
} as unknown as StatusRecord['trust']['reasons'][number];

/**
 * A probe in trouble: drops, a doubtful capture, records that nobody took, connections it cannot read, a measuring thread
 * that dies. What no healthy probe shows; the metrics are the real ones, what they are told is made up.
 */
export class TroubledProbe {
  readonly host: string;
  private readonly server: Server;
  private readonly timer: NodeJS.Timeout;
  private readonly mood: { verdict: 'untrusted' | 'degraded' };

  private constructor(server: Server, timer: NodeJS.Timeout, mood: TroubledProbe['mood']) {
    const { port } = server.address() as AddressInfo;
    this.host = `127.0.0.1:${port}`;
    this.server = server;
    this.timer = timer;
    this.mood = mood;
  }

  static async start(): Promise<TroubledProbe> {
    // Room for one stream, and for next to no labels.
    const metrics = new Metrics({ version: '1', probe: 'troubled', streamsMax: 1, labelSets: 2 });
    metrics.records([startTold(1)]);
    const mood: TroubledProbe['mood'] = { verdict: 'untrusted' };
    let second = 0;
    metrics.follow(() => ({
      ...{ recentCalls: 10, evictedCalls: second, requests: new Map() },
      exports: [failingExport(second)],
      alerts: { 'webhook hook.example': failingReceiver(second) },
    }));
    const timer = setInterval(() => {
      second++;
      // The thread dies once; its counts begin anew.
      if (second === DIES_AT) metrics.records([startTold(2)]);
      metrics.records(troubles(second, mood.verdict));
    }, 1000);
    const server = createServer((_, response) => {
      metrics.render('openmetrics').then((pieces) => {
        response.setHeader('content-type', CONTENT_TYPE.openmetrics);
        response.end(Buffer.concat([...pieces]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TroubledProbe(server, timer, mood);
  }

  /** From now on the capture is only in doubt. */
  recover(): void {
    this.mood.verdict = 'degraded';
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const CODECS = ['PCMU', 'PCMA', 'G722', 'G729', 'OPUS'] as const;

/** What it tells each second. */
function troubles(second: number, verdict: 'untrusted' | 'degraded'): LiveRecord[] {
  const held = { code: 'burst_loss', reason: 'capture_drops', streamId: null, direction: null } as const;
  const codec = CODECS[second % CODECS.length]!;
  return [
    intervalTold({ streamId: `s${second}`, codec }),
    callTold({ callId: `t${second}`, heldBack: [held] }),
    // Its end was not seen.
    callTold({ callId: `u${second}`, state: 'ringing', finalCode: null }),
    status(second < DIES_AT ? second : second - DIES_AT, verdict),
  ];
}

/** A database that takes nothing, and a disk that is full. */
function failingReceiver(second: number): AlertCounts {
  return {
    ...{ sent: 0, dropped: 2 * second, waiting: 5, isFailing: true },
    requests: { taken: 0, refused: second, failed: second },
  };
}

function failingExport(second: number): ExportCounts {
  return {
    ...{ target: 'far', written: 0, dropped: { spool_full: 10 * second }, waiting: 1000 },
    ...{ requests: { taken: 0, refused: 0, failed: second }, isFailing: true, spoolFailures: second },
    queue: { used: 500, max: 1000 },
    spool: { used: 900, max: 1000 },
  };
}

function status(second: number, verdict: 'untrusted' | 'degraded'): ReturnType<typeof statusTold> {
  const packets = 1000 * second;
  const healthy = statusTold(packets);
  return statusTold(packets, {
    sources: healthy.sources.map((source) => ({ ...source, dropped: 30 * second, up: second % 20 > 9 })),
    trust: { verdict, reasons: [DOUBT] },
    records: { told: { interval: packets }, dropped: { interval: second } },
    mirrorDuplicates: 10 * second,
    // A disk that is too slow.
    kept: {
      ...{ files: 1, bytes: 1000, maxBytes: 1000, oldest: null, problem: null },
      ...{ packets: 500 * second, leftOut: 0, lost: 400 * second },
    },
    held: [
      {
        ...{ of: 'packets', problem: null },
        holds: [
          {
            ...{ name: 'outage', files: second, bytes: 900, maxBytes: 1000 },
            ...{ fullSince: healthy.time, problem: 'it is full' },
          },
        ],
      },
    ],
    encrypted: {
      ...{ tlsConnections: 3 * second, tlsDecrypted: second, sipTlsSuspected: second, tlsElsewhere: 0 },
      unread: { noKeys: second, noHandshake: second, unsupported: 0, failed: 0 },
    },
  });
}

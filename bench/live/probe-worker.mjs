// Reads packets from one source and measures them with the whole engine.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { Engine } from '../../dist/engine/engine.js';

/** The package cap only works in the main thread: then this module is loaded there. */
const port = parentPort ?? globalThis.benchPort;
const { engine: kind, device, fifo, measure, ringBlocks, sockets } = workerData ?? globalThis.benchOptions;
const HEADERS = 14 + 20 + 8 + 12;
const FRAME = HEADERS + 160;
const STAMPED = 0xe5;

const streams = [];
let findings = 0;
const engine = new Engine({
  stream: ({ ssrc, packets, lost, jitterMs, callId }) =>
    streams.push([
      Number(ssrc),
      packets,
      lost,
      jitterMs.mean ?? -1,
      jitterMs.max ?? -1,
      callId === null ? 0 : 1,
    ]),
  call: () => {},
  finding: () => findings++,
});

let packets = 0;
let rtp = 0;
let stamped = 0;
let errorSumUs = 0;
let errorMaxUs = 0;
const errors = [];
let media = false;
let seen = 0;

function deliver(batch) {
  const { view, offset, capturedLength, timeUs, count } = batch;
  packets += count;
  for (let i = 0; i < count; i++) if (capturedLength[i] === FRAME) rtp++;
  // A sample of packets that carry the time at which they were sent.
  for (let i = seen & 15; i < count; i += 16) {
    const at = offset[i] + HEADERS;
    if (capturedLength[i] !== FRAME || view.getUint8(at) !== STAMPED) continue;
    const errorUs = timeUs[i] - view.getFloat64(at + 8);
    stamped++;
    errorSumUs += Math.abs(errorUs);
    if (Math.abs(errorUs) > errorMaxUs) errorMaxUs = Math.abs(errorUs);
    if (errors.length < 200_000) errors.push(Math.abs(errorUs));
  }
  seen++;
  if (!media && rtp > 0) {
    media = true;
    port.postMessage('media');
  }
  if (!measure) return;
  engine.rtp.isPressed = source?.isPressed === true;
  engine.ingest(batch);
}

const lag = monitorEventLoopDelay({ resolution: 10 });
let source = null;
let highWater = 0;
let ringTimer = null;

function stopped(counters) {
  lag.disable();
  clearInterval(ringTimer);
  port.on('message', (message) => {
    if (message === 'stop') return;
    const { cpuUs } = message;
    const from = performance.now();
    if (measure) engine.finish();
    errors.sort((a, b) => a - b);
    port.postMessage({
      packets,
      rtp,
      counters,
      highWater,
      cpuUs,
      stamped,
      stampErrorUs: {
        mean: errorSumUs / stamped,
        p50: errors[errors.length >> 1],
        p99: errors[Math.floor(errors.length * 0.99)],
        max: errorMaxUs,
      },
      finishMs: performance.now() - from,
      findings,
      lagMaxMs: lag.max / 1e6,
      streams,
      account: measure ? engine.account().discarded : null,
    });
  });
  port.postMessage('stopped');
}

if (kind === 'pipe') {
  const { openCapture } = await import('../../dist/capture/open.js');
  port.postMessage('ready');
  const input = openCapture(fifo);
  for (let batch = input.read(); batch !== null; batch = input.read()) deliver(batch);
  stopped({ dropped: null });
} else {
  source = await openSource();
  source.start(deliver, (reason) => {
    if (reason !== null) throw reason;
  });
  lag.enable();
  ringTimer = setInterval(() => {
    highWater = Math.max(highWater, source.counters().ringHighWaterRatio ?? 0);
  }, 1000);
  port.once('message', () => source.stop().then(() => stopped(source.counters())));
  port.postMessage('ready');
}

async function openSource() {
  if (kind === 'ring') {
    // As the probe does: a group only where there are several, for sharing costs the kernel a hash per packet.
    const { openLive } = await import('../../dist/capture/live/open-live.js');
    const { RING_BLOCK_BYTES } = await import('../../dist/capture/live/ring-source.js');
    return openLive({
      interface: device,
      engine: 'ring',
      bufferBytes: ringBlocks * RING_BLOCK_BYTES,
      sockets,
    }).source;
  }
  if (kind === 'pcap') {
    const { LibpcapSource } = await import('../../dist/capture/live/libpcap-source.js');
    return new LibpcapSource({ interface: device });
  }
  const { CapSource } = await import('../../dist/capture/live/cap-source.js');
  return new CapSource({ interface: device });
}

// One replay in a process of its own: runs the command line's own code and reports what it cost on descriptor 3.
import { existsSync, writeSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';

const KINDS = { 1: 'minor', 4: 'major', 8: 'incremental', 16: 'weak' };
const gc = {};
let pauseMs = 0;
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const kind = KINDS[entry.detail.kind] ?? 'other';
    gc[kind] = (gc[kind] ?? 0) + 1;
    pauseMs += entry.duration;
  }
});
observer.observe({ entryTypes: ['gc'] });

const bundled = new URL('../dist/bundle/main.js', import.meta.url);
const startedAt = performance.now();
const { run } = await import(existsSync(bundled) ? bundled : '../dist/cli/main.js');
await run(process.argv);
const wallMs = performance.now() - startedAt;
await new Promise((resolve) => setTimeout(resolve, 50));
const usage = process.resourceUsage();
writeSync(
  3,
  JSON.stringify({
    wallMs,
    cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1000,
    peakMiB: usage.maxRSS / 1024,
    gc,
    pauseMs,
  }),
);

// Loaded before the program (`--import`): when that ends, says on descriptor 3 what it cost.
import { writeSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const KINDS = { 1: 'minor', 4: 'major', 8: 'incremental', 16: 'weak' };

if (isMainThread) {
  const gc = {};
  let pauseMs = 0;
  const count = (entries) => {
    for (const entry of entries) {
      const kind = KINDS[entry.detail.kind] ?? 'other';
      gc[kind] = (gc[kind] ?? 0) + 1;
      pauseMs += entry.duration;
    }
  };
  const observer = new PerformanceObserver((list) => count(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  process.on('exit', () => {
    count(observer.takeRecords());
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cost = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024, gc, pauseMs };
    writeSync(3, JSON.stringify(cost));
  });
}

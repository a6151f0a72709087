import os from 'node:os';
import process from 'node:process';
import { workerData } from 'node:worker_threads';
import { Lane } from '../engine/lanes.ts';
import type { LaneData } from './lane-threads.ts';

// A thread that measures runs of packets for the thread that owns the streams.
const { share, givesWay } = workerData as LaneData;
// Linux alone has a niceness for each thread; 19 is the most there is.
if (givesWay && process.platform === 'linux') os.setPriority(0, Math.min(19, os.getPriority(0) + 10));
new Lane(share).run();

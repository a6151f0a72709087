import { workerData } from 'node:worker_threads';
import { Lane, type LaneShare } from '../engine/lanes.ts';

// A thread that measures runs of packets for the thread that owns the streams.
new Lane(workerData as LaneShare).run();

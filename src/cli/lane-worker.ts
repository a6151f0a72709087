import { workerData } from 'node:worker_threads';
import { Lane } from '../rtp/lanes/lane.ts';
import type { LaneShare } from '../rtp/lanes/lane-memory.ts';

// A thread that measures runs of packets for the thread that owns the streams.
new Lane(workerData as LaneShare).run();

import { expect, test } from 'vitest';
import { liveOngoing } from '../../src/live/live-records.ts';
import { LiveView } from '../../src/web/live-view.ts';
import { findingTold } from '../metrics/records.ts';
import { signalling } from '../report/records.ts';

test('the newest findings come first, what is told of a call that is up among them', () => {
  const view = new LiveView();
  view.records([findingTold({ code: 'burst_loss', severity: 'critical' })]);
  const told = liveOngoing({
    code: 'no_media',
    severity: 'critical',
    callId: 'up@pbx',
    direction: null,
    from: 'alice',
    to: 'bob',
    startUs: 1_772_442_000e6,
    timeUs: 1_772_442_012e6,
    text: 'the call is up, and no audio came either way in 10 s',
    emergency: false,
    signalling: signalling(),
  });
  view.records([{ type: 'ongoing', ...told }, findingTold({ code: 'path_change', severity: 'info' })]);
  expect(view.findings.map(({ code }) => code)).toEqual(['no_media', 'burst_loss']);
  expect(view.findings[0]).toMatchObject({ callId: 'up@pbx', startTime: '2026-03-02T09:00:12.000000Z' });
});

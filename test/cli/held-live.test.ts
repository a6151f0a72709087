import { expect, test } from 'vitest';
import { withHeld } from '../../src/cli/held-live.ts';
import type { HeldPlace } from '../../src/store/held-status.ts';
import { statusTold } from '../metrics/records.ts';

test('a status tells of holds on packets, history and bad calls, whoever keeps them', () => {
  const place = (of: HeldPlace['of']): HeldPlace => ({ of, holds: [], problem: null });
  const told = [statusTold(1, { held: [place('packets')] })];
  const keepers = [{ held: place('history') }, null, { held: place('badCalls') }];
  const [found] = withHeld(told, keepers);
  expect(found).toMatchObject({ held: [place('packets'), place('history'), place('badCalls')] });
  expect(withHeld(told, [null, null])).toBe(told);
});

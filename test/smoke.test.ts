import { expect, test } from 'vitest';
import { createBatch } from '../src/packet/batch.ts';

test('a new batch is empty', () => {
  expect(createBatch(new Uint8Array(8)).count).toBe(0);
});

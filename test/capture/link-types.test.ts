import { expect, test } from 'vitest';
import { linkTypeName } from '../../src/capture/link-types.ts';

test.each([
  [0, 'NULL'],
  [1, 'EN10MB'],
  [12, 'RAW'],
  [101, 'RAW'],
  [108, 'LOOP'],
  [113, 'LINUX_SLL'],
  [147, 'USER0'],
  [162, 'USER15'],
  [228, 'IPV4'],
  [229, 'IPV6'],
  [276, 'LINUX_SLL2'],
  [9999, 'LINKTYPE_9999'],
])('link type %i is %s', (linkType, name) => {
  expect(linkTypeName(linkType)).toBe(name);
});

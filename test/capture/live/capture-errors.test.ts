import { describe, expect, test } from 'vitest';
import { BPF_JEQ, BpfWriter } from '../../../src/capture/live/bpf.ts';
import { noSuchInterface, systemFailure } from '../../../src/capture/live/capture-errors.ts';
import { LiveCaptureError } from '../../../src/capture/live/live-source.ts';

describe('what a refusal of the operating system means', () => {
  test.each([
    [1, 'no_permission', /^may not capture on eth0: it takes CAP_NET_RAW; .*AmbientCapabilities=CAP_NET_RAW/],
    [13, 'no_permission', /setcap cap_net_raw\+ep/],
    [19, 'no_such_interface', /^there is no interface eth0; (there are: |none can be seen)/],
    [97, 'not_supported', /no packet sockets .* --engine pcap or pipe$/],
    [12, 'failed', /^cannot map the ring for eth0: not enough memory; configure a smaller ring$/],
    [22, 'failed', /^cannot map the ring for eth0: errno 22 of the operating system$/],
  ])('errno %i is %s', (errno, code, message) => {
    const error = systemFailure('eth0', 'map the ring', errno);
    expect(error).toBeInstanceOf(LiveCaptureError);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });

  test('an interface that is not there', () => {
    expect(noSuchInterface('nowhere0').message).toContain('there is no interface nowhere0');
  });
});

test('a filter program does not jump to nowhere, backwards or too far', () => {
  const nowhere = new BpfWriter();
  nowhere.jump(BPF_JEQ, 1, 'nowhere');
  expect(() => nowhere.program()).toThrow(RangeError);
  const backwards = new BpfWriter();
  backwards.label('here');
  backwards.jump(BPF_JEQ, 1, 'here');
  expect(() => backwards.program()).toThrow(RangeError);
});

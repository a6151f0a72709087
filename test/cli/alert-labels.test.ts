import { describe, expect, test } from 'vitest';
import type { AlertInput } from '../../src/alerts/input.ts';
import { alertLabeller } from '../../src/cli/alert-labels.ts';
import type { GroupRule } from '../../src/metrics/groups/groups.ts';
import { call, finding, interval, status } from '../alerts/feed.ts';

const rule = (name: string, cidr: string): GroupRule => {
  return { name, cidr: [cidr], vlan: [], userAgent: [], header: null, value: '' };
};
const groups = {
  sites: [rule('north', '192.0.2.0/24')],
  trunks: [rule('carrier', '198.51.100.0/24')],
  devices: [],
};

describe('labels of alerts', () => {
  test('are those of metrics: site, trunk, and the direction as the trunk sees it', () => {
    const labels = alertLabeller(groups);
    expect(labels(interval())).toEqual({
      codec: 'PCMU',
      site: 'north',
      trunk: 'carrier',
      direction: 'outbound',
    });
    const elsewhere = { ip: '203.0.113.1', port: 1 };
    expect(labels(interval({ src: elsewhere, dst: elsewhere }))).toEqual({
      codec: 'PCMU',
      direction: 'internal',
    });
  });

  test('of a finding are those of the media of its call', () => {
    const labels = alertLabeller(groups);
    expect(labels(finding('burst_loss'))).toEqual({});
    labels(interval());
    expect(labels(finding('burst_loss'))).toEqual({ site: 'north', trunk: 'carrier' });
    expect(labels(finding('capture_drops', null))).toEqual({});
  });

  test('of a finding about a registration come from where it was registered from', () => {
    const labels = alertLabeller(groups);
    const lost = (source: string | null) => {
      return { ...finding('registration_lost', null), evidence: { source } } as AlertInput;
    };
    expect(labels(lost('192.0.2.77'))).toEqual({ site: 'north' });
    expect(labels(lost('203.0.113.1'))).toEqual({});
    expect(labels(lost(null))).toEqual({});
  });

  test('of a call come from where its INVITE passed', () => {
    const hosts = { source: '198.51.100.9', destination: '192.0.2.9' };
    const userAgents = { caller: null, callee: null };
    const signalling = { ...call().signalling, hosts, userAgents, headers: {} };
    expect(alertLabeller(groups)(call({ signalling }))).toMatchObject({
      site: 'north',
      trunk: 'carrier',
      direction: 'inbound',
    });
  });

  test('of a trunk are bounded and printable, whatever the Request-URI says', () => {
    const state = (trunk: string) => ({ type: 'trunkState' as const, trunk, state: 'down' as const });
    for (const labels of [alertLabeller(groups), alertLabeller(null)]) {
      expect(labels(state('sbc.example.net'))).toEqual({ trunk: 'sbc.example.net' });
      expect(labels(state(`a\u202eb\n${'x'.repeat(900)}`))).toEqual({ trunk: `a?b?${'x'.repeat(60)}` });
    }
  });

  test('without groups bound what SDP may say', () => {
    const labels = alertLabeller(null);
    expect(labels(interval({ codec: 'whatever-somebody-wrote' }))).toEqual({ codec: 'other' });
    expect(labels(status())).toEqual({});
  });
});

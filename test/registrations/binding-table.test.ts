import { describe, expect, test } from 'vitest';
import type { WantedContact } from '../../src/registrations/attempt.ts';
import type { Binding } from '../../src/registrations/binding.ts';
import { BindingTable } from '../../src/registrations/binding-table.ts';

const AOR = 'sip:alice@example.com';
const DEVICE = { callId: 'r1', instance: null, flow: null, source: null };
const contact = (port: number): WantedContact => ({
  ...{
    key: `alice@192.0.2.1:${port}`,
    party: 'sip:alice@192.0.2.1',
    instance: null,
    flow: null,
    expiresS: 60,
  },
});

describe('one address of record with ever new contacts', () => {
  test('the oldest that is not registered is told of and makes room', () => {
    const displaced: Binding[] = [];
    const table = new BindingTable((binding) => displaced.push(binding));
    const first = table.open(AOR, contact(0), DEVICE, 0)!;
    first.state = 'registered';
    for (let port = 1; port < 1000; port++) table.open(AOR, contact(port), DEVICE, port);
    expect(table.size).toBe(64);
    expect(table.ofAor(AOR)).toHaveLength(64);
    expect(table.find(AOR, contact(0).key)).toBe(first);
    expect(displaced.map(({ startUs }) => startUs)).toEqual(Array.from({ length: 936 }, (_, i) => i + 1));
    expect(table.refused).toBe(0);
  });

  test('where all are registered a new one is refused and counted, and others are not', () => {
    const table = new BindingTable();
    for (let port = 0; port < 64; port++) table.open(AOR, contact(port), DEVICE, 0)!.state = 'registered';
    expect(table.open(AOR, contact(64), DEVICE, 0)).toBeNull();
    expect(table.refused).toBe(1);
    expect(table.open('sip:bob@example.com', contact(64), DEVICE, 0)).not.toBeNull();
    expect(table.size).toBe(65);
  });

  test('a contact that went is found no more, the user at another one is', () => {
    const table = new BindingTable();
    const [old, young] = [table.open(AOR, contact(1), DEVICE, 0)!, table.open(AOR, contact(2), DEVICE, 5e9)!];
    for (const binding of [old, young]) Object.assign(binding, { registeredUs: 0, expiresUs: 9e9 });
    expect(table.forgotten(4e9)).toEqual([old]);
    expect(table.liveAt('sip:alice@192.0.2.1', 1)?.aor).toBe(AOR);
    expect(table.liveAt(AOR, 1)?.contact).toBe('sip:alice@192.0.2.1');
    young.lastUs = 0;
    expect(table.forgotten(5e9)).toEqual([young]);
    expect(table.liveAt('sip:alice@192.0.2.1', 1)).toBeNull();
  });
});

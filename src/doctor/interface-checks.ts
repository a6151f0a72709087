import type { InterfaceFacts } from '../capture/live/interface-facts.ts';
import type { Check } from './check.ts';

type Found = Omit<Check, 'about'>;

/** Is an interface up, can its packets be read, and are they as they were on the wire? */
export function interfaceChecks(facts: InterfaceFacts, names: readonly string[]): Check[] {
  return found(facts, names).map((check) => ({ about: facts.name, ...check }));
}

function found(facts: InterfaceFacts, names: readonly string[]): Found[] {
  const { name } = facts;
  if (!facts.exists) {
    const text = `there is no such interface; there are ${names.join(', ')}`;
    return [{ code: 'exists', state: 'problem', text, remedy: null }];
  }
  if (facts.up === false) {
    return [{ code: 'up', state: 'problem', text: 'is switched off', remedy: `ip link set ${name} up` }];
  }
  return [...carrier(facts), ...linkCheck(facts), ...offloads(facts), ...ringCheck(facts), ...drops(facts)];
}

function carrier({ up, running, mtu, speed, driver }: InterfaceFacts): Found[] {
  if (up === null)
    return [{ code: 'up', state: 'unknown', text: 'cannot be asked without koffi', remedy: null }];
  if (running === false) {
    const text = 'is switched on but has no carrier: no cable, or the mirror port is off';
    return [{ code: 'carrier', state: 'problem', text, remedy: 'look at the cable and at the switch' }];
  }
  const about = [
    ...(driver === null ? [] : [driver]),
    ...(speed === null ? [] : [`${speed} Mbit/s`]),
    ...(mtu === null ? [] : [`MTU ${mtu}`]),
  ];
  return [{ code: 'up', state: 'ok', text: ['is up', ...about].join(', '), remedy: null }];
}

function linkCheck({ link, hardwareName, hardwareType }: InterfaceFacts): Found[] {
  if (hardwareType === null || link !== null) return [];
  const text = `its link type (${hardwareName ?? hardwareType}) is not read`;
  return [{ code: 'link', state: 'problem', text, remedy: 'capture where it is Ethernet or IP' }];
}

function offloads({ name, offloads: { gro, lro, rxVlan } }: InterfaceFacts): Found[] {
  const checks: Found[] = [];
  const glue = [...(gro === true ? ['gro'] : []), ...(lro === true ? ['lro'] : [])];
  if (glue.length > 0) {
    checks.push({
      ...{ code: 'offload', state: 'warning' },
      text: `${glue.join(' and ').toUpperCase()} may glue packets of a flow together: then one time stamp stands for several`,
      remedy: `ethtool -K ${name} ${glue.map((each) => `${each} off`).join(' ')}`,
    });
  } else if (gro === false) {
    checks.push({ code: 'offload', state: 'ok', text: 'glues no packets together', remedy: null });
  }
  if (rxVlan === true) {
    const text = 'the card takes VLAN tags off; they are put back from what it says beside the packet';
    checks.push({ code: 'vlan', state: 'ok', text, remedy: null });
  }
  return checks;
}

function ringCheck({ name, receiveRing }: InterfaceFacts): Found[] {
  if (receiveRing === null || receiveRing.size >= receiveRing.max) return [];
  const text = `its receive queue holds ${receiveRing.size} packets and could hold ${receiveRing.max}: bursts may overrun it`;
  return [{ code: 'queue', state: 'warning', text, remedy: `ethtool -G ${name} rx ${receiveRing.max}` }];
}

/** Nothing was ever received: perhaps nothing is mirrored. */
const FEW_PACKETS = 1;

function drops({ received }: InterfaceFacts): Found[] {
  if (received === null) return [];
  const { packets, errors, fifo } = received;
  const lost = errors + fifo;
  if (packets < FEW_PACKETS) {
    const text = 'has never received a packet';
    return [{ code: 'received', state: 'warning', text, remedy: 'is the port mirrored to the right one?' }];
  }
  if (lost === 0) return [];
  const text = `since it was switched on, ${lost} of ${packets + lost} packets were damaged or did not fit into its queue`;
  return [{ code: 'received', state: 'warning', text, remedy: 'look at "ethtool -S" and at the cable' }];
}

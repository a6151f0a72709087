import type { CapturePlatform, EngineChoice } from '../capture/live/choose.ts';
import type { ClockFacts, MachineFacts } from '../capture/live/machine-facts.ts';
import type { Check } from './check.ts';

/** A clock that may be further off than this makes times of calls hard to compare with other logs. */
const CLOCK_ERROR_MAX_US = 1_000_000;

/** Can this machine capture at all, with what, and does it know the time? */
export function machineChecks(facts: MachineFacts, platform: CapturePlatform, choice: EngineChoice): Check[] {
  return [
    engineCheck(choice),
    ...filterCheck(platform),
    ...rightsCheck(facts),
    ...clockChecks(facts.clock),
  ].map((check) => ({ about: 'machine', ...check }));
}

type Found = Omit<Check, 'about'>;

function engineCheck({ engine, why }: EngineChoice): Found {
  if (engine === null) return { code: 'engine', state: 'problem', text: why, remedy: 'npm install koffi' };
  if (engine === 'cap') {
    const text = `captures by ${why}; it stamps packets when it gets round to them and cannot count drops`;
    return { code: 'engine', state: 'warning', text, remedy: 'npm install koffi' };
  }
  return { code: 'engine', state: 'ok', text: `captures by ${why}`, remedy: null };
}

function filterCheck({ libpcap }: CapturePlatform): Found[] {
  if (libpcap) return [];
  const text = 'libpcap is not installed: filters in the language of tcpdump cannot be compiled';
  return [{ code: 'libpcap', state: 'warning', text, remedy: 'apt-get install libpcap0.8' }];
}

function rightsCheck({ rights, user }: MachineFacts): Found[] {
  if (rights === null) {
    const text = 'what this process may do cannot be found out on this system';
    return [{ code: 'rights', state: 'unknown', text, remedy: null }];
  }
  if (!rights.netRaw) {
    const remedy =
      'setpriv --inh-caps=+net_raw --ambient-caps=+net_raw earshot ..., or run it as the service (AmbientCapabilities=CAP_NET_RAW)';
    return [{ code: 'rights', state: 'problem', text: 'this process may not capture (CAP_NET_RAW)', remedy }];
  }
  const text = user === 0 ? 'may capture; root is more than it needs' : 'may capture, and is not root';
  const remedy = user === 0 ? 'one ambient capability is enough: see packaging/earshot.service' : null;
  return [{ code: 'rights', state: 'ok', text, remedy }];
}

function clockChecks(clock: ClockFacts | null): Found[] {
  if (clock === null) {
    const text = 'whether the clock is kept right cannot be found out on this system';
    return [{ code: 'clock', state: 'unknown', text, remedy: null }];
  }
  if (!clock.synchronised || clock.maxErrorUs > CLOCK_ERROR_MAX_US) {
    const text =
      'nothing known to the kernel keeps the clock right: times of calls may not match other logs (delays between packets are right all the same)';
    return [{ code: 'clock', state: 'warning', text, remedy: 'apt-get install chrony' }];
  }
  const text = `the clock is kept right, to ${milliseconds(clock.maxErrorUs)} at worst`;
  return [{ code: 'clock', state: 'ok', text, remedy: null }];
}

function milliseconds(us: number): string {
  return us < 1000 ? `${us} us` : `${(us / 1000).toFixed(1)} ms`;
}

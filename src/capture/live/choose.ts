import type { LiveEngine } from './live-source.ts';

/** What decides which engine captures best. */
export interface CapturePlatform {
  platform: NodeJS.Platform;
  koffi: boolean;
  libpcap: boolean;
  /** The npm package `cap`, installed and built. */
  cap: boolean;
}

/** Ways to capture from an interface. `cap` is the `pcap` engine through the package of that name. */
export type InterfaceEngine = 'ring' | 'pcap' | 'cap';

/** What `--engine` takes. */
export type EngineWish = 'auto' | LiveEngine | 'cap';

export type EngineChoice =
  | { engine: InterfaceEngine | 'pipe' | 'hep'; why: string }
  /** Nothing that was asked for can be had. `why` says what to install. */
  | { engine: null; why: string };

const KOFFI = 'koffi (npm install koffi)';
const LIBPCAP = 'libpcap (apt-get install libpcap0.8)';
const CAP = 'cap (apt-get install libpcap-dev g++ make, npm install cap --allow-scripts=cap)';
const PIPE = 'or pipe packets in: tcpdump -i IFACE -U -w - | earshot live -';

/**
 * Picks the engine for an interface: the ring on Linux, libpcap elsewhere, `cap` where koffi does not run. `why` is one
 * line for the user.
 */
export function chooseEngine(wish: EngineWish, facts: CapturePlatform): EngineChoice {
  switch (wish) {
    case 'pipe':
    case 'hep':
      return { engine: wish, why: `${wish}, as asked for` };
    case 'ring':
      return ring(facts);
    case 'pcap':
      return pcap(facts);
    case 'cap':
      return cap(facts);
    case 'auto':
      return best(facts);
  }
}

function best(facts: CapturePlatform): EngineChoice {
  const first = ring(facts);
  if (first.engine !== null) return first;
  for (const next of [pcap(facts), cap(facts)]) {
    if (next.engine !== null) return { ...next, why: `${next.why}; not the ring: ${first.why}` };
  }
  return { engine: null, why: `no way to capture: install ${KOFFI} and ${LIBPCAP}, ${PIPE}` };
}

function ring(facts: CapturePlatform): EngineChoice {
  if (facts.platform !== 'linux') {
    return { engine: null, why: `the ring engine is for Linux, this is ${facts.platform}` };
  }
  if (!facts.koffi) return { engine: null, why: `the ring engine needs ${KOFFI}, ${PIPE}` };
  return { engine: 'ring', why: 'ring: kernel stamps and drop counts, no copies' };
}

function pcap(facts: CapturePlatform): EngineChoice {
  if (facts.platform === 'win32') {
    return { engine: null, why: 'the pcap engine does not run on Windows: use --engine cap' };
  }
  const missing = [facts.koffi ? [] : KOFFI, facts.libpcap ? [] : LIBPCAP].flat();
  if (missing.length > 0)
    return { engine: null, why: `the pcap engine needs ${missing.join(' and ')}, ${PIPE}` };
  return { engine: 'pcap', why: 'pcap: libpcap with kernel stamps and drop counts, one copy' };
}

function cap(facts: CapturePlatform): EngineChoice {
  if (!facts.cap) return { engine: null, why: `the cap engine needs ${CAP}, ${PIPE}` };
  const doubt =
    'packets are stamped when they are read, and losses are not counted: jitter is not to be trusted';
  return { engine: 'cap', why: `cap: ${doubt}` };
}

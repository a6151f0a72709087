import type { Check } from './check.ts';

/** What a minute of traffic showed. */
export interface TrafficFacts {
  seconds: number;
  packets: number;
  dropped: number | null;
  decoded: { sip: number; rtp: number; rtcp: number; t38: number; other: number };
  /** Media streams, and those of them whose other direction was seen, too. */
  streams: number;
  bothWays: number;
  calls: number;
  mirrorDuplicatesRatio: number;
  fragments: number;
  /** Packets longer than the interface's MTU allows. */
  glued: number;
  /** Names of tunnels that packets came in. */
  tunnels: readonly string[];
  tlsConnections: number;
  tlsDecrypted: number;
  /** What the probe doubts of the capture, in words, by code. */
  doubts: readonly { code: string; text: string }[];
}

type Found = Omit<Check, 'about'>;

/** Less is too little to judge by. */
const STREAMS_MIN = 4;
/** Said by checks of their own. */
const TOLD = new Set(['capture_duplicates', 'capture_drops', 'capture_one_sided']);

/** Is there what a probe needs: SIP, RTP, both directions of it, once? */
export function trafficChecks(facts: TrafficFacts): Check[] {
  const checks = facts.packets === 0 ? [silence(facts)] : found(facts);
  return checks.map((check) => ({ about: 'traffic', ...check }));
}

function silence({ seconds }: TrafficFacts): Found {
  const text = `not one packet in ${seconds} s`;
  const remedy = 'does the switch mirror to this port? tcpdump -i IFACE -c 1 shows whether anything comes';
  return { code: 'packets', state: 'problem', text, remedy };
}

function found(facts: TrafficFacts): Found[] {
  return [
    ...dropCheck(facts),
    sipCheck(facts),
    mediaCheck(facts),
    ...directionCheck(facts),
    ...duplicateCheck(facts),
    ...shapeChecks(facts),
    ...facts.doubts
      .filter(({ code }) => !TOLD.has(code))
      .map(({ code, text }): Found => ({ code, state: 'warning', text, remedy: null })),
  ];
}

function dropCheck({ packets, dropped, seconds }: TrafficFacts): Found[] {
  if (dropped === null) {
    const text = 'this engine cannot tell whether packets were dropped';
    return [{ code: 'drops', state: 'unknown', text, remedy: 'npm install koffi' }];
  }
  if (dropped > 0) {
    const text = `${dropped} of ${packets + dropped} packets were dropped before they could be read`;
    const remedy = 'a filter for voice only, or more blocks for the ring (interfaces[].ring.blocks)';
    return [{ code: 'drops', state: 'warning', text, remedy }];
  }
  const text = `${packets} packets in ${seconds} s, none dropped`;
  return [{ code: 'drops', state: 'ok', text, remedy: null }];
}

function sipCheck({ decoded, tlsConnections, tlsDecrypted }: TrafficFacts): Found {
  if (decoded.sip > 0) return { code: 'sip', state: 'ok', text: `${decoded.sip} SIP messages`, remedy: null };
  if (tlsConnections > tlsDecrypted) {
    const text = `no readable SIP, but ${tlsConnections} TLS connections: signalling is encrypted`;
    return {
      code: 'sip',
      state: 'warning',
      text,
      remedy: 'give it the keys (tls.keylog): docs/encrypted-signalling.md',
    };
  }
  const text = 'no SIP: media is measured, but nobody knows whose calls they are';
  return {
    code: 'sip',
    state: 'warning',
    text,
    remedy: 'mirror the signalling, too, or let agents send it (HEP)',
  };
}

function mediaCheck({ decoded, streams, calls }: TrafficFacts): Found {
  if (decoded.rtp > 0) {
    const text = `${decoded.rtp} RTP packets in ${streams} streams, ${decoded.rtcp} RTCP packets, ${calls} calls`;
    return { code: 'rtp', state: 'ok', text, remedy: null };
  }
  const text = 'no RTP: there is nothing to measure quality by';
  return {
    code: 'rtp',
    state: 'warning',
    text,
    remedy: 'was anybody talking? Otherwise the media passes elsewhere: docs/placement.md',
  };
}

function directionCheck({ streams, bothWays }: TrafficFacts): Found[] {
  if (streams < STREAMS_MIN) return [];
  if (bothWays === streams) {
    return [{ code: 'directions', state: 'ok', text: 'both directions of all media are seen', remedy: null }];
  }
  const text = `of ${streams - bothWays} of ${streams} streams the other direction is not seen`;
  const state = bothWays * 2 < streams ? 'warning' : 'ok';
  const remedy =
    state === 'ok' ? null : 'mirror both directions of the port ("rx" and "tx"): docs/placement.md';
  return [{ code: 'directions', state, text, remedy }];
}

function duplicateCheck({ mirrorDuplicatesRatio }: TrafficFacts): Found[] {
  if (mirrorDuplicatesRatio === 0) return [];
  const text = `${(mirrorDuplicatesRatio * 100).toFixed(1)} % of the packets came twice, as the mirror made copies; they are counted once`;
  return [
    {
      code: 'duplicates',
      state: 'ok',
      text,
      remedy: 'mirror a port or a VLAN one way only to save the bandwidth',
    },
  ];
}

function shapeChecks({ fragments, glued, tunnels }: TrafficFacts): Found[] {
  const checks: Found[] = [];
  if (glued > 0) {
    const text = `${glued} packets are longer than the interface carries: something glued them together, and their stamps are one`;
    checks.push({ code: 'glued', state: 'warning', text, remedy: 'ethtool -K IFACE gro off lro off' });
  }
  if (fragments > 0) {
    checks.push({
      code: 'fragments',
      state: 'ok',
      text: `${fragments} IP fragments, put together`,
      remedy: null,
    });
  }
  if (tunnels.length > 0) {
    checks.push({
      code: 'tunnels',
      state: 'ok',
      text: `packets come in ${tunnels.join(', ')}`,
      remedy: null,
    });
  }
  return checks;
}

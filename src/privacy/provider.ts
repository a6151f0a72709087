/** Who a report is for, by addresses. */
export interface ProviderNetwork {
  has(ip: string): boolean;
  /** Addresses of the side that reports, which nobody outside can reach. */
  isPrivate(ip: string): boolean;
}

/** Stands for an address that the other side need not know. */
export const INSIDE = 'inside';

/** What says nothing about the way between the two, as it is shown then. */
const LEFT_OUT: Readonly<Record<string, unknown>> = {
  ...{
    cname: null,
    assertedIdentity: null,
    conversationId: null,
    retryOf: null,
    retriedAs: null,
    replaces: null,
  },
  ...{ site: null, trunk: null },
  ...{
    tunnel: null,
    contact: null,
    userAgent: null,
    earlierContact: null,
    earlierUserAgent: null,
    party: null,
    goodbyeReason: null,
  },
  ...{
    legs: [],
    diversions: [],
    redirectedTo: [],
    transfers: [],
    endpointReports: [],
    vlans: [],
    further: [],
  },
  // What somebody wrote, in the place of a code.
  ...{ reasonText: null, fields: {} },
  ...{ userAgents: { caller: null, callee: null }, headers: {}, applications: [] },
};

const IPV4 = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/g;
const IPV6 = /(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:])/g;
/** What a finding quotes of a message. */
const QUOTED = /"[^"]*"/g;
const URI = /(?:sips?|tel):[^\s"',)>\]]+/g;

/** Records as the other side may see them: applied to each, and to parts of them. */
export function providerView(network: ProviderNetwork): <T>(value: T) => T {
  const text = (value: string): string =>
    [IPV4, IPV6].reduce(
      (shown, pattern) => shown.replace(pattern, (ip) => (network.isPrivate(ip) ? INSIDE : ip)),
      value.replace(URI, (uri) => partyOf(uri) ?? 'a user').replace(QUOTED, '"..."'),
    );
  const walk = (value: unknown, property: string): unknown => {
    // Both sides know the name of their call; it is how they find it.
    if (typeof value === 'string') return property === 'callId' ? value : text(value);
    if (Array.isArray(value)) return value.map((each) => walk(each, property));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, shownOf(key, each, property)]),
    );
  };
  const shownOf = (key: string, value: unknown, within: string): unknown => {
    if (Object.hasOwn(LEFT_OUT, key) && (within !== 'evidence' || key === 'reasonText')) return LEFT_OUT[key];
    if (within === 'reasons' && key === 'text') return null;
    const isParty = (key === 'from' || key === 'to') && within !== 'evidence' && within !== 'mediaRefusals';
    if (isParty) return typeof value === 'string' ? partyOf(value) : value;
    return walk(value, key);
  };
  return <T>(value: T): T => walk(value, '') as T;
}

/** The number of a party, which both sides know it by; null where it is a name. */
function partyOf(uri: string): string | null {
  const user = /^(?:[a-z][a-z0-9+.-]*:)?([^@;]*)/i.exec(uri)?.[1] ?? '';
  const plain = user.replace(/[-.()]/g, '');
  return /^\+?\d{3,}$/.test(plain) ? plain : null;
}

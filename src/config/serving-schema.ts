import { parseNetwork } from '../metrics/groups/cidr.ts';
import { headersOf } from '../metrics/groups/groups.ts';
import { LABEL_SETS } from '../metrics/label-space.ts';
import { type HttpOptions, parseListen, whyRefused } from '../web/http-options.ts';
import { RECENT_CALLS_MAX } from '../web/recent-calls.ts';
import { flag, list, number, object, required, text, type ValueOf } from './schema.ts';

/** `http`: the server. */
export const HTTP = object('Metrics, recent calls and pages over HTTP.', {
  listen: text('Where to listen, such as 127.0.0.1:10047; nowhere when left out.', null, {
    form: { pattern: /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]*):\d{1,5}$/, expected: 'HOST:PORT, IPv6 in brackets' },
  }),
  allowOpen: flag('Listen where others can ask, without TLS or without credentials.', false),
  names: list(
    'Names under which this machine is asked, besides its addresses and localhost. Needed without credentials only.',
    required('', { form: { pattern: /^[\w.-]{1,253}$/, expected: 'the name of a host' } }),
    20,
  ),
  username: text('For basic authentication.', null, {
    form: { pattern: /^[^:]{1,200}$/, expected: 'a name without colon' },
  }),
  password: text('For basic authentication.', null, { secret: true }),
  token: text('For bearer authentication.', null, { secret: true }),
  tls: object('TLS for the server.', {
    cert: text('File of the certificate chain, PEM.', null),
    key: text('File of its key, PEM.', null),
  }),
});

/** `metrics`. */
export const METRICS_SETTINGS = object('Metrics.', {
  labelSets: number('Label sets that each metric may have; what finds no room is counted as "other".', {
    ...{ default: LABEL_SETS, min: 10, max: 10_000, whole: true },
  }),
  recentCalls: number('Calls kept for /api/calls and the status page.', {
    ...{ default: RECENT_CALLS_MAX, min: 10, max: 100_000, whole: true },
  }),
});

const pattern = (doc: string) =>
  required(doc, { form: { pattern: /^.{1,200}$/, expected: 'a pattern of 1 to 200 characters' } });

const RULE = object(
  'A rule. Of each kind that is given one must hold, and all kinds that are given must; the first rule that holds decides.',
  {
    name: required(
      'Name of the group. $1 to $9 stand for what the stars of `value`, or else of `userAgent`, matched.',
      { form: { pattern: /^[^\p{C}"\\]{1,64}$/u, expected: 'up to 64 printable characters without quotes' } },
    ),
    cidr: list(
      'Networks that the source or the destination is in, such as 10.1.0.0/16.',
      required('', {
        form: { pattern: /^[0-9a-fA-F:./]{2,49}$/, expected: 'a network such as 10.1.0.0/16' },
      }),
      500,
    ),
    vlan: list('VLAN ids of the media.', number('', { default: 0, min: 0, max: 4095, whole: true }), 100),
    interface: list(
      'Interfaces that the media or the first INVITE is captured on, such as eth1; * and ? stand for any characters.',
      pattern(''),
      100,
    ),
    userAgent: list(
      'What the User-Agent or Server header of the sender (of a call: of the caller) looks like; * and ? stand for any characters.',
      pattern(''),
      100,
    ),
    header: text('A header of the first INVITE.', null, {
      form: { pattern: /^[A-Za-z0-9!%*_+`'~.-]{1,64}$/, expected: 'the name of a header' },
    }),
    value: text('What its value looks like; * and ? stand for any characters.', '*'),
  },
);

/** `groups`. */
export const GROUPS = object(
  'Which site, trunk and device streams and calls belong to, for metrics, alerts and reports.',
  {
    sites: list('Sites.', RULE, 1000),
    trunks: list('Trunks. Networks tell the direction, too: what goes there is outbound.', RULE, 1000),
    devices: list('Kinds of devices.', RULE, 1000),
  },
);

/** The sections of a configuration that say how a probe is served. */
export interface ServingConfig {
  probe: { name: string | null };
  http: ValueOf<typeof HTTP>;
  metrics: ValueOf<typeof METRICS_SETTINGS>;
  groups: ValueOf<typeof GROUPS>;
}

/** What a configuration says of the server; null where there is to be none. */
export function httpOptions({
  listen,
  tls,
  username,
  password,
  token,
  ...rest
}: ServingConfig['http']): HttpOptions | null {
  const place = listen === null ? null : parseListen(listen);
  if (place === null) return null;
  const { cert, key } = tls;
  return {
    ...place,
    ...rest,
    credentials: { username, password, token },
    tls: cert === null || key === null ? null : { cert, key },
  };
}

/** Lower-case names of the headers that groups need from INVITEs. */
export function groupHeaders({ groups }: Pick<ServingConfig, 'groups'>): string[] {
  return headersOf(groups);
}

/** What contradicts itself in these sections. */
export function servingContradictions({ http, groups }: ServingConfig): { path: string; text: string }[] {
  const found: { path: string; text: string }[] = [];
  if (http.listen !== null && parseListen(http.listen) === null) {
    found.push({ path: 'http.listen', text: `expected a port up to 65535, got "${http.listen}"` });
  }
  if ((http.username === null) !== (http.password === null)) {
    const missing = http.username === null ? 'username' : 'password';
    found.push({ path: 'http', text: `expected ${missing}, too: basic authentication takes both` });
  }
  if ((http.tls.cert === null) !== (http.tls.key === null)) {
    found.push({ path: 'http.tls', text: 'expected cert and key, both or none' });
  }
  const options = httpOptions(http);
  const refused = options === null ? null : whyRefused(options);
  if (refused !== null) found.push({ path: 'http.listen', text: refused });
  for (const [kind, rules] of Object.entries(groups)) {
    for (const [i, rule] of rules.entries()) {
      const path = `groups.${kind}[${i}]`;
      for (const [n, cidr] of rule.cidr.entries()) {
        if (parseNetwork(cidr) === null) {
          found.push({
            path: `${path}.cidr[${n}]`,
            text: `expected a network such as 10.1.0.0/16, got "${cidr}"`,
          });
        }
      }
      const given = rule.cidr.length + rule.vlan.length + rule.userAgent.length;
      if (given === 0 && rule.header === null) {
        found.push({
          path,
          text: 'expected cidr, vlan, userAgent or header: nothing tells who is in the group',
        });
      }
    }
  }
  return found;
}

import { boolean, type Check, integer, list, matching, nullable, number, object, oneOf } from './checks.ts';

/** Checks that are made elsewhere. */
interface Basics {
  address: Check;
  duration: Check;
  port: Check;
  side: Check;
}

const header = matching(/^[A-Za-z0-9-]+: [^\r\n]*$/, 'a header line such as X-Call-ID: abc');
const value = matching(/^[^\r\n]*$/, 'text in one line');
const method = matching(/^[A-Z]{3,12}$/, 'a method in capitals');
const count = integer(0, 1000);
const finalCode = integer(200, 699);

/** The checks of everything that signalling can be told to do. */
export function signallingChecks(basics: Basics): { signalling: Check; registration: Check; trunk: Check } {
  return { signalling: signalling(basics), registration: registration(basics), trunk: trunk(basics) };
}

function signalling({ address, duration, side }: Basics): Check {
  const resend = object({ message: oneOf('INVITE', 'BYE', '200'), copies: integer(1, 11) }, [
    'message',
    'copies',
  ]);
  const timer = object(
    {
      seconds: number(1, 86_400),
      refresher: oneOf('uac', 'uas'),
      method: oneOf('INVITE', 'UPDATE'),
      refreshed: boolean,
    },
    ['seconds'],
  );
  const request = object({ atMs: duration, method, by: side, answer: nullable(finalCode) }, [
    'atMs',
    'method',
    'answer',
  ]);
  const transfer = object(
    {
      atMs: duration,
      target: value,
      by: side,
      replaces: value,
      answer: nullable(finalCode),
      notify: list(integer(100, 699), 20),
    },
    ['atMs', 'target', 'answer'],
  );
  const faults = oneOf('garbage', 'no_address', 'unmapped', 'extra_media', 'refused', 'foreign_codec');
  return object({
    refusals: list(integer(300, 699), 20),
    progress: list(integer(101, 199), 20),
    forks: integer(0, 20),
    prack: boolean,
    resend: list(resend, 3),
    noAck: boolean,
    byeUnanswered: boolean,
    foreignBye: object({ atMs: duration, ip: address, by: side }, ['atMs', 'ip']),
    byeReason: value,
    sessionTimer: timer,
    requests: list(request, 100),
    transfer,
    inviteHeaders: list(header, 50),
    answerHeaders: list(header, 50),
    requestUri: value,
    sdpFault: object({ in: oneOf('offer', 'answer'), fault: faults }, ['in', 'fault']),
    userAgents: object({ caller: value, callee: value }),
    dscp: object({ caller: integer(0, 63), callee: integer(0, 63) }),
    proxy: address,
    loops: integer(1, 30),
    mirrored: boolean,
    onlyFrom: side,
  });
}

function registration({ address, duration, port }: Basics): Check {
  const answer: Check = (given, path) => {
    if (given !== 'wrong_password') nullable(finalCode)(given, path);
  };
  const event = object(
    {
      atMs: duration,
      kind: oneOf('register', 'unregister', 'unregister_all'),
      challenged: boolean,
      answer,
      port,
      copies: integer(0, 10),
    },
    ['atMs', 'kind'],
  );
  return object(
    {
      user: matching(/^[A-Za-z0-9_.!~*+-]+$/, 'a SIP user name'),
      domain: matching(/^[A-Za-z0-9.-]+$/, 'a host name'),
      ip: address,
      sipPort: port,
      registrarIp: address,
      userAgent: value,
      transport: oneOf('udp', 'tcp'),
      expiresS: number(1, 86_400 * 365),
      events: list(event, 10_000),
    },
    ['user', 'expiresS', 'events'],
  );
}

function trunk({ address, duration }: Basics): Check {
  return object(
    {
      srcIp: address,
      dstIp: address,
      startMs: duration,
      intervalMs: number(10, 86_400_000),
      count: integer(1, 100_000),
      userAgent: value,
      delayMs: duration,
      answer: finalCode,
      unanswered: list(count),
    },
    ['srcIp', 'dstIp', 'intervalMs', 'count'],
  );
}

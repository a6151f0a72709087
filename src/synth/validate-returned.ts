import { boolean, type Check, integer, list, number, object, oneOf } from './checks.ts';

/** The checks of the fields for ICMP errors and T.38, made of those for simple values. */
export function returnChecks(of: Record<'address' | 'duration' | 'index' | 'loss' | 'port' | 'u16', Check>): {
  icmp: Check;
  t38: Check;
} {
  const icmp = object(
    {
      way: oneOf('callerToCallee', 'calleeToCaller'),
      what: oneOf('rtp', 'rtcp', 't38', 'sip'),
      reason: oneOf('port', 'host', 'network', 'prohibited', 'time_exceeded', 'too_big'),
      router: of.address,
      fromMs: of.duration,
      untilMs: of.duration,
      burst: integer(1, 1000),
      perSecond: number(0, 1000),
      quoteOctets: integer(8, 1200),
      port: of.port,
    },
    ['way'],
  );
  const flow = object({
    startSeq: of.u16,
    offsetMs: of.duration,
    durationMs: of.duration,
    packetMs: integer(10, 200),
    controlMs: of.duration,
    redundancy: integer(0, 16),
    fec: object({ span: integer(1, 16), parities: integer(1, 8) }, ['span', 'parities']),
    loss: of.loss,
    reorder: object({ positions: list(of.index), by: integer(1, 1000) }, ['positions', 'by']),
    twice: boolean,
  });
  return { icmp, t38: object({ callerToCallee: flow, calleeToCaller: flow }) };
}

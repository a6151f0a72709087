/**
 * What a User-Agent says of the program that asks. `scanner`: it is made to look for servers and users, and nobody
 * telephones with it. `hint`: libraries and command line tools that scans are often made with, and honest programs, too.
 */
export type AgentKind = 'scanner' | 'hint' | null;

const SCANNERS =
  /^(?:friendly-(?:scanner|request)|sipvicious|sip-?scan|sundayddr|sivus|svmap|svwar|svcrack)/i;
const HINTS = /^(?:sipcli|pplsip|vax(?:sip|ip)useragent|iwar|smap|gulp)/i;

/** The kind of a program by its User-Agent. */
export function agentKind(agent: string | null): AgentKind {
  if (agent === null) return null;
  if (SCANNERS.test(agent)) return 'scanner';
  return HINTS.test(agent) ? 'hint' : null;
}

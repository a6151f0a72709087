/** Kinds of encapsulation, as `PacketView` keeps them. 1 to 127; 0 is none. */
export const MPLS = 1;
export const PPPOE = 2;
export const GRE = 3;
export const NVGRE = 4;
export const ERSPAN_1 = 5;
export const ERSPAN_2 = 6;
export const ERSPAN_3 = 7;
export const VXLAN = 8;
export const GENEVE = 9;
export const GTP_U = 10;
export const IP_IN_IP = 11;
export const IPV6_IN_IPV4 = 12;
export const L2TP = 13;
export const TZSP = 14;
export const ETHER_IP = 15;
export const HEP = 16;

/** Their names in the report, by kind. They are part of its contract: add, never rename. */
const NAMES: readonly string[] = [
  '',
  'mpls',
  'pppoe',
  'gre',
  'nvgre',
  'erspan1',
  'erspan2',
  'erspan3',
  'vxlan',
  'geneve',
  'gtpu',
  'ipip',
  '6in4',
  'l2tp',
  'tzsp',
  'etherip',
  'hep',
];

/** The report's name of an encapsulation. */
export function encapsulationName(kind: number): string {
  return NAMES[kind] ?? '';
}

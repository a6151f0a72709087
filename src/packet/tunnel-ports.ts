/** Destination ports that can mean a tunnel (IANA, but for the last two). */
export const PORT_L2TP = 1701;
export const PORT_GTP_U = 2152;
const PORT_VXLAN = 4789;
export const PORT_VXLAN_GPE = 4790;
export const PORT_GENEVE = 6081;
/** What Linux used before the port was assigned, and many overlay networks still do. */
const PORT_VXLAN_LINUX = 8472;
export const PORT_TZSP = 37008;

/** The ports above, each at the place of its low octet: no two of them share one. Asked for every UDP datagram. */
export const TUNNEL_PORTS = new Int32Array(256);
for (const port of [
  PORT_L2TP,
  PORT_GTP_U,
  PORT_VXLAN,
  PORT_VXLAN_GPE,
  PORT_GENEVE,
  PORT_VXLAN_LINUX,
  PORT_TZSP,
]) {
  TUNNEL_PORTS[port & 0xff] = port;
}

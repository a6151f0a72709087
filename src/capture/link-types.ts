/**
 * Names of link types, as tcpdump prints them. Numbers are the LINKTYPE values found in files
 * (https://www.tcpdump.org/linktypes.html); the few DLT values that differ by system and turn up in files written
 * by hand (12 and 14 for raw IP) are here too.
 */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'NULL'],
  [1, 'EN10MB'],
  [3, 'AX25'],
  [6, 'IEEE802'],
  [7, 'ARCNET'],
  [8, 'SLIP'],
  [9, 'PPP'],
  [10, 'FDDI'],
  [12, 'RAW'],
  [14, 'RAW'],
  [50, 'PPP_SERIAL'],
  [51, 'PPP_ETHER'],
  [100, 'ATM_RFC1483'],
  [101, 'RAW'],
  [104, 'C_HDLC'],
  [105, 'IEEE802_11'],
  [107, 'FRELAY'],
  [108, 'LOOP'],
  [113, 'LINUX_SLL'],
  [114, 'LTALK'],
  [117, 'PFLOG'],
  [119, 'PRISM_HEADER'],
  [122, 'IP_OVER_FC'],
  [123, 'SUNATM'],
  [127, 'IEEE802_11_RADIO'],
  [129, 'ARCNET_LINUX'],
  [138, 'APPLE_IP_OVER_IEEE1394'],
  [140, 'MTP2'],
  [141, 'MTP3'],
  [142, 'SCCP'],
  [143, 'DOCSIS'],
  [144, 'LINUX_IRDA'],
  [163, 'IEEE802_11_RADIO_AVS'],
  [166, 'PPP_PPPD'],
  [187, 'BLUETOOTH_HCI_H4'],
  [189, 'USB_LINUX'],
  [192, 'PPI'],
  [195, 'IEEE802_15_4'],
  [197, 'ERF'],
  [201, 'BLUETOOTH_HCI_H4_WITH_PHDR'],
  [204, 'PPP_WITH_DIR'],
  [205, 'C_HDLC_WITH_DIR'],
  [206, 'FRELAY_WITH_DIR'],
  [215, 'IEEE802_15_4_NONASK_PHY'],
  [217, 'GSMTAP_UM'],
  [218, 'GSMTAP_ABIS'],
  [219, 'MPLS'],
  [220, 'USB_LINUX_MMAPPED'],
  [224, 'FC_2'],
  [226, 'IPNET'],
  [227, 'CAN_SOCKETCAN'],
  [228, 'IPV4'],
  [229, 'IPV6'],
  [230, 'IEEE802_15_4_NOFCS'],
  [235, 'DVB_CI'],
  [239, 'NFLOG'],
  [240, 'NETANALYZER'],
  [241, 'NETANALYZER_TRANSPARENT'],
  [242, 'IPOIB'],
  [243, 'MPEG_2_TS'],
  [247, 'INFINIBAND'],
  [248, 'SCTP'],
  [249, 'USBPCAP'],
  [252, 'WIRESHARK_UPPER_PDU'],
  [253, 'NETLINK'],
  [258, 'PKTAP'],
  [259, 'EPON'],
  [271, 'VSOCK'],
  [276, 'LINUX_SLL2'],
  [281, 'DSA_TAG_BRCM'],
  [282, 'DSA_TAG_BRCM_PREPEND'],
  [283, 'DSA_TAG_DSA'],
  [284, 'DSA_TAG_EDSA'],
]);

const FIRST_USER_LINK_TYPE = 147;
const LAST_USER_LINK_TYPE = 162;

/** tcpdump's name of a link type (`EN10MB`, `LINUX_SLL2`, ...); `LINKTYPE_<number>` for one not in the list. */
export function linkTypeName(linkType: number): string {
  if (linkType >= FIRST_USER_LINK_TYPE && linkType <= LAST_USER_LINK_TYPE) {
    return `USER${linkType - FIRST_USER_LINK_TYPE}`;
  }
  return NAMES.get(linkType) ?? `LINKTYPE_${linkType}`;
}

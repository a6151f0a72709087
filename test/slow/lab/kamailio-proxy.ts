/** A Kamailio that passes calls on to one place: as a proxy, with rtpengine, or so that Call-IDs differ on both sides. */
import { modules } from '../kamailio.ts';
import { type Lab, logged, type Running } from './lab.ts';

export interface ProxyOptions {
  /** Its addresses, one on each wire, and whom it passes calls to. */
  left: string;
  right: string;
  to: string;
  /** Media goes through the rtpengine of this host. */
  rtpengine?: boolean;
  /** Neither side sees addresses, Via or Call-ID of the other. */
  hidesTopology?: boolean;
}

const RTPENGINE = `
loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:2223")`;
const HIDING = `
loadmodule "topoh.so"
modparam("topoh", "mask_key", "earshot")
modparam("topoh", "mask_ip", "10.254.0.1")
modparam("topoh", "mask_callid", 1)`;

function configuration({ left, right, to, rtpengine = false, hidesTopology = false }: ProxyOptions): string {
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
mhomed=1
listen=udp:${left}:5060
listen=udp:${right}:5060
mpath="${modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "siputils.so"${rtpengine ? RTPENGINE : ''}${hidesTopology ? HIDING : ''}
request_route {
  if (has_totag()) {
    loose_route();
    ${rtpengine ? 'if (is_method("BYE")) rtpengine_delete();' : ''}
    t_relay();
    exit;
  }
  record_route();
  ${rtpengine ? 'rtpengine_offer("replace-origin replace-session-connection direction=left direction=right");' : ''}
  t_on_reply("ANSWERS");
  $du = "sip:${to}:5060";
  t_relay();
}
onreply_route[ANSWERS] {
  ${rtpengine ? 'if (has_body("application/sdp")) rtpengine_answer("replace-origin replace-session-connection");' : ''}
  return;
}
`;
}

/** Starts it in a host. */
export async function startProxy(lab: Lab, host: string, options: ProxyOptions): Promise<Running> {
  const file = lab.write('proxy.cfg', configuration(options));
  const running = lab.start(host, [
    'kamailio',
    '-DD',
    '-E',
    '-f',
    file,
    '-P',
    lab.path('kamailio.pid'),
    '-Y',
    lab.folder,
  ]);
  await logged(running, /Listening on/);
  return running;
}

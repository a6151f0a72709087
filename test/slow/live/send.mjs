// Sends numbered UDP frames through a device: { device, count, everyUs, vlan, flows }. Payload: number (4 octets), time of
// sending in us (a double). A burst where `everyUs` is 0.
import koffi from 'koffi';
import { udpFrame } from '../../../dist/synth/frame.js';

const { device, count, everyUs = 0, vlans = [], flows = 1 } = JSON.parse(process.argv[2]);
const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
const send = libc.func('int64_t send(int fd, const void *bytes, size_t length, int flags)');
const ifNameToIndex = libc.func('unsigned int if_nametoindex(const char *name)');

const fd = socket(17, 3, 0);
const address = new Uint8Array(20);
const fields = new DataView(address.buffer);
fields.setUint16(0, 17, true);
fields.setInt32(4, ifNameToIndex(device), true);
if (bind(fd, address, 20) < 0) throw new Error(`bind: errno ${koffi.errno()}`);

const nowUs = () => (performance.timeOrigin + performance.now()) * 1000;
const route = {
  src: Uint8Array.of(192, 0, 2, 1),
  dst: Uint8Array.of(192, 0, 2, 2),
  dscp: 46,
  ttl: 64,
  vlans,
};
const back = { ...route, src: route.dst, dst: route.src };
const payload = new Uint8Array(172);
const view = new DataView(payload.buffer);
const begun = nowUs();
for (let i = 0; i < count; i++) {
  while (nowUs() < begun + i * everyUs);
  view.setUint32(0, i);
  view.setFloat64(4, nowUs());
  // Every other packet of a flow goes the other way.
  const flow = i % flows;
  const answers = Math.floor(i / flows) % 2 === 1;
  const [from, to] = answers ? [9999, 20_000 + flow] : [20_000 + flow, 9999];
  const frame = udpFrame(answers ? back : route, from, to, payload, i & 0xffff);
  while (send(fd, frame, frame.length, 0) < 0);
}
process.stdout.write(`sent ${count}\n`);

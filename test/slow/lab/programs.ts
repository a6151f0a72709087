import { mkdirSync } from 'node:fs';
import { type Lab, logged, type Running } from './lab.ts';

/** Captures one interface of a host, or all of them (`any`). */
export async function startCapture(
  lab: Lab,
  host: string,
  device: string,
): Promise<{ file: string; running: Running }> {
  const file = lab.path(`${host}-${device}.pcap`);
  const running = lab.start(host, [
    'tcpdump',
    '--immediate-mode',
    '-U',
    '-i',
    device,
    '-B',
    '16384',
    '-s',
    '2048',
    '-n',
    '-Z',
    'root',
    '-w',
    file,
    'udp',
  ]);
  await logged(running, 'listening on');
  return { file, running };
}

export interface BaresipOptions {
  ip: string;
  user: string;
  /** As in its `audio_codecs`, such as `PCMA` or `opus/48000/2`. */
  codec: string;
  codecModule: string;
  /** Whom to call once it is up; without, it answers. */
  dial?: string;
  seconds: number;
}

/** Starts baresip with a tone for a microphone. It ends, and hangs up, after the given time. */
export function startBaresip(lab: Lab, host: string, options: BaresipOptions): Running {
  const folder = lab.path(`baresip-${options.user}`);
  mkdirSync(folder);
  const modules = [options.codecModule, 'ausine.so', 'aufile.so', 'stdio.so'];
  const config = [
    'poll_method epoll',
    `sip_listen ${options.ip}:5060`,
    'audio_source ausine,440',
    `audio_player aufile,${folder}/heard.wav`,
    `audio_alert aufile,${folder}/alert.wav`,
    'ausrc_srate 48000',
    'ausrc_channels 2',
    'audio_level no',
    'jitter_buffer_delay 5-10',
    'rtp_ports 30000-30010',
    'rtcp_mux no',
    'rtp_stats yes',
    `module_path ${modulePath()}`,
    ...modules.map((name) => `module ${name}`),
    'module_tmp account.so',
    'module_app menu.so',
  ];
  lab.write(`baresip-${options.user}/config`, `${config.join('\n')}\n`);
  const account = `<sip:${options.user}@${options.ip}>;regint=0;answermode=auto;audio_codecs=${options.codec}`;
  lab.write(`baresip-${options.user}/accounts`, `${account}\n`);
  lab.write(`baresip-${options.user}/contacts`, '');
  const dial = options.dial === undefined ? [] : ['-e', `/dial ${options.dial}`];
  return lab.start(host, ['baresip', '-4', '-f', folder, '-t', String(options.seconds), ...dial]);
}

function modulePath(): string {
  return '/usr/lib/baresip/modules';
}

/** Starts rtpengine between two networks, controlled on loopback. It says all it computes in its log. */
export async function startRtpengine(
  lab: Lab,
  host: string,
  leftIp: string,
  rightIp: string,
): Promise<Running> {
  const running = lab.start(host, [
    'rtpengine',
    '--config-file=none',
    '--table=-1',
    '--foreground',
    '--log-stderr',
    '--log-level=7',
    `--interface=left/${leftIp}`,
    `--interface=right/${rightIp}`,
    '--listen-ng=127.0.0.1:2223',
    '--listen-cli=127.0.0.1:2224',
    '--port-min=40000',
    '--port-max=40400',
    '--num-threads=2',
    '--delete-delay=0',
  ]);
  await logged(running, 'Startup complete');
  return running;
}

/**
 * Starts linphonec, which calls somebody with the given codec and plays a file. It obeys commands on its standard
 * input: `terminate`, `quit`.
 */
export function startLinphonec(lab: Lab, host: string, ip: string, dial: string): Running {
  const home = lab.path('linphone');
  mkdirSync(`${home}/.local/share/linphone`, { recursive: true });
  const config = [
    '[sip]',
    'sip_port=5060',
    'sip_tcp_port=0',
    'sip_tls_port=0',
    'use_ipv6=0',
    'default_proxy=-1',
    `contact="linphone" <sip:linphone@${ip}>`,
    '[net]',
    'firewall_policy=0',
    'mtu=1300',
    '[rtp]',
    'audio_rtp_port=30000',
    'rtcp_xr_enabled=1',
  ];
  const file = lab.write('linphone/rc', `${config.join('\n')}\n`);
  const command = `HOME=${home} exec linphonec -c ${file} -d 0`;
  const running = lab.start(host, ['sh', '-c', command]);
  const sound = lab.write('linphone/sound.wav', wave(20));
  running.child.stdin!.write(`soundcard use files\nplay ${sound}\ncall ${dial}\n`);
  return running;
}

/** Seconds of a tone of 500 Hz as a WAV file: 8000 Hz, 16 bit, mono. */
function wave(seconds: number): Buffer {
  const samples = 8000 * seconds;
  const file = Buffer.alloc(44 + 2 * samples);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + 2 * samples, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8000, 24);
  file.writeUInt32LE(16_000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++) {
    file.writeInt16LE(Math.round(8000 * Math.sin((i * Math.PI) / 8)), 44 + 2 * i);
  }
  return file;
}

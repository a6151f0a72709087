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

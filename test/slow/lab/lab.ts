import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Network, mount and process namespaces of our own: nothing of a lab can be seen, met or left behind outside. */
const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
/** Without root the user is mapped to root within. */
const AS_ROOT = process.getuid?.() === 0 ? [] : ['--map-root-user'];
/** Programs of the lab keep time: other work on the machine should not show up as delay in it. */
const URGENT = 'renice -n -15 -p $$ >/dev/null 2>&1;';
const PRIVATE_RUN = 'mount -t tmpfs tmpfs /run && mkdir /run/netns';

export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { env: systemPath() }).status === 0;
}

/** Why a suite that needs these programs cannot run here; null when it can. */
export function whyNot(programs: readonly string[]): string | null {
  if (process.platform !== 'linux') return 'it needs Linux';
  const missing = ['unshare', 'nsenter', 'ip', 'tcpdump', ...programs].filter((name) => !hasProgram(name));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const script = `${PRIVATE_RUN} && ip netns add a && ip link add x netns a type veth peer name y`;
  const probe = spawnSync('unshare', [...AS_ROOT, ...NAMESPACES, 'sh', '-c', script], {
    encoding: 'utf8',
    env: systemPath(),
  });
  if (probe.status === 0) return null;
  return `namespaces are refused: ${(probe.stderr.trim().split('\n')[0] ?? '').slice(0, 120)}`;
}

/** The name of a suite, with the reason why it is skipped. */
export function titled(name: string, reason: string | null): string {
  return reason === null ? name : `${name} (skipped: ${reason})`;
}

function systemPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
}

/** A program that runs in a host of the lab. */
export interface Running {
  child: ChildProcess;
  log: string;
  /** Asks it to end, and waits for that. */
  stop(signal?: 'INT' | 'TERM'): Promise<void>;
  ended: Promise<number | null>;
}

/**
 * Hosts (network namespaces) joined by links, on this machine. Everything hangs on one process that ends when its
 * standard input does: also when the test is killed, the kernel takes down programs, links and namespaces.
 */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'earshot-lab-'));
  private readonly holder: ChildProcess;
  private inside = 0;
  private started = 0;

  constructor() {
    this.holder = spawn(
      'unshare',
      [...AS_ROOT, ...NAMESPACES, 'sh', '-c', `${PRIVATE_RUN} && echo up && exec cat`],
      { stdio: ['pipe', 'pipe', 'inherit'], env: systemPath() },
    );
  }

  /** Waits until the lab stands, and adds hosts to it. */
  async open(...hosts: string[]): Promise<void> {
    await said(this.holder, 'up');
    this.inside = childOf(this.holder.pid!);
    for (const host of hosts) {
      this.must('ip', 'netns', 'add', host);
      this.must('ip', '-n', host, 'link', 'set', 'lo', 'up');
    }
  }

  /** A cable between two hosts, with an address (`10.0.0.1/24`) at each end. Its ends are `to-b` in host a, `to-a` in b. */
  link(a: string, addressA: string, b: string, addressB: string): void {
    const peer = ['peer', 'name', `to-${a}`, 'netns', b];
    this.must('ip', 'link', 'add', 'name', `to-${b}`, 'netns', a, 'type', 'veth', ...peer);
    for (const [host, device, address] of [
      [a, `to-${b}`, addressA],
      [b, `to-${a}`, addressB],
    ] as const) {
      this.must('ip', '-n', host, 'address', 'add', address, 'dev', device);
      this.must('ip', '-n', host, 'link', 'set', device, 'up');
    }
  }

  route(host: string, network: string, via: string): void {
    this.must('ip', '-n', host, 'route', 'add', network, 'via', via);
  }

  /** The host passes packets on between its links. */
  forward(host: string): void {
    this.must('ip', 'netns', 'exec', host, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  }

  /** What a rule of policy routing picks (`from 10.0.0.1 ipproto udp`) leaves the host by way of another neighbour. */
  detour(host: string, rule: string, via: string): void {
    this.must('ip', '-n', host, 'rule', 'add', ...rule.split(' '), 'lookup', '100');
    this.must('ip', '-n', host, 'route', 'add', 'default', 'via', via, 'table', '100');
  }

  /** The host takes packets wherever they come from. */
  acceptAnywhere(host: string): void {
    const files = '/proc/sys/net/ipv4/conf/*/rp_filter';
    this.must('ip', 'netns', 'exec', host, 'sh', '-c', `for each in ${files}; do echo 0 > $each; done`);
  }

  /** Lets a device of the host send no faster than a token bucket (tbf) allows. */
  narrow(host: string, device: string, bucket: string): void {
    this.must('tc', '-n', host, 'qdisc', 'add', 'dev', device, 'root', 'tbf', ...bucket.split(' '));
  }

  /** What the host does to packets from now on, as a table of nftables: `ip` family, chains with rules. */
  filter(host: string, table: string): void {
    const file = this.write(`${host}.nft`, table);
    this.must('ip', 'netns', 'exec', host, 'nft', '-f', file);
  }

  /** How many packets each rule with a counter has met, in order. */
  counted(host: string): number[] {
    const { stdout } = this.in('ip', 'netns', 'exec', host, 'nft', 'list', 'ruleset');
    return [...stdout.matchAll(/counter packets (\d+)/g)].map(([, packets]) => Number(packets));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string | Uint8Array): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  /** Starts a program in a host. */
  start(host: string, command: readonly string[]): Running {
    const number = ++this.started;
    const log = this.path(`${number}-${host}-${command[0]!.split('/').pop()}.log`);
    const pidFile = this.path(`${number}.pid`);
    const script = `echo $$ >"$0"; ${URGENT} exec ip netns exec "$@"`;
    const child = spawn('nsenter', [...this.entering(), 'sh', '-c', script, pidFile, host, ...command], {
      cwd: this.folder,
      stdio: ['pipe', openSync(log, 'w'), openSync(log, 'a')],
      env: systemPath(),
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const stop = async (signal: 'INT' | 'TERM' = 'TERM'): Promise<void> => {
      if (child.exitCode === null) this.in('kill', `-${signal}`, readFileSync(pidFile, 'utf8').trim());
      await ended;
    };
    return { child, log, stop, ended };
  }

  /** Ends everything in the lab and removes its files. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.holder.on('close', resolve));
    if (this.holder.exitCode === null) {
      this.holder.stdin!.end();
      await ended;
    }
    if (process.env.EARSHOT_KEEP_LABS === undefined) rmSync(this.folder, { recursive: true, force: true });
    else process.stderr.write(`lab kept: ${this.folder}\n`);
  }

  private entering(): string[] {
    const user = AS_ROOT.length > 0 ? ['--user', '--preserve-credentials'] : [];
    return ['--target', String(this.inside), ...user, '--net', '--mount', '--pid'];
  }

  private in(...command: string[]): SpawnSyncReturns<string> {
    return spawnSync('nsenter', [...this.entering(), ...command], { encoding: 'utf8', env: systemPath() });
  }

  private must(...command: string[]): void {
    const { status, stderr } = this.in(...command);
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }
}

/** Waits until a program has printed a word. */
function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('close', () => reject(new Error(`it ended before it said "${word}"`)));
    child.stdout!.on('data', (data: Buffer) => {
      if (data.toString().includes(word)) resolve();
    });
  });
}

/** Waits until a log holds a text; says what is in it when it does not within the time. */
export async function logged(
  { log, child }: Running,
  text: string | RegExp,
  limitMs = 15_000,
): Promise<void> {
  for (const begun = performance.now(); performance.now() - begun < limitMs; ) {
    const content = readFileSync(log, 'utf8');
    if (typeof text === 'string' ? content.includes(text) : text.test(content)) return;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`"${text}" did not come up in ${log}:\n${readFileSync(log, 'utf8').slice(-2000)}`);
}

export function waitMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function childOf(parent: number): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) return Number(name);
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error(`process ${parent} has no child`);
}

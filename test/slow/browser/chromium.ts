import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

interface Answer {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** One tab of a Chromium without a screen, driven through a pipe (Chrome DevTools Protocol). */
export class Chromium {
  /** What the page complained about: refused styles and scripts, errors. */
  readonly complaints: string[] = [];
  /** Addresses that pages asked for. */
  readonly requests: string[] = [];
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private session: string | null = null;
  private loaded: () => void = () => {};
  private asked = 0;

  private constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'earshot-chromium-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe'];
    this.child = spawn('chromium', [...flags, `--user-data-dir=${this.folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    (this.child.stdio[4] as Readable).on('data', (bytes: Buffer) => {
      const messages = (rest + bytes.toString('utf8')).split('\0');
      rest = messages.pop() ?? '';
      for (const message of messages) this.heard(JSON.parse(message) as Answer);
    });
  }

  static async start(): Promise<Chromium> {
    const chromium = new Chromium();
    const { targetId } = await chromium.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await chromium.send('Target.attachToTarget', { targetId, flatten: true });
    chromium.session = String(sessionId);
    for (const domain of ['Page', 'Log', 'Runtime', 'Network']) await chromium.send(`${domain}.enable`);
    return chromium;
  }

  /** Opens a page and waits until it is there. */
  async open(url: string, scheme: 'light' | 'dark', width = 1200): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', {
      ...{ width, height: 900, deviceScaleFactor: 1, mobile: false },
    });
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.send('Emulation.setEmulatedMedia', { features });
    const loaded = new Promise<void>((resolve) => {
      this.loaded = resolve;
    });
    await this.send('Page.navigate', { url });
    await loaded;
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.send('Runtime.evaluate', {
      ...{ expression, returnByValue: true, awaitPromise: true },
    });
    return (result as { value: T }).value;
  }

  /** Presses a key. */
  async press(key: string, code: number): Promise<void> {
    const event = { key, code: key, windowsVirtualKeyCode: code };
    const text = key === 'Enter' ? { text: '\r' } : {};
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** What can be seen of the page, as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(String(data), 'base64');
  }

  /** The page on paper, as PDF. */
  async printed(): Promise<Buffer> {
    const { data } = await this.send('Page.printToPDF', {});
    return Buffer.from(String(data), 'base64');
  }

  /** Whether pages opened from now on may run scripts. */
  async allowScripts(allowed: boolean): Promise<void> {
    await this.send('Emulation.setScriptExecutionDisabled', { value: !allowed });
  }

  async close(): Promise<void> {
    const over = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await over;
    // Its other processes die after it, and write until then.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }

  private send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const id = ++this.asked;
    const session = this.session === null ? {} : { sessionId: this.session };
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  private heard(answer: Answer): void {
    if (answer.id !== undefined) {
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    } else if (answer.method === 'Page.loadEventFired') this.loaded();
    else if (answer.method === 'Network.requestWillBeSent') {
      const request = answer.params?.request as { url: string } | undefined;
      if (request !== undefined) this.requests.push(request.url);
    } else if (answer.method === 'Runtime.consoleAPICalled' && answer.params?.type === 'error')
      this.complaints.push(JSON.stringify(answer.params));
    else if (answer.method === 'Log.entryAdded' || answer.method === 'Runtime.exceptionThrown') {
      const text = JSON.stringify(answer.params);
      // Nobody has drawn an icon.
      if (!text.includes('favicon')) this.complaints.push(text);
    }
  }
}

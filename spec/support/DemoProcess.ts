import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle';

const ROOT = join(__dirname, '../..');

const TSX = 'node_modules/tsx/dist/cli.mjs';

/** A run of the demo: a process group of its own, as a terminal gives each command. */
export class DemoProcess {
  static readonly #running = new Set<DemoProcess>();
  readonly #child: ChildProcess;
  /** What was written to stdout, piece by piece as it came, with the time of it. */
  readonly steps: { text: string; atMs: number }[] = [];
  stderr = '';
  /** Resolves with the exit code when the process has ended and all its output was read. */
  readonly ended: Promise<number | null>;
  readonly #listeners = new Set<() => void>();
  #hasEnded = false;

  /** @param isScript - whether it is run as `npm run demo` does, with tsx between the terminal and the demo */
  constructor(args: string[], environment: Record<string, string> = {}, isScript = false) {
    const scripts = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { demo: string } })
      .scripts;
    const path = scripts.demo.replace(/^tsx /, '');
    const program = isScript ? [join(ROOT, TSX), path] : [bundle(path)];
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [...program, ...args], {
      cwd: ROOT,
      env: { PATH, HOME, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    DemoProcess.#running.add(this);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.steps.push({ text, atMs: performance.now() });
      this.#notify();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#notify();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#hasEnded = true;
        DemoProcess.#running.delete(this);
        this.#notify();
        resolve(code);
      });
    });
  }

  /** Ends what a failed spec left behind, tsx and the demo itself. */
  static async killAll(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (demo) => {
        demo.#signal('SIGKILL');
        await demo.ended;
      }),
    );
  }

  get stdout(): string {
    return this.steps.map(({ text }) => text).join('');
  }

  /** Resolves when the text stands in stdout; rejects when the process ends without it. */
  prints(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const isThere = this.stdout.includes(text);
        if (!isThere && !this.#hasEnded) return;
        this.#listeners.delete(look);
        if (isThere) resolve();
        else reject(new Error(`The demo ended without printing ${text}\n${this.stdout}\n${this.stderr}`));
      };
      this.#listeners.add(look);
      look();
    });
  }

  /** Ctrl-C: the terminal sends the signal to the whole group. */
  interrupt(): void {
    this.#signal('SIGINT');
  }

  #signal(signal: 'SIGINT' | 'SIGKILL'): void {
    const { pid } = this.#child;
    if (pid !== undefined) process.kill(-pid, signal);
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

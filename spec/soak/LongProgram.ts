import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** One of our TypeScript files, run in a process of its own for as long as it is given. */
export class LongProgram {
  /** Resolves with the exit code, which is null when the time was up. */
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;

  /** @param file - below spec */
  constructor(file: string, args: string[], maxMs: number) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'spec', file), ...args], {
      cwd: ROOT,
      env: { PATH, HOME },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: maxMs,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', resolve);
    });
  }

  /** Resolves when the text has been printed, or when the program has ended. */
  async printed(text: string): Promise<void> {
    let isEnded = false;
    void this.ended.then(() => (isEnded = true));
    while (!isEnded && !this.stdout.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  signal(): void {
    this.#child.kill('SIGUSR2');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

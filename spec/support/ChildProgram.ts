import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { bundle } from './bundle';

const ROOT = join(__dirname, '../..');
/** It looks at what the import of the package does, and so begins before it. */
const IMPORTS_LATER = 'globalsProgram.ts';

/** How a program ended. */
export interface Ending {
  code: number | null;
  stdout: string;
  stderr: string;
  /** How long it waited for anything after it had said `over`, in milliseconds; its work, and that of others, does not count. */
  afterglowMs: number;
}

/** One of our TypeScript files, run by Node in a process of its own, as a program that uses the package. */
export class ChildProgram {
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #afterglow = '';
  #notify: () => void = () => undefined;

  /**
   * @param file - below spec/support
   * @param maxMs - a program that has not ended by then is ended
   */
  constructor(file: string, args: string[], environment: Record<string, string> = {}, maxMs = 50_000) {
    const { PATH = '', HOME = '' } = process.env;
    const path = join('spec/support', file);
    const program = file === IMPORTS_LATER ? ['--import', 'tsx', path] : [bundle(path)];
    this.#child = spawn(process.execPath, [...program, ...args], {
      cwd: ROOT,
      env: { PATH, HOME, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      timeout: maxMs,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#notify();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#child.stdio[3]?.on('data', (text: Buffer) => (this.#afterglow += text.toString()));
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#notify();
        const afterglowMs = parseFloat(this.#afterglow);
        resolve({ code, stdout: this.#stdout, stderr: this.#stderr, afterglowMs });
      });
    });
  }

  /** What was printed so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** Resolves when the text has been printed; rejects when the program ends without it. */
  printed(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#notify = () => {
        if (this.#stdout.includes(text)) resolve();
        else if (this.#child.exitCode !== null) reject(new Error(`It ended without ${text}\n${this.#stderr}`));
      };
      this.#notify();
    });
  }

  /** Tells the program to go on: a signal keeps nobody alive who waits for it. */
  signal(): void {
    this.#child.kill('SIGUSR2');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

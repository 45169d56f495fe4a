import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Demand, Observation, Residue } from './observe';
import type { Driver } from './playFault';

const ROOT = join(__dirname, '../../..');

/** What is asked of the process: a request, or what is left of those before. */
export interface Question {
  id: number;
  demand?: Demand;
}

/** Makes requests through Node's own fetch in a process of its own, since that keeps sockets after an abort. */
export class FetchProcess implements Driver {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (answer: any) => void>();
  #count = 0;
  #stderr = '';

  private constructor() {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'spec/support/faults/fetchProgram.ts')], {
      cwd: ROOT,
      env: { PATH, HOME },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#child.on('message', ({ id, answer }: { id: number; answer: unknown }) => {
      this.#answers.get(id)?.(answer);
      this.#answers.delete(id);
    });
  }

  static async start(): Promise<FetchProcess> {
    const program = new FetchProcess();
    await new Promise((resolve, reject) => {
      program.#answers.set(0, resolve);
      program.#child.once('exit', () => {
        reject(new Error(program.#stderr));
      });
    });
    return program;
  }

  request(demand: Demand): Promise<Observation> {
    return this.#ask({ demand });
  }

  /** What is left, with all that the process has printed as an error. */
  async residue(): Promise<Residue> {
    const { surprises, resources } = await this.#ask<Residue>({});
    const printed = this.#stderr;
    this.#stderr = '';
    return { surprises: printed ? [...surprises, printed] : surprises, resources };
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #ask<T>(question: Omit<Question, 'id'>): Promise<T> {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, resolve);
      this.#child.send({ id, ...question }, (error) => {
        if (error) reject(error);
      });
    });
  }
}

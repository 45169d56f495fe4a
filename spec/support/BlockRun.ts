import { setTimeout as pause } from 'node:timers/promises';
import { format } from 'node:util';
import { runInThisContext } from 'node:vm';
import ts from 'typescript';
import type { Block } from './docstrings';

/** A block as a function of what it finds around it. */
type Body = (require: (id: string) => unknown, exports: object, console: object, process: object) => Promise<void>;

/** Runs a block in this process, with a console and a standard output of its own. */
export class BlockRun {
  output = '';

  async run({ text }: Block): Promise<void> {
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const body = runInThisContext(`(async (require, exports, console, process) => {${outputText}\n})`) as Body;
    const log = (...values: unknown[]) => (this.output += `${format(...values)}\n`);
    const stdout = { write: (words: string) => (this.output += words) };
    const load: (id: string) => unknown = jest.requireActual;
    await body(load, {}, { log, warn: log, error: log }, { ...process, stdout });
  }

  /** What was printed once it begins as expected, or has not for five seconds; and a little later, should more come. */
  async printed(expected: string): Promise<string> {
    const startedMs = Date.now();
    while (!this.output.startsWith(expected) && Date.now() - startedMs < 5000) await pause(10);
    await pause(30);
    return this.output;
  }
}

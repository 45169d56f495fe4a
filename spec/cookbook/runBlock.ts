import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import * as rxdelta from 'rxdelta';
import type { FakeClient } from 'rxdelta/testing';

/** A block of a page that was run. */
export interface RunBlock {
  /** What it exports. */
  exports: any;
  /** What it prints, a line each; what it writes without a line end goes on the last one. */
  printed: string[];
  /** Resolves when the statements of its top level are done. */
  done: Promise<void>;
}

/**
 * Runs the only TypeScript block of a page that has the words. `createClient` gives it the client.
 *
 * @param file - in docs/coming-from
 */
export function runBlock(file: string, words: string, client: FakeClient): RunBlock {
  const page = readFileSync(join(__dirname, '../../docs/coming-from', file), 'utf8');
  const found = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].filter(([, text = '']) => text.includes(words));
  expect(found).toHaveLength(1);
  // `cjs` has no await at the top level: imports stay outside of the function, what follows goes into it.
  const [, imports = '', rest = ''] = /^((?:import .*\n)*)([^]*)$/.exec(found[0]![1]!)!;
  const isModule = /^export /m.test(rest);
  const source = isModule ? imports + rest : `${imports}export const done = (async () => {\n${rest}\n})();`;
  const { code } = transformSync(source, { loader: 'ts', format: 'cjs', target: 'es2022' });
  const module = { exports: {} as any };
  const printed: string[] = [];
  const log = (...values: unknown[]) => printed.push(values.map(String).join(' '));
  const surroundings = {
    module,
    exports: module.exports,
    require: (id: string): unknown =>
      id === 'rxdelta' ? { ...rxdelta, createClient: () => client } : jest.requireActual(id),
    console: { log, error: log },
    process: { stdout: { write: log } },
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the block is run as it stands on the page
  new Function(...Object.keys(surroundings), code)(...Object.values(surroundings));
  return { exports: module.exports, printed, done: module.exports.done ?? Promise.resolve() };
}

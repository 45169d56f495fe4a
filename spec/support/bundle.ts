import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';
import type { Block } from './docstrings';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, '.cache/programs');
const written = new Map<string, string>();

/**
 * Makes one file of a program and of all that it imports of ours, and gives its path. Node starts that in less than half
 * of the time that it takes with tsx, which translates module by module while the program waits. Packages are left as
 * imports, and are loaded first: a program that must import the package later needs tsx.
 *
 * @param program - a file below the root, or a block of code
 */
export function bundle(program: string | Block): string {
  const isFile = typeof program === 'string';
  const name = isFile ? program : `${program.file}:${program.line}`;
  let path = written.get(name);
  if (path === undefined) {
    path = write(
      join(FOLDER, `${name.replace(/\W/g, '-')}.mjs`),
      isFile
        ? { entryPoints: [join(ROOT, program)] }
        : { stdin: { contents: program.text, loader: 'ts', resolveDir: ROOT, sourcefile: name } },
    );
    written.set(name, path);
  }
  return path;
}

function write(path: string, input: BuildOptions): string {
  // Another worker may write the same program, or start it: the file comes into its place whole.
  const draft = `${path}.${process.pid}`;
  buildSync({
    ...input,
    outfile: draft,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // What tsx would load is there, used or not, under its own names.
    treeShaking: false,
    ignoreAnnotations: true,
    keepNames: true,
    tsconfig: join(ROOT, 'tsconfig.json'),
    absWorkingDir: ROOT,
  });
  renameSync(draft, path);
  return path;
}

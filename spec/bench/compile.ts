import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, 'node_modules/.cache/bench');

/**
 * Compiles the programs of the server and the clients, which shall run without a loader in their processes. Packages are
 * found at run time.
 *
 * @returns the paths of the programs
 */
export async function compile(): Promise<{ server: string; client: string }> {
  await build({
    entryPoints: ['server/main.ts', 'client/main.ts', 'contenders/**/*.ts'].map((name) => join(here, name)),
    outbase: here,
    outdir: target,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    // Not the project's: by its `paths`, rxdelta would be the sources.
    tsconfigRaw: {},
    logLevel: 'warning',
  });
  return { server: join(target, 'server/main.js'), client: join(target, 'client/main.js') };
}

/**
 * Tries the package on other versions than those of the project: the checks of the tarball and the projects of spec/projects,
 * each time with a Node and a TypeScript of its own. Needs a build.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const modules = join(here, 'node_modules');

const runs = [
  { node: '22', typescript: '5.4' },
  { node: '24', typescript: '7.0' },
];

for (const { node, typescript } of runs) {
  const bin = join(modules, `node-${node}/bin`);
  const env = {
    ...process.env,
    PATH: bin + delimiter + process.env.PATH,
    TYPESCRIPT: join(modules, `typescript-${typescript}`),
  };
  for (const script of ['check-package.js', 'check-projects.js']) {
    console.log(`\n== ${script} on Node ${node}, TypeScript ${typescript}`);
    const { status } = spawnSync(join(bin, 'node'), [join(root, '.config', script)], { env, stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}

/**
 * Tries the package on other versions than those of the project: the checks of the tarball and the projects of spec/projects,
 * each time with a Node and a TypeScript of its own; on Node 24 also with Angular 22. Needs a build.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const modules = join(here, 'node_modules');

const checks = [['check-package.js'], ['check-projects.js']];
const runs = [
  { node: '22', typescript: '5.4', scripts: checks },
  { node: '24', typescript: '7.0', scripts: [...checks, ['check-projects.js', '--angular', '22']] },
];

for (const { node, typescript, scripts } of runs) {
  const bin = join(modules, `node-${node}/bin`);
  const env = {
    ...process.env,
    PATH: bin + delimiter + process.env.PATH,
    TYPESCRIPT: join(modules, `typescript-${typescript}`),
  };
  for (const [script, ...args] of scripts) {
    console.log(`\n== ${[script, ...args].join(' ')} on Node ${node}, TypeScript ${typescript}`);
    const { status } = spawnSync(join(bin, 'node'), [join(root, '.config', script), ...args], {
      env,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}

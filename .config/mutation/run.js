/**
 * Which changes of the code no spec notices: `npm run mutation`, or `npm run mutation -- retry` for one group. Each group is
 * tried against its own specs alone, which a change of it should not pass. It takes the better part of an hour, so it is no
 * part of the checks of every change.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { groups } from './stryker.config.js';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
for (const name of Object.keys(groups).filter((group) => wanted.length === 0 || wanted.includes(group))) {
  console.log(`\n== ${name}`);
  const args = [
    join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js'),
    'run',
    join(here, 'stryker.config.js'),
  ];
  const env = { ...process.env, MUTATION_GROUP: name };
  const result = spawnSync(process.execPath, args, { cwd: resolve(here, '../..'), env, stdio: 'inherit' });
  if (result.status !== 0) process.exitCode = 1;
}

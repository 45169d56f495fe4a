/**
 * Builds and packs the package, installs it in an example that has a package.json of its own, and starts that:
 * `node .config/run-example.js angular-chat`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [name = ''] = process.argv.slice(2);
const example = join(root, 'docs/examples', name);
if (!existsSync(join(example, 'package.json'))) end(`There is no example '${name}'`);

if (!existsSync(join(root, 'node_modules'))) npm(root, 'install', '--no-audit', '--no-fund');
npm(root, 'run', '--silent', 'build');
pack();
// npm takes an archive of the same name for the same package, and would leave the old one installed.
rmSync(join(example, 'node_modules/rxdelta'), { recursive: true, force: true });
npm(example, 'install', '--no-audit', '--no-fund');
npm(example, 'start');

/** npm names the archive after the version; the example knows it by one name. */
function pack() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  npm(root, 'pack', '--silent', '--ignore-scripts', '--pack-destination', example);
  renameSync(join(example, `rxdelta-${version}.tgz`), join(example, 'rxdelta.tgz'));
}

function npm(cwd, ...args) {
  const { status } = spawnSync('npm', args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) end(`npm ${args.join(' ')} ended with ${status}`);
}

function end(message) {
  console.error(message);
  process.exit(1);
}

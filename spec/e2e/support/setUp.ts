import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath } from './chromiumPath';
import { folders } from './folders';
import { run } from './run';

/** For the check of accessibility. */
const AXE = 'axe-core@4.14.1';

/** Packs the package, installs it into copies of the examples as a user would, and builds them. */
export default async function setUp(): Promise<void> {
  chromiumPath();
  if (!existsSync(join(folders.root, 'dist/index.js'))) throw new Error('There is no dist: run `npm run build` first');
  const installed = mkdtempSync(join(tmpdir(), 'rxdelta-e2e-'));
  process.env.E2E_FOLDER = installed;
  process.once('exit', () => {
    rmSync(installed, { recursive: true, force: true });
  });
  rmSync(folders.pictures, { recursive: true, force: true });
  mkdirSync(folders.pictures, { recursive: true });
  await timed('packed', () => run('npm', ['pack', '--ignore-scripts', '--pack-destination', installed], folders.root));
  for (const name of ['browser', 'angular-chat']) {
    copy(name, installed);
    await timed(`${name} is installed`, () => install(join(installed, name), name === 'angular-chat' ? [AXE] : []));
    const output = await timed(`${name} is built`, () => run('npm', ['run', 'build'], join(installed, name)));
    writeFileSync(join(installed, name, 'build.log'), output);
  }
}

function copy(name: string, installed: string): void {
  const source = join(folders.examples, name);
  const isMade = /^\/(node_modules|dist|\.angular|[^/]*\.tgz)($|\/)/;
  cpSync(source, join(installed, name), {
    recursive: true,
    filter: (path) => !isMade.test(path.slice(source.length)),
  });
  cpSync(join(installed, 'rxdelta-0.1.0.tgz'), join(installed, name, 'rxdelta.tgz'));
}

async function install(folder: string, others: string[]): Promise<void> {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];
  await run('npm', ['install', ...quiet, '--no-save', ...others], folder);
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
  return result;
}

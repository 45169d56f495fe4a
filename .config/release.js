/**
 * Makes a release of what the changesets say: `npm run release`, or `npm run release -- --dry-run`, which publishes nothing
 * and takes everything back.
 *
 * The tree must be clean and on main. The changesets become a version and its entry in CHANGELOG.md; the checks run; then
 * come a commit, a tag and `npm publish`. Pushing is left to you.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const isDryRun = process.argv.includes('--dry-run');

assert.equal(read('git', 'status', '--porcelain'), '', 'there are changes that are not committed');
assert.equal(read('git', 'branch', '--show-current'), 'main', 'a release is made from main');
const before = read('git', 'rev-parse', 'HEAD');

try {
  run('npx', 'changeset', 'version');
  assert.notEqual(read('git', 'status', '--porcelain'), '', 'there is no changeset: nothing to release');
  run('npm', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
  run('npm', 'run', 'check');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  run('git', 'commit', '--all', '--message', `Version ${version}`);
  run('npm', 'publish', '--access', 'public', ...(isDryRun ? ['--dry-run'] : []));
  if (!isDryRun) {
    run('git', 'tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
    console.log(`\n${version} is published. Now: git push --follow-tags`);
  }
} finally {
  if (isDryRun) run('git', 'reset', '--hard', before);
}

/** What a command prints. */
function read(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')} failed`);
  return stdout.trim();
}

/** Runs a command that prints for itself. */
function run(command, ...args) {
  console.log(`\n== ${command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  assert.equal(status, 0, `${command} ${args.join(' ')} failed`);
}

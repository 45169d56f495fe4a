/**
 * Packs the package as it would be published, and runs the tests of each project in spec/projects on it, in a copy with
 * an installation of its own. Prints a line per project and ends with 1 if one fails. Needs a build.
 *
 * With names only those projects: `npm run projects -- angular`. With `--angular 22` only those that have the versions of
 * Angular 22 in a package.22.json, which then takes the place of package.json; that needs Node 24, so it is `npm run matrix`
 * that calls it so.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const projects = join(root, 'spec/projects');
const temporary = mkdtempSync(join(tmpdir(), 'rxdelta-projects-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const { values: versions, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { angular: { type: 'string' } },
});
const manifest = versions.angular ? `package.${versions.angular}.json` : 'package.json';
const all = readdirSync(projects);
const chosen = all.filter(
  (name) => (names.length === 0 || names.includes(name)) && existsSync(join(projects, name, manifest)),
);
for (const name of names) if (!chosen.includes(name)) fail(`there is no spec/projects/${name}/${manifest}`);
if (chosen.length === 0) fail(`no project has a ${manifest}`);

if (!existsSync(join(root, 'dist/testing/index.js'))) {
  fail('there is no dist: run `npm run build` first');
}
npm(root, 'pack', '--ignore-scripts', '--pack-destination', temporary);
const tarball = join(
  temporary,
  readdirSync(temporary).find((file) => file.endsWith('.tgz')),
);

for (const name of chosen) {
  const folder = join(temporary, name);
  cpSync(join(projects, name), folder, {
    recursive: true,
    filter: (path) => !path.startsWith(join(projects, name, 'node_modules')),
  });
  if (manifest !== 'package.json') renameSync(join(folder, manifest), join(folder, 'package.json'));
  const started = Date.now();
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];
  npm(folder, 'install', ...options, tarball);
  const installedMs = Date.now() - started;
  // What each of the runners says at its end.
  const [, passed] =
    /(?:Tests:? +|[#ℹ] pass |^)([1-9]\d*)(?: passed|$| specs?, 0 failures)/m.exec(npm(folder, 'test')) ?? [];
  if (!passed) fail(`${name} has no tests`);
  const testedMs = Date.now() - started - installedMs;
  console.log(`ok    ${name}: ${passed} tests; installed in ${installedMs} ms, tested in ${testedMs} ms`);
}

function fail(message) {
  console.log(`FAIL  ${message}`);
  process.exit(1);
}

/** Runs npm in a folder, and gives what it printed; when it fails, that is shown and everything ends. */
function npm(cwd, ...args) {
  const env = { ...process.env, NO_COLOR: '1' };
  const { status, stdout, stderr, error } = spawnSync('npm', args, { cwd, encoding: 'utf8', env, timeout: 300_000 });
  if (status !== 0) fail(`npm ${args[0]} in ${basename(cwd)}\n${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}

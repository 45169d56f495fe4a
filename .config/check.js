/**
 * What reads the sources, and what tries the package: the first part of `npm run check`. It runs in two lanes, since most of
 * it keeps one core busy, and each script is heard when it has ended. The specs do not run beside it: some watch the clock.
 */
import { spawn } from 'node:child_process';

const failed = [];

// Both lanes would find the copied types out of date, and write them at once.
await run('node .config/openai-types.js');
await Promise.all([inTurn('lint'), inTurn('types', 'unused', 'build', 'package')]);
console.log(failed.length > 0 ? `\nFailed: ${failed.join(', ')}` : '\nall passed');
process.exitCode = failed.length > 0 ? 1 : 0;

/** Runs scripts of package.json one after another, and begins none once any has failed. */
async function inTurn(...scripts) {
  for (const script of scripts) if (failed.length === 0) await run(`npm run ${script}`);
}

async function run(command) {
  const startedMs = Date.now();
  const child = spawn(command, { stdio: ['ignore', 'pipe', 'pipe'], shell: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  process.stdout.write(said);
  console.log(`== ${command}: ${code === 0 ? 'ok' : 'failed'} after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  if (code !== 0) failed.push(command);
}

/**
 * Everything a commit must pass: `npm run check`. What reads the sources runs in two lanes, since most of it keeps one core
 * busy, and is heard when it has ended. The specs follow by themselves: some of them watch the clock.
 */
import { spawn } from 'node:child_process';

const failed = [];

// Both lanes would find the copied types out of date, and write them at once.
await run('node .config/openai-types.js');
await Promise.all([inTurn('lint'), inTurn('types', 'unused', 'build', 'package')]);
if (failed.length === 0) await run('npm run specs', 'inherit');
console.log(failed.length > 0 ? `\nFailed: ${failed.join(', ')}` : '\nall passed');
process.exitCode = failed.length > 0 ? 1 : 0;

/** Runs scripts of package.json one after another, and begins none once any has failed. */
async function inTurn(...scripts) {
  for (const script of scripts) if (failed.length === 0) await run(`npm run ${script}`);
}

async function run(command, output = 'pipe') {
  const startedMs = Date.now();
  const child = spawn(command, { stdio: ['ignore', output, output], shell: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (said += text));
  const code = await new Promise((resolve) => child.once('close', resolve));
  process.stdout.write(said);
  console.log(`== ${command}: ${code === 0 ? 'ok' : 'failed'} after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  if (code !== 0) failed.push(command);
}

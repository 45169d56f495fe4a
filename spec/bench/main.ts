/**
 * Runs the benchmarks: `npm run bench`, and `npm run bench -- --help` for what can be chosen.
 *
 * One process serves, on loopback; each client has a process of its own, so that compiler, garbage and CPU time are its
 * own. The clients take turns in every round. What is compared are rounds with the same number: the table gives the median
 * of their ratios. A client that loses a character of an answer has failed and has no figures.
 */
import { execFileSync } from 'node:child_process';
import { Child } from './Child.ts';
import { compile } from './compile.ts';
import { install, nodeBinary } from './install.ts';
import type { Listening, RoundRequest, RoundResult } from './messages.ts';
import { HELP, readOptions, type Options } from './readOptions.ts';
import { reportHead } from './reportHead.ts';
import { reportTable } from './reportTable.ts';
import { runWorkload, type WorkloadOutcome } from './runWorkload.ts';

const args = process.argv.slice(2);
const options = optionsOf(args);
if (options?.help) console.log(HELP);
else if (options) await run(options);

function optionsOf(args: string[]): Options | undefined {
  try {
    return readOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exitCode = 1;
    return undefined;
  }
}

async function run({ workloads, contenders, rounds, node }: Options): Promise<void> {
  install();
  const programs = await compile();
  const execPath = node ? nodeBinary(node) : process.execPath;
  const version = execFileSync(execPath, ['--print', 'process.versions.node'], { encoding: 'utf8' }).trim();
  const server = new Child<Listening>(programs.server, [], execPath);
  const { port } = await server.hear();
  const outcomes: WorkloadOutcome[] = [];
  for (const name of workloads) {
    const outcome = await runWorkload(name, {
      contenders,
      rounds,
      startClient: (contender, workload) =>
        new Child<RoundResult, RoundRequest>(programs.client, [contender, workload, `${port}`], execPath),
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    outcomes.push(outcome);
  }
  server.stop();
  console.log(`${reportHead(version, args)}\n\n${reportTable(outcomes, parseInt(version))}`);
  const hasFailed = outcomes.some(({ outcomes }) => [...outcomes.values()].some((outcome) => 'failure' in outcome));
  if (hasFailed) process.exitCode = 1;
}

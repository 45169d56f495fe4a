import { parseArgs } from 'node:util';
import { CONTENDERS, type ContenderName } from './contenders.ts';
import { WORKLOADS } from './workloads.ts';

export type WorkloadName = keyof typeof WORKLOADS;

/** What a run of the benchmarks is to do. */
export interface Options {
  workloads: WorkloadName[];
  contenders: ContenderName[];
  /** Measured rounds. Default: what each workload says. */
  rounds: number | undefined;
  /** The major version of Node that the processes run on. Default: this one. */
  node: number | undefined;
  help: boolean;
}

/**
 * Reads the arguments of the command line.
 *
 * @throws TypeError for an option or a name that is not there, or a number that is none
 */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      workload: { type: 'string', default: Object.keys(WORKLOADS).join() },
      clients: { type: 'string', default: Object.keys(CONTENDERS).join() },
      rounds: { type: 'string' },
      node: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    workloads: namesOf(values.workload, WORKLOADS),
    contenders: namesOf(values.clients, CONTENDERS),
    rounds: countOf(values.rounds),
    node: countOf(values.node),
    help: values.help,
  };
}

/** What `--help` prints. */
export const HELP = `Measures rxdelta, as it is built, against other clients. The table goes to stdout.

npm run bench -- [options]
  --workload <names>  of ${Object.keys(WORKLOADS).join(', ')}
  --clients <names>   of ${Object.keys(CONTENDERS).join(', ')}
  --rounds <count>    measured rounds, instead of what each workload has
  --node 24           runs servers and clients on that version, which npm installs (Linux on x64 only)
  --help`;

function namesOf<Name extends string>(list: string, known: Record<Name, unknown>): Name[] {
  const wanted = list.split(',');
  const wrong = wanted.find((name) => !Object.hasOwn(known, name));
  if (wrong !== undefined) throw new TypeError(`There is no ${wrong}, but ${Object.keys(known).join(', ')}`);
  return (Object.keys(known) as Name[]).filter((name) => wanted.includes(name));
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new TypeError(`${text} is not a number above 0`);
  return count;
}

import { parseArgs } from 'node:util';

export const USAGE = `Streams a model's answer into the terminal.

  npm run demo -- [options] [prompt]

  --api chat|responses   the API to use (chat)
  --model <name>         the model (OPENAI_MODEL, else gpt-4o-mini)
  --tools                offers the model a function, get_weather, and sends it the result
  --cancel-after <n>     closes the connection after n chunks
  --help                 shows this text

With OPENAI_API_KEY or OPENAI_BASE_URL in the environment it asks that server, else a local one that it starts itself.
Ctrl-C closes the connection and exits with 130. An error exits with 1, a wrong option with 2.`;

/** What the command line asks for. */
export interface DemoOptions {
  help: boolean;
  prompt: string;
  api: 'chat' | 'responses';
  model: string;
  tools: boolean;
  /** How many chunks to take before the connection is closed; undefined for all. */
  cancelAfter: number | undefined;
}

/**
 * Reads the command line.
 *
 * @throws Error when it is wrong, with a message for the terminal
 */
export function readOptions(args: string[]): DemoOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      api: { type: 'string', default: 'chat' },
      model: { type: 'string', default: process.env.OPENAI_MODEL?.trim() || 'gpt-4o-mini' },
      tools: { type: 'boolean', default: false },
      'cancel-after': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { api, model, tools, help } = values;
  if (api !== 'chat' && api !== 'responses') throw new Error(`--api is chat or responses, not '${api}'`);
  const prompt = positionals.join(' ') || (tools ? 'What is the weather in Paris?' : 'Write a story about a robot');
  return { help, prompt, api, model, tools, cancelAfter: readCount(values['cancel-after']) };
}

function readCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`--cancel-after is a whole number from 1, not '${text}'`);
}

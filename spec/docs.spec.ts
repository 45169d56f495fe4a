import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIStatusError,
  APIStreamError,
  APIUserAbortError,
  MalformedStreamError,
  StreamTruncatedError,
  type APIError,
  type ConnectionPhase,
  type MalformedReason,
} from 'rxdelta';
import { DEFAULT_TIMEOUTS } from '../lib/client/Timeouts';
import { bundle } from './support/bundle';
import { blocksOf } from './support/docstrings';
import { answer, delta, event, httpChunk, LAST_CHUNK, response, STREAM_HEAD } from './support/wire';
import type { WireRequest } from './support/sockets';
import { WireServer, type WireExchange, type WireScript } from './support/WireServer';

const root = join(__dirname, '..');
const file = 'docs/what-can-go-wrong.md';
const page = readFileSync(join(root, file), 'utf8');

/** All that there are: the compiler misses one that is left out. */
const PHASES: Record<ConnectionPhase, true> = {
  ...{ connect: true, head: true, body: true, idle: true, chunk: true, total: true },
};
const REASONS: Record<MalformedReason, true> = {
  ...{ json: true, 'event-too-large': true, 'content-type': true, encoding: true, protocol: true },
};

const blocks = blocksOf(file);

/** What a block prints when a server answers it. */
interface Run {
  output: string;
  /** What it asked for: method, path, and the body if there is one. */
  asked: unknown[];
}

/** Runs the only block that has the words, in a process of its own. */
async function runBlock(words: string, script: WireScript): Promise<Run> {
  const found = blocks.filter(({ text }) => text.includes(words));
  expect(found).toHaveLength(1);
  const server = await WireServer.start(script);
  const child = spawn(process.execPath, [bundle(found[0]!)], {
    cwd: root,
    env: { PATH: process.env.PATH, OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'the-key' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  try {
    expect(await once(child, 'close')).toEqual([0, null]);
    return { output, asked: server.requests.map(asked) };
  } finally {
    await server.close();
  }
}

function asked({ method, path, body }: WireRequest): unknown[] {
  return body ? [method, path, JSON.parse(body)] : [method, path];
}

/** Sends a stream, and ends its body in good order. */
function send({ socket }: WireExchange, ...events: string[]): void {
  socket.write(STREAM_HEAD + httpChunk(events.join('')) + LAST_CHUNK);
}

/** The events of a Response from one number to another; number 5 ends it. */
function responseEvents(from: number, to: number): string {
  const numbered = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return numbered
    .map((number) => {
      const type = { 0: 'response.created', 5: 'response.completed' }[number] ?? 'response.output_text.delta';
      return event({ type, sequence_number: number, response: { id: 'resp_123' }, delta: `${number}. ` });
    })
    .join('');
}

const checked: string[] = [];

/** A test of the block that has the words, beside the others. */
function block(words: string, what: string, check: (run: (script: WireScript) => Promise<Run>) => Promise<void>): void {
  checked.push(words);
  test.concurrent(what, () => check((script) => runBlock(words, script)), 60_000);
}

describe(`the blocks of code in ${file}`, () => {
  block('switch (error.kind)', 'tell errors apart', async (run) => {
    const cut = await run((exchange) => {
      send(exchange, delta('One '), delta('two'));
    });
    const [one, two, description, log = ''] = cut.output.split('\n');
    expect([one, two, description]).toEqual(['One ', 'two', 'cut after 2 chunks']);
    expect(JSON.parse(log)).toMatchObject({ name: 'StreamTruncatedError', requestId: 'req_1', retryable: true });
    const refused = await run(({ socket }) => socket.write(response(401, 'text/plain', 'No')));
    expect(refused.output).toMatch(/^HTTP 401, code none\n\{.*"message":"HTTP 401 No".*\}\n$/);
  });

  block('AbortSignal.timeout(300_000)', 'set limits', async (run) => {
    const { output } = await run((exchange) => {
      send(exchange, answer('Hello'));
    });
    expect(output).toBe('Hello\n');
  });

  block("afterFirstChunk: 'restart'", 'start a text again', async (run) => {
    const { output, asked } = await run((exchange) => {
      send(exchange, exchange.index === 0 ? delta('One ') + delta('two') : answer('Uno, ', 'due.'));
    });
    expect(output).toBe('One \nOne two\nUno, \nUno, due.\n');
    expect(asked).toHaveLength(2);
  });

  block("finish_reason === 'length'", 'see a finish reason of length', async (run) => {
    const { output, asked } = await run((exchange) => {
      send(exchange, delta('Hel'), delta('lo', 'length'));
    });
    expect(output).toMatch(/^Hello\nThe answer met its limit: .*\n$/);
    expect(asked).toMatchObject([['POST', '/v1/chat/completions', { max_completion_tokens: 50 }]]);
  });

  block("completion: 'lenient'", 'take the end of the body for the end of the answer', async (run) => {
    const { output } = await run((exchange) => {
      send(exchange, delta('Hello'));
    });
    expect(output).toBe('Hello\nThe end of the body\n');
    const broken = await run(({ socket }) =>
      socket.write(STREAM_HEAD + httpChunk(delta('Hello')), () => setTimeout(() => socket.resetAndDestroy(), 50)),
    );
    expect(broken.output).toMatch(/^Hello\nAPIConnectionError: .*\n$/);
  });

  block('resume: true', 'resume a Response', async (run) => {
    const { output, asked } = await run((exchange) => {
      send(exchange, exchange.index === 0 ? responseEvents(0, 2) : responseEvents(3, 5));
    });
    expect(output).toBe('1. \n2. \n3. \n4. \n');
    expect(asked).toMatchObject([
      ['POST', '/v1/responses', { background: true, stream: true }],
      ['GET', '/v1/responses/resp_123?stream=true&starting_after=2'],
    ]);
  });

  block('responses.resume', 'resume a Response of an earlier program', async (run) => {
    const last = event({ type: 'response.completed', sequence_number: 42, response: { id: 'resp_123' } });
    const whole = await run((exchange) => {
      send(exchange, last);
    });
    expect(whole.output).toBe('Whole at event 42\n');
    expect(whole.asked).toEqual([['GET', '/v1/responses/resp_123?stream=true&starting_after=41']]);
    const cut = await run((exchange) => {
      send(exchange, last.replace('completed', 'in_progress'));
    });
    expect(cut.output).toMatch(/^Go on after event 42: StreamTruncatedError: .*\n$/);
  });

  block('responses.cancel', 'cancel a Response', async (run) => {
    const { output, asked } = await run(({ socket }) =>
      socket.write(response(200, 'application/json', JSON.stringify({ id: 'resp_123', status: 'cancelled' }))),
    );
    expect(output).toBe('cancelled\n');
    expect(asked).toEqual([['POST', '/v1/responses/resp_123/cancel']]);
  });

  block('idleMs: 0', 'show errors that are no APIError', async (run) => {
    const { output, asked } = await run(() => undefined);
    expect(output).toMatch(/^RangeError: idleMs must be above 0\nTypeError: No API key: .*\n$/);
    expect(asked).toEqual([]);
  });

  it('are all run', () => {
    expect(blocks.filter(({ text }) => !checked.some((words) => text.includes(words)))).toEqual([]);
  });
});

describe(file, () => {
  /** The lines of a section, below its heading and up to the next. */
  const section = (heading: string) => {
    const [, rest = ''] = page.split(`\n### ${heading}`);
    return rest.split('\n#')[0]!;
  };

  it.each<APIError>([
    new APIConnectionError('', { phase: 'connect' }),
    new APIConnectionTimeoutError('', { phase: 'connect' }),
    new StreamTruncatedError('', { chunkCount: 0 }),
    new APIStatusError('', { status: 500 }),
    new APIStreamError('', { type: 'overloaded_error' }),
    new MalformedStreamError('', { reason: 'json' }),
    new APIUserAbortError(),
  ])('says of $kind whether it is retryable', ({ kind, name, retryable }) => {
    const text = section(`${kind}: \`${name}\``);
    expect(text.includes('Not retryable')).toBe(!retryable);
    expect(/(?<!Not )\bRetryable\b/.test(text)).toBe(retryable);
  });

  it('has a row for each phase and each reason', () => {
    const rowsOf = (heading: string) =>
      [...section(heading).matchAll(/^\| `(?!phase|reason)([\w-]+)` /gm)].map(([, name]) => name);
    expect(rowsOf('connection')).toEqual(['connect', 'head', 'body']);
    expect(rowsOf('timeout')).toEqual(Object.keys(PHASES));
    expect(rowsOf('malformed')).toEqual(Object.keys(REASONS));
  });

  it.each(Object.entries(DEFAULT_TIMEOUTS))('gives the default of %s', (name, limitMs) => {
    const [, value] = new RegExp(`^\\| \`${name}\` +\\| ([^|]+?) +\\|`, 'm').exec(page) ?? [];
    expect(value).toBe(limitMs === Infinity ? 'none' : `${limitMs.toLocaleString('en').replaceAll(',', ' ')} ms`);
  });
});

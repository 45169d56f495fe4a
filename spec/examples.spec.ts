import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { LLMock } from '@copilotkit/aimock';
import { bundle } from './support/bundle';
import { blocksOf } from './support/docstrings';
import { answer, delta, event, httpChunk, LAST_CHUNK, response, sendAnswer, STREAM_HEAD } from './support/wire';
import { WireServer, type WireScript } from './support/WireServer';

const root = join(__dirname, '..');
const folder = join(root, 'docs/examples');
const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
const checked = new Set<string>();
/** Examples that have run as their first lines say. */
const ranAsDocumented = new Set<string>();
/** These explain their failures themselves, and end well. */
const ownFailures = ['any-sse.ts', 'error-handling.ts', 'many-streams.ts', 'retry.ts', 'timeouts.ts'];
const nobodyListens = 'http://127.0.0.1:1/v1';

/** A program that runs in a process of its own. */
class Program {
  output = '';
  errors = '';
  readonly ended: Promise<number | null>;
  readonly #child;
  #notify = () => {};

  constructor(baseURL: string, ...program: string[]) {
    this.#child = spawn(process.execPath, program, {
      cwd: root,
      env: { PATH: process.env.PATH, OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: 'the-key', OPENAI_MODEL: 'the-model' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 50_000,
      killSignal: 'SIGKILL',
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      this.#notify();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
  }

  /** Resolves when the text has been printed. */
  printed(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#notify = () => {
        if (this.output.includes(text)) resolve();
      };
      this.#notify();
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** The first run of an example is by tsx, as its first line says; the others are of a bundle, which starts faster. */
function commandLine(file: string): string[] {
  if (file === 'README.md') return [bundle(blocksOf(file)[0]!)];
  const path = `docs/examples/${file}`;
  if (ranAsDocumented.has(file)) return [bundle(path)];
  ranAsDocumented.add(file);
  return ['--import', 'tsx', path];
}

/** A test of one example, beside the others. */
function example(file: string, what: string, check: () => Promise<void>): void {
  checked.add(file);
  test.concurrent(`${file} ${what}`, check);
}

/** Runs an example to its good end against a server that sends bytes. */
async function runAgainst(
  file: string,
  script: (program: Program, ...parameters: Parameters<WireScript>) => unknown,
  expectedCode = 0,
): Promise<{ program: Program; bodies: any[]; server: WireServer }> {
  const server: WireServer = await WireServer.start((exchange) => script(program, exchange));
  const program = new Program(server.url, ...commandLine(file));
  try {
    const code = await program.ended;
    expect({ code, errors: expectedCode === 0 ? program.errors : '' }).toEqual({ code: expectedCode, errors: '' });
    return { program, bodies: server.requests.map(({ body }) => body && JSON.parse(body)), server };
  } finally {
    program.stop();
    await server.close();
  }
}

/** Runs an example to its good end against a server that plays an API. */
async function runAgainstMock(
  file: string,
  prepare: (mock: LLMock) => void,
): Promise<{ output: string; bodies: any[] }> {
  const mock = new LLMock({ port: 0, chunkSize: 8 });
  prepare(mock);
  const program = new Program(`${await mock.start()}/v1`, ...commandLine(file));
  try {
    const code = await program.ended;
    expect({ code, errors: program.errors }).toEqual({ code: 0, errors: '' });
    return { output: program.output, bodies: mock.getRequests().map(({ body }) => body) };
  } finally {
    program.stop();
    await mock.stop();
  }
}

/** Sends pieces until the client closes the connection: a program that lets it open never ends. */
function sendForever(socket: Socket): void {
  let count = 0;
  const send = () => {
    if (socket.destroyed) return;
    count++;
    if (socket.write(httpChunk(delta(`${count}. `)))) setImmediate(send);
    else socket.once('drain', send);
  };
  socket.write(STREAM_HEAD);
  send();
}

function send(socket: Socket, ...events: string[]): void {
  socket.write(STREAM_HEAD + httpChunk(events.join('')) + LAST_CHUNK);
}

/** A chunk with a part of the first choice. */
function choice(part: object, reason: string | null = null): string {
  return event({ choices: [{ index: 0, delta: part, finish_reason: reason }] });
}

const story = { role: 'user', content: 'Write a story about a robot' };
const weather = { role: 'user', content: 'What is the weather in Paris?' };
const result = JSON.stringify({ city: 'Paris', celsius: 18, sky: 'clear' });

describe('examples', () => {
  test('each has a check', () => {
    expect([...checked].sort()).toEqual(files);
  });

  test.each(files)('%s says what it shows and how to run it', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const [firstLine = ''] = text.split('\n');
    expect(firstLine).toMatch(/^\/\/ [A-Z].*\. Run it: /);
    expect(firstLine).toContain(`Run it: npx tsx docs/examples/${file}`);
    // A program that ends by itself has closed all its connections.
    expect(text).not.toContain('process.exit(');
  });

  test.concurrent.each(files.filter((file) => !ownFailures.includes(file)))(
    '%s says what is wrong when nobody listens',
    async (file) => {
      const program = new Program(nobodyListens, ...commandLine(file));
      expect(await program.ended).toBe(1);
      expect(program.errors).toMatch(/^APIConnectionError: .*ECONNREFUSED.*\n$/);
      expect(program.output).toBe('');
    },
  );

  example('basic.ts', 'prints each piece when it comes', async () => {
    const { program, bodies, server } = await runAgainst('basic.ts', async (running, { socket }) => {
      socket.write(STREAM_HEAD + httpChunk(delta('Once ')));
      await running.printed('Once ');
      socket.write(httpChunk(answer('upon a time.')) + LAST_CHUNK);
    });
    expect(program.output).toBe('Once upon a time.\n');
    expect(bodies).toEqual([{ model: 'the-model', messages: [story], stream: true }]);
    const { method, path, headers } = server.requests[0]!;
    expect([method, path, headers.authorization]).toEqual(['POST', '/v1/chat/completions', 'Bearer the-key']);
  });

  example('async-iteration.ts', 'reads one answer to its end and closes another', async () => {
    const { program, server } = await runAgainst('async-iteration.ts', (_running, { socket, index }) => {
      if (index === 0) sendAnswer(socket, 'A robot ', 'woke. It looked around.');
      else sendForever(socket);
    });
    expect(program.output).toBe('A robot woke. It looked around.\nThe first sentence: 1.\n');
    expect(server.requests).toHaveLength(2);
  });

  example('response-headers.ts', 'prints the head before the body has come', async () => {
    const { program } = await runAgainst('response-headers.ts', async (running, { socket }) => {
      socket.write(STREAM_HEAD);
      await running.printed('Content type: text/event-stream\n');
      socket.write(httpChunk(answer('Once upon a time.')) + LAST_CHUNK);
    });
    const [status, requestId, , text] = program.output.split('\n');
    expect([status, requestId, text]).toEqual(['Status: 200', 'Request id: req_1', 'Once upon a time.']);
  });

  example('cleanup.ts', 'closes four connections', async () => {
    const sockets: Socket[] = [];
    const { program } = await runAgainst('cleanup.ts', async (_running, { socket }) => {
      // The answer waits until the connection before it is closed.
      const before = sockets.at(-1);
      sockets.push(socket);
      if (before && !before.destroyed) await once(before, 'close');
      sendForever(socket);
    });
    expect(sockets).toHaveLength(4);
    expect(new Set(sockets).size).toBe(4);
    expect(program.output).toBe(
      ['unsubscribe', 'takeUntil', 'break', 'the AbortSignal'].map((way) => `Closed by ${way}\n`).join(''),
    );
  });

  example('chunk-fields.ts', 'prints the fields', async () => {
    const { output, bodies } = await runAgainstMock('chunk-fields.ts', (mock) => {
      const usage = { prompt_tokens: 3, completion_tokens: 4 };
      mock.onMessage('robot', { content: 'Beep, said she.', usage, id: 'chatcmpl-1', created: 1_700_000_000 });
    });
    expect(output.split('\n')).toEqual([
      'Answer chatcmpl-1 by the-model, begun at 2023-11-14T22:13:20.000Z',
      'Choice 0, role: assistant',
      'Choice 0, content: "Beep, sa"',
      'Choice 0, content: "id she."',
      'Choice 0, finish reason: stop',
      'Usage: 3 tokens read, 4 written',
      '',
    ]);
    expect(bodies).toMatchObject([{ stream: true, stream_options: { include_usage: true } }]);
  });

  example('accumulating.ts', 'makes one request for several results', async () => {
    const { output, bodies } = await runAgainstMock('accumulating.ts', (mock) => {
      mock.onMessage('robot', { content: 'Beep, said she.' });
    });
    expect(output.split('\n')).toEqual([
      '8 characters so far',
      '15 characters so far',
      'The answer came in 4 chunks; finish reason: stop',
      'Beep, said she.',
      '',
    ]);
    expect(bodies).toHaveLength(1);
  });

  example('function-calling.ts', 'sends the result back', async () => {
    const call = { name: 'get_weather', arguments: '{"city":"Paris"}' };
    const { output, bodies } = await runAgainstMock('function-calling.ts', (mock) => {
      mock.on({ hasToolResult: false }, { toolCalls: [{ id: 'call_1', ...call }] });
      mock.onToolResult('call_1', { content: 'It is clear, at 18 degrees.' });
    });
    expect(output).toBe('The model calls get_weather({"city":"Paris"})\nIt is clear, at 18 degrees.\n');
    expect(bodies).toMatchObject([
      { messages: [weather], tool_choice: 'required', tools: [{ function: { name: 'get_weather' } }] },
      {
        messages: [
          weather,
          { role: 'assistant', tool_calls: [{ type: 'function', id: 'call_1', function: call }] },
          { role: 'tool', tool_call_id: 'call_1', content: result },
        ],
      },
    ]);
    expect(bodies[1]).not.toHaveProperty('tool_choice');
  });

  for (const file of ['function-calling.ts', 'function-calling-legacy.ts']) {
    example(file, 'prints the text of a model that calls nothing, and asks no more', async () => {
      const { program, bodies } = await runAgainst(file, (_running, { socket }) => {
        sendAnswer(socket, 'I cannot ', 'know that.');
      });
      expect(program.output).toBe('I cannot know that.\n');
      expect(bodies).toMatchObject([{ messages: [weather] }]);
    });
  }

  example('function-calling-legacy.ts', 'sends the result back', async () => {
    const { program, bodies } = await runAgainst('function-calling-legacy.ts', (_running, { socket, index }) => {
      if (index === 1) {
        sendAnswer(socket, 'It is clear, ', 'at 18 degrees.');
        return;
      }
      send(
        socket,
        choice({ role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: '' } }),
        choice({ function_call: { arguments: '{"city":' } }),
        choice({ function_call: { arguments: '"Paris"}' } }),
        choice({}, 'function_call'),
        event('[DONE]'),
      );
    });
    expect(program.output).toBe('The model calls get_weather({"city":"Paris"})\nIt is clear, at 18 degrees.\n');
    expect(bodies).toMatchObject([
      { messages: [weather], function_call: { name: 'get_weather' }, functions: [{ name: 'get_weather' }] },
      {
        messages: [
          weather,
          { role: 'assistant', function_call: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
          { role: 'function', name: 'get_weather', content: result },
        ],
      },
    ]);
    expect(bodies[1]).not.toHaveProperty('function_call');
  });

  example('error-handling.ts', 'tells three failures apart and keeps what came', async () => {
    const { output } = await runAgainstMock('error-handling.ts', (mock) => {
      const error = { message: 'There is no such model', code: 'model_not_found' };
      mock.on({ model: 'no-such-model' }, { error, status: 404 });
    });
    expect(output.split('\n')).toEqual([
      expect.stringMatching(/^connection error in phase connect, worth another try: .*ECONNREFUSED/),
      'HTTP 404, code model_not_found, not worth another try: There is no such model',
      'truncated after 2 chunks, worth another try; what came: Once upon',
      '',
    ]);
  });

  example('error-handling.ts', 'explains what a server reports inside a stream', async () => {
    const { program } = await runAgainst('error-handling.ts', (_running, { socket }) => {
      send(socket, delta('Once'), event({ error: { message: 'Too busy', type: 'overloaded_error' } }));
    });
    expect(program.output).toContain('\nstream error, worth another try: Too busy\n');
  });

  example('retry.ts', 'is refused twice and then answered', async () => {
    const program = new Program(nobodyListens, ...commandLine('retry.ts'));
    expect(await program.ended).toBe(0);
    expect(program.errors).toBe('');
    expect(program.output.split('\n')).toEqual([
      expect.stringMatching(/^Attempt 1 failed: .*ECONNREFUSED/),
      expect.stringMatching(/^The next one follows in \d+ ms$/),
      expect.stringMatching(/^Attempt 2 failed: .*ECONNREFUSED/),
      expect.stringMatching(/^The next one follows in \d+ ms$/),
      'Answer: Here I am.',
      '',
    ]);
  });

  example('first-ten-chunks.ts', 'takes ten chunks and closes the connection', async () => {
    const { program, server } = await runAgainst('first-ten-chunks.ts', (_running, { socket }) => {
      sendForever(socket);
    });
    expect(program.output.split('\n')).toEqual([
      ...Array.from({ length: 10 }, (_, index) => `Chunk ${index + 1}: {"content":"${index + 1}. "}`),
      'Done after 10 chunks; the model stops writing.',
      '',
    ]);
    expect(server.requests).toHaveLength(1);
  });

  example('responses-events.ts', 'prints the events of a Response', async () => {
    const { output, bodies } = await runAgainstMock('responses-events.ts', (mock) => {
      const usage = { input_tokens: 3, output_tokens: 4 };
      mock.onMessage('robot', { content: 'Beep, said she.', usage, id: 'resp_1' });
    });
    expect(output.split('\n')).toEqual([
      'Response resp_1 has begun',
      'Output 0: message',
      'Beep, said she.',
      'The text has 15 characters',
      'Response completed; tokens written: 4',
      '',
    ]);
    expect(bodies).toMatchObject([{ model: 'the-model', stream: true }]);
  });

  example('raw-sse.ts', 'prints every field of every event', async () => {
    const { program } = await runAgainst('raw-sse.ts', (_running, { socket }) => {
      send(
        socket,
        ': welcome\n\n',
        'retry: 3000\nid: 7\nevent: chunk\ndata: {"choices":[],\ndata: "n":1}\n\n',
        'data:  [DONE]\n\n',
      );
    });
    expect(program.output).toBe(
      'event: chunk\ndata: {"choices":[],\n"n":1}\nid: 7\nretry: 3000 ms\n\ndata:  [DONE]\n\nThe stream is complete.\n',
    );
  });

  example('raw-sse.ts', 'ends with an error when the stream is cut', async () => {
    const cut = (_running: Program, { socket }: Parameters<WireScript>[0]) => send(socket, delta('Once'));
    const { program } = await runAgainst('raw-sse.ts', cut, 1);
    expect(program.output).toMatch(/^data: .*"Once".*\n\n$/);
    expect(program.errors).toMatch(/^StreamTruncatedError: .+\n$/);
  });

  example('tool-loop.ts', 'calls functions until the model answers, and tells it of errors', async () => {
    const call = (index: number, id: string, text: string) => ({
      tool_calls: [{ index, id, type: 'function', function: { name: 'get_weather', arguments: text } }],
    });
    const rest = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] });
    const { program, bodies } = await runAgainst('tool-loop.ts', (_running, { socket, index }) => {
      if (index === 0) {
        const parts = [call(0, 'a', '{"city":'), call(1, 'b', '{"city":"Os'), rest(0, '"Paris"}'), rest(1, 'lo"}')];
        send(socket, delta('One moment. '), ...parts.map((part) => choice(part)), choice({}, 'tool_calls'));
      } else if (index === 1) {
        send(socket, choice(call(0, 'c', '{"city":"Atlantis"}')), choice({}, 'tool_calls'), event('[DONE]'));
      } else {
        sendAnswer(socket, 'It is warmer ', 'in Paris.');
      }
    });
    const [first, ...others] = program.output.split('\n');
    expect(first).toBe('One moment. get_weather({"city":"Paris"})');
    expect(others).toEqual([
      'get_weather({"city":"Oslo"})',
      'get_weather({"city":"Atlantis"})',
      'It is warmer in Paris.',
      '',
    ]);
    const toolMessages = bodies.map(({ messages }) =>
      messages.filter(({ role }: any) => role === 'tool').map((each: any) => [each.tool_call_id, each.content]),
    );
    const known = [
      ['a', '{"city":"Paris","celsius":18}'],
      ['b', '{"city":"Oslo","celsius":7}'],
    ];
    expect(toolMessages).toEqual([[], known, [...known, ['c', '{"error":"Error: No weather for Atlantis"}']]]);
    expect(bodies[2].messages.map(({ role }: any) => role)).toEqual(
      'user assistant tool tool assistant tool'.split(' '),
    );
  });

  example('function-calling-responses.ts', 'sends the result back', async () => {
    const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'get_weather', arguments: '' };
    const whole = { ...item, arguments: '{"city":"Paris"}' };
    const about = (type: string, more: object) => event({ type: `response.${type}`, output_index: 0, ...more });
    const { program, bodies } = await runAgainst('function-calling-responses.ts', (_running, { socket, index }) => {
      const reply =
        index === 0
          ? [
              about('output_item.added', { item }),
              about('function_call_arguments.delta', { item_id: 'fc_1', delta: '{"city":' }),
              about('function_call_arguments.delta', { item_id: 'fc_1', delta: '"Paris"}' }),
              about('output_item.done', { item: whole }),
            ]
          : [
              about('output_text.delta', { delta: 'It is clear, ' }),
              about('output_text.delta', { delta: 'at 18 °C.' }),
            ];
      const end = { response: { id: `resp_${index}`, output: index === 0 ? [whole] : [] } };
      send(socket, about('created', end), ...reply, about('completed', end));
    });
    expect(program.output).toBe('The model calls get_weather({"city":"Paris"})\nIt is clear, at 18 °C.\n');
    expect(bodies).toMatchObject([
      { tool_choice: 'required', tools: [{ name: 'get_weather' }] },
      {
        previous_response_id: 'resp_0',
        input: [{ type: 'function_call_output', call_id: 'call_1', output: result }],
      },
    ]);
    expect(bodies[1]).not.toHaveProperty('tool_choice');
  });

  example(
    'function-calling-responses.ts',
    'prints the text of a model that calls nothing, and asks no more',
    async () => {
      const { program, bodies } = await runAgainst('function-calling-responses.ts', (_running, { socket }) => {
        const about = (type: string, more: object) => event({ type: `response.${type}`, output_index: 0, ...more });
        const end = { response: { id: 'resp_0', output: [] } };
        const text = about('output_text.delta', { delta: 'I cannot know that.' });
        send(socket, about('created', end), text, about('completed', end));
      });
      expect(program.output).toBe('I cannot know that.\n');
      expect(bodies).toHaveLength(1);
    },
  );

  example('background-response.ts', 'closes the connection, and asks for the rest', async () => {
    let left: Promise<unknown> | undefined;
    const about = (type: string, number: number, more: object) =>
      event({ type: `response.${type}`, sequence_number: number, ...more });
    const { program, bodies, server } = await runAgainst('background-response.ts', async (_running, exchange) => {
      const { socket, index } = exchange;
      if (index === 0) {
        left = once(socket, 'close');
        const created = about('created', 0, { response: { id: 'resp_1' } });
        socket.write(STREAM_HEAD + httpChunk(created + about('output_text.delta', 1, { delta: 'Once ' })));
        return;
      }
      await left;
      const completed = about('completed', 3, { response: { id: 'resp_1', status: 'completed' } });
      send(socket, about('output_text.delta', 2, { delta: 'upon a time.' }), completed);
    });
    expect(program.output.split('\n')).toEqual([
      'Once ',
      'Left resp_1 after event 1',
      'upon a time.',
      'The Response is complete',
      '',
    ]);
    expect(bodies[0]).toMatchObject({ background: true, stream: true });
    expect(server.requests[1]).toMatchObject({
      method: 'GET',
      path: '/v1/responses/resp_1?stream=true&starting_after=1',
    });
  });

  example('reasoning.ts', 'tells the thought from the answer', async () => {
    for (const field of ['reasoning_content', 'reasoning']) {
      const { program } = await runAgainst('reasoning.ts', (_running, { socket }) => {
        send(socket, choice({ [field]: 'Let me ' }), choice({ [field]: 'count.' }), answer('It has ', '366.'));
      });
      expect(program.output).toBe('Thought: Let me count.\nAnswer: It has 366.\n');
    }
  });

  example('slow-consumer.ts', 'lets the server wait', async () => {
    const pieces = Array.from({ length: 30 }, (_, index) => delta(`${index} `)).join('');
    const { program } = await runAgainst('slow-consumer.ts', async (running, { socket }) => {
      socket.write(STREAM_HEAD + httpChunk(pieces));
      // What comes now is not read before the gate is open again, and then makes it close again.
      await running.printed('The server waits\n');
      socket.write(httpChunk(pieces + answer('the end')) + LAST_CHUNK);
    });
    const pause = 'The server waits\nThe server goes on\n';
    expect(program.output).toBe(`${pause}${pause}Stored 61 pieces\n`);
  });

  example('pausing.ts', 'reads nothing during the pause', async () => {
    const { program } = await runAgainst('pausing.ts', async (running, { socket }) => {
      socket.write(STREAM_HEAD + httpChunk(delta('Once upon') + delta(' a time.')));
      await running.printed('Once upon a time.');
      socket.write(httpChunk(answer(' It was over.')) + LAST_CHUNK);
    });
    expect(program.output).toBe('Once upon a time.\n(a pause of a second)\n It was over.\n');
  });

  example('many-streams.ts', 'asks three at a time, and goes on when one fails', async () => {
    let open = 0;
    let mostOpen = 0;
    let haveThreeCome = () => {};
    const threeHaveCome = new Promise<void>((resolve) => (haveThreeCome = resolve));
    const { program, server } = await runAgainst('many-streams.ts', async (_running, { socket, request, index }) => {
      mostOpen = Math.max(mostOpen, ++open);
      if (index === 2) haveThreeCome();
      await threeHaveCome;
      open--;
      if (request.body.includes('Rome')) socket.write(response(403, 'application/json', '{"error":"No"}'));
      else sendAnswer(socket, 'For its ', 'museums.');
    });
    const lines = program.output.split('\n');
    expect(lines.slice(-2)).toEqual(['All 8 done, at most 3 at a time', '']);
    expect(lines.slice(0, -2).sort()).toEqual(
      ['Athens', 'Bern', 'Lisbon', 'Oslo', 'Paris', 'Prague', 'Rome', 'Vienna'].map((city) =>
        city === 'Rome' ? 'Rome: failed, APIStatusError: No' : `${city}: For its museums.`,
      ),
    );
    expect(server.requests).toHaveLength(8);
    expect(mostOpen).toBe(3);
  });

  example('timeouts.ts', 'meets each limit once', async () => {
    const program = new Program(nobodyListens, ...commandLine('timeouts.ts'));
    expect(await program.ended).toBe(0);
    expect(program.errors).toBe('');
    expect(program.output.split('\n')).toEqual([
      'no-head: The head limit of 200 ms passed (phase head), text so far: ""',
      'silent: The idle limit of 200 ms passed (phase idle), text so far: "Once"',
      'keep-alive: The chunk limit of 400 ms passed (phase chunk), text so far: "Once"',
      'keep-alive: The total limit of 600 ms passed (phase total), text so far: "Once"',
      '',
    ]);
  });

  example('any-sse.ts', 'reads two other services', async () => {
    const program = new Program(nobodyListens, ...commandLine('any-sse.ts'));
    expect(await program.ended).toBe(0);
    expect(program.errors).toBe('');
    expect(program.output.split('\n')).toEqual([
      'message_start',
      'piece Here I am.',
      'message_stop',
      '3 ticks, then the connection is closed',
      '',
    ]);
  });

  test.concurrent('README.md begins with a program that prints an answer', async () => {
    const { program, bodies } = await runAgainst('README.md', (_running, { socket }) => {
      sendAnswer(socket, 'Once ', 'upon a time.');
    });
    expect(program.output).toBe('Once upon a time.');
    expect(bodies).toMatchObject([{ messages: [story] }]);
  });
});

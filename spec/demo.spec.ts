import type { Socket } from 'node:net';
import { elementAt, firstValueFrom, ReplaySubject } from 'rxjs';
import { DemoProcess } from './support/DemoProcess.ts';
import { freePort } from './support/freePort';
import { delta, event, httpChunk, LAST_CHUNK, response, STREAM_HEAD } from './support/wire.ts';
import { WireServer, type WireExchange } from './support/WireServer.ts';

const KEY = 'sk-demo-4f9d2c77b1';
const STACK = /\n\s+at /;

describe('the demo', () => {
  let server: WireServer;
  let exchanges: ReplaySubject<WireExchange>;
  let demos: DemoProcess[];

  beforeEach(async () => {
    demos = [];
    exchanges = new ReplaySubject();
    server = await WireServer.start((exchange) => {
      exchanges.next(exchange);
    });
  });

  afterEach(async () => {
    await DemoProcess.killAll();
    await server.close();
    for (const demo of demos) expect(demo.stdout + demo.stderr).not.toContain(KEY);
  });

  /** A run that asks the server of this spec. */
  const run = (...args: string[]) => start(args, environment());
  /** The same by the script of package.json. */
  const runScript = (...args: string[]) => start(args, environment(), true);

  const environment = () => ({ OPENAI_BASE_URL: server.url, OPENAI_API_KEY: KEY });

  function start(args: string[], environment?: Record<string, string>, isScript = false): DemoProcess {
    const demo = new DemoProcess(args, environment, isScript);
    demos.push(demo);
    return demo;
  }

  /** The request with this number, from 0, as soon as it has come; a demo that ends without it fails the spec. */
  const exchange = (demo: DemoProcess, index: number) =>
    Promise.race([
      firstValueFrom(exchanges.pipe(elementAt(index))),
      demo.ended.then((code) => {
        throw new Error(`The demo ended with ${code} before request ${index}\n${demo.stderr}`);
      }),
    ]);

  const bodyOf = ({ request }: WireExchange) => JSON.parse(request.body);

  describe('with a server of its own', () => {
    it('writes each piece of the answer as it comes, then one line with the figures', async () => {
      const demo = runScript('Write a story about a robot');
      const { request, socket } = await exchange(demo, 0);
      expect(request.path).toBe('/v1/chat/completions');
      expect(request.headers.authorization).toBe(`Bearer ${KEY}`);
      expect(JSON.parse(request.body)).toEqual({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'Write a story about a robot' }],
        stream_options: { include_usage: true },
        stream: true,
      });

      // Nothing more is sent until the piece before it stands in the terminal.
      const pieces = ['Once ', 'there ', 'was ', 'a ', 'quiet ', 'robot.'];
      const sentMs: number[] = [];
      socket.write(STREAM_HEAD);
      for (const [index, piece] of pieces.entries()) {
        sentMs.push(performance.now());
        socket.write(httpChunk(delta(piece)));
        await demo.prints(pieces.slice(0, index + 1).join(''));
      }
      socket.write(httpChunk(delta(null, 'stop') + usage(7, 6) + event('[DONE]')) + LAST_CHUNK);

      expect(await demo.ended).toBe(0);
      const steps = demo.steps.slice(0, pieces.length);
      expect(steps.map(({ text }) => text)).toEqual(pieces);
      for (const [index, { atMs }] of steps.entries()) {
        expect(atMs).toBeGreaterThanOrEqual(sentMs[index]!);
        expect(atMs).toBeLessThanOrEqual(sentMs[index + 1] ?? Infinity);
      }
      expect(demo.stdout).toMatch(
        /robot\.\nFirst chunk after \d+ ms · \d+\.\d chunks\/s · usage 7 tokens in, 6 out\n$/,
      );
      expect(demo.stderr).toBe('');
    });

    it('speaks to the Responses API too', async () => {
      const demo = run('--api', 'responses', '--model', 'my-model', 'Tell', 'me');
      const { request, socket } = await exchange(demo, 0);
      expect(request.path).toBe('/v1/responses');
      expect(JSON.parse(request.body)).toEqual({
        model: 'my-model',
        input: [{ role: 'user', content: 'Tell me' }],
        stream: true,
      });

      socket.write(STREAM_HEAD);
      for (const piece of ['Hel', 'lo.']) {
        socket.write(httpChunk(responseEvent({ type: 'response.output_text.delta', delta: piece })));
        await demo.prints(piece);
      }
      socket.write(httpChunk(responseCompleted(3, 2)) + LAST_CHUNK);

      expect(await demo.ended).toBe(0);
      expect(demo.stdout).toMatch(/^Hello\.\nFirst chunk after \d+ ms · .* · usage 3 tokens in, 2 out\n$/);
    });

    it('sends the result of a tool back, and prints the final answer', async () => {
      const demo = run('--tools');
      const first = await exchange(demo, 0);
      expect(bodyOf(first).tools).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }]);
      first.socket.write(
        STREAM_HEAD + httpChunk(toolCallDelta({ id: 'call_1', name: 'get_weather', arguments: '{"ci' })),
      );
      first.socket.write(httpChunk(toolCallDelta({ arguments: 'ty":"Oslo"}' }) + delta(null, 'tool_calls')));
      // The call is printed, and its result too, while the answer still goes on.
      await demo.prints('→ get_weather({"city":"Oslo"})\n← {"city":"Oslo"');
      expect(server.requests).toHaveLength(1);
      first.socket.write(httpChunk(usage(20, 5) + event('[DONE]')) + LAST_CHUNK);

      const second = await exchange(demo, 1);
      const [question, call, result] = bodyOf(second).messages;
      expect(question).toEqual({ role: 'user', content: 'What is the weather in Paris?' });
      expect(call).toEqual({
        role: 'assistant',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
        ],
      });
      expect(result).toEqual({ role: 'tool', tool_call_id: 'call_1', content: expect.stringContaining('Oslo') });
      second.socket.write(
        STREAM_HEAD +
          httpChunk(delta('Wet.') + delta(null, 'stop') + usage(30, 2, 'chatcmpl-2') + event('[DONE]')) +
          LAST_CHUNK,
      );

      expect(await demo.ended).toBe(0);
      expect(server.requests).toHaveLength(2);
      expect(demo.stdout).toMatch(/\nWet\.\nFirst chunk .* · usage 50 tokens in, 7 out\n$/);
    });

    it('does the same through the Responses API', async () => {
      const demo = run('--tools', '--api', 'responses', 'Umbrella?');
      const first = await exchange(demo, 0);
      expect(bodyOf(first).tools).toMatchObject([{ type: 'function', name: 'get_weather' }]);
      const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'get_weather' };
      first.socket.write(
        STREAM_HEAD +
          httpChunk(
            responseEvent({ type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } }) +
              responseEvent({
                type: 'response.output_item.done',
                output_index: 0,
                item: { ...item, arguments: '{"city":"Oslo"}' },
              }),
          ),
      );
      await demo.prints('→ get_weather({"city":"Oslo"})\n');
      first.socket.write(httpChunk(responseCompleted(20, 5)) + LAST_CHUNK);

      const second = await exchange(demo, 1);
      expect(bodyOf(second).input).toEqual([
        { role: 'user', content: 'Umbrella?' },
        { type: 'function_call', call_id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
        { type: 'function_call_output', call_id: 'call_1', output: expect.stringContaining('Oslo') },
      ]);
      const text = responseEvent({ type: 'response.output_text.delta', delta: 'Wet.' });
      second.socket.write(STREAM_HEAD + httpChunk(text + responseCompleted(30, 2, 'resp_2')) + LAST_CHUNK);

      expect(await demo.ended).toBe(0);
      expect(demo.stdout).toMatch(/\nWet\.\nFirst chunk .* · usage 50 tokens in, 7 out\n$/);
    });

    it('closes the connection after as many chunks as it was told', async () => {
      const demo = run('--cancel-after', '3');
      const { socket } = await exchange(demo, 0);
      socket.write(STREAM_HEAD + httpChunk(delta('one ')));
      await demo.prints('one ');
      // The server has more, and does not end its answer.
      socket.write(httpChunk(delta('two ') + delta('three ') + delta('four ')));
      await closed(socket);

      expect(await demo.ended).toBe(0);
      expect(demo.stdout).toMatch(
        /^one two three \nClosed the connection after chunk 3\.\nFirst chunk after \d+ ms · .*\n$/,
      );
      expect(demo.stderr).toBe('');
      expect(server.requests).toHaveLength(1);
    });

    it('does not say that it closed the connection when the answer had fewer chunks', async () => {
      const demo = run('--cancel-after', '30');
      const { socket } = await exchange(demo, 0);
      socket.write(STREAM_HEAD + httpChunk(delta('All of it.') + delta(null, 'stop') + event('[DONE]')) + LAST_CHUNK);

      expect(await demo.ended).toBe(0);
      expect(demo.stdout).toMatch(/^All of it\.\nFirst chunk .* · usage not reported\n$/);
    });
  });

  describe('at Ctrl-C', () => {
    it('closes the connection in the middle of an answer', async () => {
      const demo = runScript();
      const { socket } = await exchange(demo, 0);
      socket.write(STREAM_HEAD + httpChunk(delta('Once ')));
      await demo.prints('Once ');

      const start = performance.now();
      demo.interrupt();
      await closed(socket);
      expect(performance.now() - start).toBeLessThan(1000);

      expect(await demo.ended).toBe(130);
      expect(demo.stdout).toBe('Once \n');
      expect(demo.stderr).toBe('Interrupted: the connection is closed.\n');
    });

    it('closes the connection before the first byte of an answer', async () => {
      const demo = runScript();
      const { socket } = await exchange(demo, 0);

      const start = performance.now();
      demo.interrupt();
      await closed(socket);
      expect(performance.now() - start).toBeLessThan(1000);

      expect(await demo.ended).toBe(130);
      expect(demo.stdout).toBe('\n');
      expect(demo.stderr).toBe('Interrupted: the connection is closed.\n');
    });

    it('does not wait for the local server', async () => {
      const demo = start([], {}, true);
      await demo.prints('lighthouse');

      const startMs = performance.now();
      demo.interrupt();
      expect(await demo.ended).toBe(130);
      expect(performance.now() - startMs).toBeLessThan(1000);
      expect(demo.stderr).toMatch(/\nInterrupted: the connection is closed\.\n$/);
      expect(demo.stderr).not.toMatch(STACK);
    });
  });

  describe('when something goes wrong', () => {
    it('says that nobody listens', async () => {
      const port = await freePort();
      const demo = start([], { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: KEY });
      expect(await demo.ended).toBe(1);
      expect(demo.stderr).toMatch(/^Could not connect.*ECONNREFUSED.*\n$/);
      expect(demo.stderr).toContain(`127.0.0.1:${port}`);
      expect(demo.stdout).toBe('');
    });

    it('says that the key is wrong, and does not show it', async () => {
      const demo = run();
      const { socket } = await exchange(demo, 0);
      const error = { message: `Incorrect API key provided:\n${KEY}.`, type: 'invalid_request_error' };
      socket.write(response(401, 'application/json', JSON.stringify({ error })));

      expect(await demo.ended).toBe(1);
      expect(demo.stderr).toMatch(/^The server refused the request \(status 401\): Incorrect API key provided.*\n$/);
      expect(demo.stdout).toBe('');
    });

    it('says on a line of its own that the answer was cut', async () => {
      const demo = run();
      const { socket } = await exchange(demo, 0);
      socket.write(STREAM_HEAD + httpChunk(delta('Once ')));
      await demo.prints('Once ');
      socket.write(LAST_CHUNK);

      expect(await demo.ended).toBe(1);
      expect(demo.stdout).toBe('Once \n');
      expect(demo.stderr).toMatch(/^The answer was cut after chunk 1: .+\n$/);
      expect(demo.stderr).not.toMatch(STACK);
    });

    it.each([
      ['--api telegraph', "--api is chat or responses, not 'telegraph'"],
      ['--cancel-after 2.5', "--cancel-after is a whole number from 1, not '2.5'"],
      ['--loud', "Unknown option '--loud'"],
    ])('refuses %s', async (args, message) => {
      const demo = run(...args.split(' '));
      expect(await demo.ended).toBe(2);
      expect(demo.stderr).toContain(message);
      expect(demo.stderr).toContain('--help');
      expect(demo.stderr).not.toMatch(STACK);
      expect(demo.stdout).toBe('');
      expect(server.requests).toEqual([]);
    });
  });

  it('explains itself', async () => {
    const demo = run('--help');
    expect(await demo.ended).toBe(0);
    for (const option of [
      '--api',
      '--model',
      '--tools',
      '--cancel-after',
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      '130',
    ]) {
      expect(demo.stdout).toContain(option);
    }
    expect(demo.stderr).toBe('');
    expect(server.requests).toEqual([]);
  });

  describe('without a server in the environment', () => {
    it('tells a story from a local server, at the pace of a model', async () => {
      const demo = start(['Write a story about a robot']);
      expect(await demo.ended).toBe(0);

      expect(demo.stderr).toMatch(/^No OPENAI_API_KEY and no OPENAI_BASE_URL: a local server answers, at http:\S+\n$/);
      expect(demo.stdout).toMatch(
        /robot named .* came home\.\nFirst chunk after \d{3,4} ms · .* · usage 7 tokens in, \d{3} out\n$/s,
      );
      expect(demo.steps.length).toBeGreaterThan(50);
      // No second of it brings more than half of the story.
      const textBy = (ms: number) =>
        demo.steps
          .filter(({ atMs }) => atMs <= demo.steps[0]!.atMs + ms)
          .reduce((size, { text }) => size + text.length, 0);
      const lastMs = demo.steps.at(-1)!.atMs - demo.steps[0]!.atMs;
      expect(lastMs).toBeGreaterThan(2000);
      for (let ms = 1000; ms < lastMs; ms += 250) {
        expect(textBy(ms) - textBy(ms - 1000)).toBeLessThan(demo.stdout.length / 2);
      }
    });

    it('uses a tool with the local server through both APIs', async () => {
      const runs = ['chat', 'responses'].map((api) => start(['--tools', '--api', api, 'What is the weather in Lima?']));
      for (const demo of runs) {
        expect(await demo.ended).toBe(0);
        expect(demo.stdout).toMatch(
          /^→ get_weather\(\{"city":"Lima"\}\)\n← \{.*\}\nIt is .* in Lima right now.*\nFirst chunk /,
        );
      }
    });
  });
});

/** When the client has closed its socket. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else {
      socket.once('close', () => {
        resolve();
      });
    }
  });
}

function usage(input: number, output: number, id = 'chatcmpl-1'): string {
  const tokens = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  return event({ id, object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: tokens });
}

function toolCallDelta({ id, ...call }: { id?: string; name?: string; arguments: string }): string {
  const tool = { index: 0, function: call, ...(id !== undefined && { id, type: 'function' }) };
  const choices = [{ index: 0, delta: { tool_calls: [tool] }, finish_reason: null }];
  return event({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices });
}

function responseEvent(value: { type: string } & Record<string, unknown>): string {
  return `event: ${value.type}\n${event(value)}`;
}

function responseCompleted(input: number, output: number, id = 'resp_1'): string {
  const tokens = { input_tokens: input, output_tokens: output, total_tokens: input + output };
  return responseEvent({
    type: 'response.completed',
    response: { id, status: 'completed', output: [], usage: tokens },
  });
}

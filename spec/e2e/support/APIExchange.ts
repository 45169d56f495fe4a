import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ChatCompletionCreateParams } from 'rxdelta/openai';
import { eventually } from './eventually';

/** One request to the API, and the means to answer it piece by piece. */
export class APIExchange {
  readonly params: ChatCompletionCreateParams;
  readonly authorization: string | undefined;
  readonly #response: ServerResponse;
  #closedAtMs: number | undefined;

  private constructor(request: IncomingMessage, body: string, response: ServerResponse) {
    this.params = JSON.parse(body) as ChatCompletionCreateParams;
    this.authorization = request.headers.authorization;
    this.#response = response;
    response.on('close', () => {
      if (!response.writableFinished) this.#closedAtMs = performance.now();
    });
  }

  static async read(request: IncomingMessage, response: ServerResponse): Promise<APIExchange> {
    return new APIExchange(request, await text(request), response);
  }

  /** A piece of the answer's text. */
  say(content: string): this {
    return this.#delta({ content });
  }

  /** All of an answer. */
  answer(content: string): void {
    this.say(content).finish();
  }

  /** The beginning of a tool call. */
  call(index: number, id: string, name: string): this {
    return this.#delta({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
  }

  /** A piece of a tool call's arguments. */
  argue(index: number, json: string): this {
    return this.#delta({ tool_calls: [{ index, function: { arguments: json } }] });
  }

  /** The last chunks, the usage among them, and the mark of the end. */
  finish(reason: 'stop' | 'tool_calls' = 'stop'): void {
    this.#chunk({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
    this.#chunk({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 } });
    this.#response.end('data: [DONE]\n\n');
  }

  /** An answer that says what is wrong. */
  refuse(status: number, message: string, headers: Record<string, string> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.#response.end(JSON.stringify({ error: { message, type: 'error', code: null, param: null } }));
  }

  /** Ends the body, in order, before the answer is whole. */
  cut(): void {
    this.#response.end();
  }

  /** Breaks the connection. */
  reset(): void {
    this.#response.socket?.resetAndDestroy();
  }

  /** When the other side closed the connection, which it has to do before the end of the answer: `performance.now()`. */
  closed(): Promise<number> {
    return eventually(() => {
      if (this.#closedAtMs === undefined) throw new Error('The connection is still open');
      return this.#closedAtMs;
    });
  }

  #delta(delta: object): this {
    return this.#chunk({ choices: [{ index: 0, delta, finish_reason: null }] });
  }

  #chunk(fields: object): this {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini', ...fields };
    if (!this.#response.headersSent) this.#response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    return this;
  }
}

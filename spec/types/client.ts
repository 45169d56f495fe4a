/** Compiled, never run: how a client is used, replaced and stood in for. */
import { EMPTY, of, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import {
  ChunkStream,
  createClient,
  FlowGate,
  type ApiKey,
  type Client,
  type ClientOptions,
  type RequestOptions,
  type ResponseHead,
  type Transport,
  type TransportRequest,
} from 'rxdelta';
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
  ResponseCreateParamsStreaming,
  ResponseStreamEvent,
} from 'rxdelta/openai';
import type { IsIdentical } from './IsIdentical';

declare const client: Client;
declare const chunk: ChatCompletionChunk;

// ── parameters: that the answer is streamed goes without saying, and may be said

const params = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] };

export const chat = client.chat.completions.stream(params);
export const streamed = client.chat.completions.stream({ ...params, stream: true });
export const response = client.responses.stream({ model: 'm', input: 'Hello' });
export const streamedResponse = client.responses.stream({ model: 'm', stream: true });
export const verdicts: [
  chat: IsIdentical<typeof chat, ChunkStream<ChatCompletionChunk>>,
  response: IsIdentical<typeof response, ChunkStream<ResponseStreamEvent>>,
] = [true, true];

/** The parameters of OpenAI's own package can be given as they are. */
export const ofOpenAI = (one: ChatCompletionCreateParamsStreaming, other: ResponseCreateParamsStreaming) => [
  client.chat.completions.stream(one),
  client.responses.stream(other),
];

// @ts-expect-error -- a stream cannot be anything else
export const unstreamed = client.chat.completions.stream({ ...params, stream: false });
// @ts-expect-error -- a stream cannot be anything else
export const unstreamedResponse = client.responses.stream({ model: 'm', stream: false });
// @ts-expect-error -- messages are missing
export const noMessages = client.chat.completions.stream({ model: 'm' });
// @ts-expect-error -- there is no such role
export const noRole = client.chat.completions.stream({ model: 'm', messages: [{ role: 'nobody', content: '' }] });
// @ts-expect-error -- there is no such parameter
export const misspelt = client.chat.completions.stream({ ...params, temprature: 1 });

// ── any other endpoint: the chunk is what the caller says

interface Token {
  token: string;
}
export const tokens: ChunkStream<Token> = client.stream<Token>('/tokens', { prompt: 'Hello' });
export const tokensUntil: ChunkStream<Token> = client.stream<Token>(
  '/x',
  {},
  { completion: ({ token }) => token === '' },
);
export const judged: ChunkStream<Token> = client.stream<Token>('/x', {}, { completion: 'strict' });
// @ts-expect-error -- a chunk is an object
export const texts = client.stream<string>('/x', {});
// @ts-expect-error -- a body is an object
export const textBody = client.stream<Token>('/x', 'Hello');
// @ts-expect-error -- only client.stream takes a function
export const chatUntil = client.chat.completions.stream(params, { completion: () => true });

// ── options

export const keys: ApiKey[] = ['sk-1', null, () => 'sk-1', () => Promise.resolve('sk-1'), () => of('sk-1')];
// @ts-expect-error -- a key is text
export const numericKey: ApiKey = () => 7;

export const options: ClientOptions = {
  apiKey: undefined,
  baseURL: undefined,
  headers: { 'x-mine': '1' },
  timeouts: { idleMs: 1000, totalMs: Infinity },
  retry: { maxRetries: 3 },
};
export const requestOptions: RequestOptions = {
  signal: new AbortController().signal,
  gate: new FlowGate(),
  retry: false,
};
// @ts-expect-error -- there is no such limit
export const noLimit: ClientOptions = { timeouts: { connectTimeout: 7 } };
// @ts-expect-error -- the client has no retry to switch off
export const noRetry: ClientOptions = { retry: false };

// ── a client, a stream and a transport can be stood in for

/** What a service asks for, and what its specs give it. */
export const stub: Client = {
  chat: { completions: { stream: () => ChunkStream.of([chunk]) } },
  responses: {
    stream: () => ChunkStream.of<ResponseStreamEvent>([]),
    resume: () => ChunkStream.of<ResponseStreamEvent>([]),
    cancel: () => EMPTY,
  },
  stream: <T>() => ChunkStream.of<T>([]),
};
export const partly: Pick<Client, 'chat'> = {
  chat: { completions: { stream: (asked) => ChunkStream.of([{ ...chunk, model: asked.model }]) } },
};
export const real: Client = createClient();

export function standIns({ cold, hot }: RunHelpers): ChunkStream<ChatCompletionChunk>[] {
  return [
    ChunkStream.of(cold('a-b|', { a: chunk, b: chunk })),
    ChunkStream.of(hot('a-b|', { a: chunk, b: chunk })),
    ChunkStream.of(Promise.resolve(chunk)),
    ChunkStream.of([chunk], { status: 201, requestId: 'req_1' }),
    // @ts-expect-error -- a stream of text is no stream of chunks
    ChunkStream.of(['Hello']),
  ];
}

export const observable: Observable<ChatCompletionChunk> = chat;
export const iterable: AsyncIterable<ChatCompletionChunk> = chat;
export const heads = (head: ResponseHead): [number, string | undefined, string | undefined] => [
  head.status,
  head.requestId,
  head.headers['x-request-id'],
];
export const bare = (source: Observable<ChatCompletionChunk>) => {
  // @ts-expect-error -- an Observable has no response
  source.withResponse();
};

export const transport: Transport = (request: TransportRequest) =>
  of({ status: 200, headers: {}, url: request.url, body: of(new Uint8Array()) });
// @ts-expect-error -- a body is made of bytes
export const textTransport: Transport = ({ url }) => of({ status: 200, headers: {}, url, body: of('Hello') });

// ── a stream or a gate of the package's other copy is as good: no member of theirs is private

type IsStructural<T> = Pick<T, keyof T> extends T ? true : false;
export const isStructural: [stream: IsStructural<ChunkStream<Token>>, gate: IsStructural<FlowGate>] = [true, true];

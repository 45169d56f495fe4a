import type { ChunkStream } from '../chunks/ChunkStream.ts';
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
  ResponseCreateParamsStreaming,
  ResponseStreamEvent,
} from '../openai/index.ts';
import type { RequestOptions } from './RequestOptions.ts';

/** The parameters of a streaming endpoint; that the answer is streamed goes without saying. */
export type StreamParams<P extends { stream: true }> = Omit<P, 'stream'> & { stream?: true };

/** Makes requests: nothing is sent until the stream that it returns is subscribed. */
export interface Client {
  chat: {
    completions: {
      /**
       * `POST /chat/completions`: the answer as chunks.
       *
       * @see https://platform.openai.com/docs/api-reference/chat/create
       */
      stream(
        params: StreamParams<ChatCompletionCreateParamsStreaming>,
        options?: RequestOptions,
      ): ChunkStream<ChatCompletionChunk>;
    };
  };
  responses: {
    /**
     * `POST /responses`: the answer as events.
     *
     * @see https://platform.openai.com/docs/api-reference/responses/create
     */
    stream(
      params: StreamParams<ResponseCreateParamsStreaming>,
      options?: RequestOptions,
    ): ChunkStream<ResponseStreamEvent>;
  };
  /**
   * `POST` to any other endpoint that streams. It is done at `[DONE]`, at a clean end of the body, or where the given
   * function says so of a chunk, which is emitted first. `completion: 'strict'` judges it as chat chunks or Responses.
   */
  stream<T extends object>(path: string, body: object, options?: StreamOptions<T>): ChunkStream<T>;
}

/** Options of `client.stream`. */
export interface StreamOptions<T> extends Omit<RequestOptions, 'completion'> {
  /** Says of a chunk whether the stream ends with it; or the rule to judge by. Default `lenient`. */
  completion?: 'strict' | 'lenient' | ((chunk: T) => boolean) | undefined;
}

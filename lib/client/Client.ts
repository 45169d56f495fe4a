import type { Observable } from 'rxjs';
import type { ChunkStream } from '../chunks/ChunkStream.ts';
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsStreaming,
  Response,
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
      options?: ResponseStreamOptions,
    ): ChunkStream<ResponseStreamEvent>;
    /**
     * `GET /responses/{id}`: the events of a background Response, from the first or after the one with a given number.
     *
     * @see https://platform.openai.com/docs/guides/background#streaming-a-background-response
     */
    resume(responseId: string, options?: ResumeOptions): ChunkStream<ResponseStreamEvent>;
    /**
     * `POST /responses/{id}/cancel`: ends a background Response at the server, and emits it as it is then. Unsubscribing
     * a stream only drops the connection.
     *
     * @see https://platform.openai.com/docs/api-reference/responses/cancel
     */
    cancel(responseId: string, options?: RequestOptions): Observable<Response>;
  };
  /**
   * `POST` to any other endpoint that streams. It is done at `[DONE]`, at a clean end of the body, or where the given
   * function says so of a chunk, which is emitted first. `completion: 'strict'` judges it as chat chunks or Responses.
   */
  stream<T extends object>(path: string, body: object, options?: StreamOptions<T>): ChunkStream<T>;
}

/** Options of `client.responses.stream`. */
export interface ResponseStreamOptions extends RequestOptions {
  /**
   * For `background: true`: after a break it asks for the rest, so that each event comes once, as if nothing had happened,
   * with the waits of `retry`, whose count starts again with each event. The request itself is never sent again. It holds
   * for the stream, not for its `events()` and `withResponse()`. Default false.
   */
  resume?: boolean | undefined;
}

/** Options of `client.responses.resume`. */
export interface ResumeOptions extends RequestOptions {
  /** The `sequence_number` of the last event that is known. Default: none, all events come. */
  startingAfter?: number | undefined;
}

/** Options of `client.stream`. */
export interface StreamOptions<T> extends Omit<RequestOptions, 'completion'> {
  /** Says of a chunk whether the stream ends with it; or the rule to judge by. Default `lenient`. */
  completion?: 'strict' | 'lenient' | ((chunk: T) => boolean) | undefined;
}

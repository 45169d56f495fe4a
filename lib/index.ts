// ── requests
export { createClient } from './client/createClient.ts';
export type { Client, ResponseStreamOptions, ResumeOptions, StreamOptions, StreamParams } from './client/Client.ts';
export type { ApiKey, ClientOptions } from './client/ClientOptions.ts';
export type { RequestOptions } from './client/RequestOptions.ts';
export type { Timeouts } from './client/Timeouts.ts';

// ── transport: request → bytes
export type { Transport, TransportRequest, TransportResponse } from './transport/Transport.ts';
export { fetchTransport, undiciTransport } from '#transport';
export type { FetchTransportOptions } from './transport/fetchTransport.ts';
export type { UndiciDispatcher, UndiciTransportOptions } from './transport/undiciTransport.ts';
export { FlowGate } from './transport/FlowGate.ts';

// ── sse: bytes → events
export type { ServerSentEvent } from './sse/ServerSentEvent.ts';
export { decodeEvents } from './sse/decodeEvents.ts';
export type { DecodeEventsOptions } from './sse/DecodeEventsOptions.ts';

// ── chunks: events → chunks
export { parseChunks } from './chunks/parseChunks.ts';
export type { StreamChunk } from './chunks/StreamChunk.ts';
export type { ResponseHead } from './chunks/ResponseHead.ts';
export { ChunkStream, type StreamOpener, type StreamResponse } from './chunks/ChunkStream.ts';
export { toAsyncIterable } from './chunks/toAsyncIterable.ts';

// ── operators: chunks → text, tool calls, …
export { contentDeltas, type ContentOptions } from './operators/contentDeltas.ts';
export { accumulateContent } from './operators/accumulateContent.ts';
export { reasoningDeltas } from './operators/reasoningDeltas.ts';
export { accumulateReasoning } from './operators/accumulateReasoning.ts';
export { refusalDeltas } from './operators/refusalDeltas.ts';
export { collectToolCalls } from './operators/collectToolCalls.ts';
export { accumulateToolCalls } from './operators/accumulateToolCalls.ts';
export { ToolArgumentsError, ToolCall } from './operators/ToolCall.ts';
export { accumulateCompletion } from './operators/accumulateCompletion.ts';
export { accumulateResponse } from './operators/accumulateResponse.ts';
export { collectUsage, type UsageOf } from './operators/collectUsage.ts';
export { splitChoices } from './operators/splitChoices.ts';
export { takeChunks } from './operators/takeChunks.ts';
export { concatMapGated, type ConcatMapGatedOptions } from './operators/concatMapGated.ts';
export { untilDone } from './operators/untilDone.ts';
export { retryWithBackoff } from './operators/retryWithBackoff.ts';
export type { RetryNotice, RetryWithBackoffOptions } from './retry/RetryWithBackoffOptions.ts';

// ── errors
export { APIError, type APIErrorKind, type APIErrorOptions } from './errors/APIError.ts';
export {
  APIConnectionError,
  type APIConnectionErrorOptions,
  type ConnectionPhase,
} from './errors/APIConnectionError.ts';
export { APIConnectionTimeoutError } from './errors/APIConnectionTimeoutError.ts';
export { StreamTruncatedError, type StreamTruncatedErrorOptions } from './errors/StreamTruncatedError.ts';
export { APIStatusError, type APIStatusErrorOptions } from './errors/APIStatusError.ts';
export { APIStreamError, type APIStreamErrorOptions } from './errors/APIStreamError.ts';
export {
  MalformedStreamError,
  type MalformedReason,
  type MalformedStreamErrorOptions,
} from './errors/MalformedStreamError.ts';
export { APIUserAbortError } from './errors/APIUserAbortError.ts';
export { isAPIError, type AnyAPIError } from './errors/isAPIError.ts';

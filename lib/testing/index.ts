// ── builders: chat chunks
export { roleChunk, type RoleChunkOptions } from './chat/roleChunk.ts';
export { contentChunk } from './chat/contentChunk.ts';
export { contentChunks, type ContentChunksOptions } from './chat/contentChunks.ts';
export { refusalChunk } from './chat/refusalChunk.ts';
export { reasoningChunk, type ReasoningChunkOptions } from './chat/reasoningChunk.ts';
export { toolCallChunks, type FakeToolCall } from './chat/toolCallChunks.ts';
export { functionCallChunks } from './chat/functionCallChunks.ts';
export { finishChunk, finishChunk as finish } from './chat/finishChunk.ts';
export { usageChunk } from './chat/usageChunk.ts';
export type { ChunkOptions } from './chat/ChunkOptions.ts';
export type { FinishReason } from './chat/chatChunk.ts';

// ── builders: Responses events
export { responseEvents, type FailedEventsOptions, type IncompleteEventsOptions } from './responses/responseEvents.ts';
export type { FakeCustomToolCall, FakeFunctionCall, FakeOutputItem } from './responses/FakeOutputItem.ts';
export type { ResponseEventsOptions } from './responses/ResponseEventsOptions.ts';

// ── marbles
export { chunkMarbles, type ChunkMarbles, type MarbleChunk } from './marbles/chunkMarbles.ts';
export { chunkAssert, type AssertDeepEqual } from './marbles/chunkAssert.ts';
export { describeChunk } from './marbles/describeChunk.ts';

// ── requests without a network
export { fakeTransport, type FakeTransport, type FakeTransportOptions } from './wire/fakeTransport.ts';
export type { BodyPiece, FakeAnswer, FakeBody, FakeResponse } from './wire/FakeAnswer.ts';
export type { ByteCuts } from './wire/cutBytes.ts';
export type { FakeRequest } from './wire/FakeRequest.ts';
export { fakeClient, type FakeClient, type FakeClientAnswer } from './fakeClient.ts';
export type { FakeCall } from './FakeCall.ts';
export type { Answers } from './answersInTurn.ts';
export type { SubscriptionLog } from './logSubscriptions.ts';

// ── real exchanges, again
export { recordTransport, type RecordTransport, type RecordTransportOptions } from './recording/recordTransport.ts';
export { replayTransport, type ReplayTransportOptions } from './recording/replayTransport.ts';
export { serializeRecording } from './recording/serializeRecording.ts';
export { parseRecording } from './recording/parseRecording.ts';
export { RecordingError, type RecordingErrorReason } from './recording/RecordingError.ts';
export type {
  RecordedEnd,
  RecordedError,
  RecordedExchange,
  RecordedPiece,
  RecordedResponse,
  Recording,
} from './recording/Recording.ts';

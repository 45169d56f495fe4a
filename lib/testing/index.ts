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

// ── values → text of events → responses
export { toServerSentEvents } from './toServerSentEvents.ts';
export type { ServerSentEventsOptions } from './ServerSentEventsOptions.ts';
export { pipeToResponse } from './pipeToResponse.ts';
export type { NodeResponse } from './NodeResponse.ts';
export type { SendOptions } from './SendOptions.ts';
export { toResponse } from './toResponse.ts';
export type { ResponseOptions } from './ResponseOptions.ts';

// ── a whole relay
export { relay } from './relay.ts';
export type { NodeRequest } from './relay/NodeRequest.ts';
export type { RelayHandler } from './relay/RelayHandler.ts';
export type { Later, RelayOptions } from './relay/RelayOptions.ts';
export type { RelayEndpoint, RelayParams, RelayRequest } from './relay/RelayRequest.ts';
export type { RelayRefusal } from './RelayRefusal.ts';

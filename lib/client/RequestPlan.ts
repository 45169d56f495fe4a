import type { Observable, SchedulerLike } from 'rxjs';
import type { ResponseHead } from '../chunks/ResponseHead.ts';
import type { Sink } from '../rx/Sink.ts';
import type { ServerSentEvent } from '../sse/ServerSentEvent.ts';
import type { FlowGate } from '../transport/FlowGate.ts';
import type { Transport } from '../transport/Transport.ts';
import type { Call, OutgoingRequest } from './OutgoingRequest.ts';
import type { Timeouts } from './Timeouts.ts';

/** What it takes to make a request. */
export interface RequestPlan {
  /** What is asked for; what is built may be a request for the rest of it. */
  call: Call;
  /** Builds the request for this attempt. */
  build: () => Observable<OutgoingRequest>;
  transport: Transport;
  scheduler: SchedulerLike;
  timeouts: Timeouts;
  maxEventBytes: number | undefined;
  /** That of the caller. */
  gate?: FlowGate | undefined;
  /** That of a loop over the chunks. */
  loop?: FlowGate | undefined;
  signal?: AbortSignal | undefined;
  onResponse?: ((response: ResponseHead) => void) | undefined;
}

/** Makes what reads the events of one answer, for whom its values are for. It may throw, and ends it by completing. */
export type ReadEvents<V> = (target: { closed: boolean }, sink: Sink<V>) => Sink<ServerSentEvent>;

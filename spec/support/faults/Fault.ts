import type { APIErrorKind, ConnectionPhase, MalformedReason, RequestOptions } from 'rxdelta';
import type { Play, Step } from './FaultServer';

/** How a stream is to end. */
export interface Outcome {
  kind: 'complete' | APIErrorKind;
  /** The text of all chunks before the end. Default none. */
  text?: string;
  /** How many chunks there are before the end. Any number unless set. */
  chunks?: number;
  phase?: ConnectionPhase;
  reason?: MalformedReason;
  status?: number;
  code?: string | number | null;
  type?: string | null;
  param?: string | null;
  /** The words of the error, or what is in them and what is not. */
  message?: string;
  messageHas?: string;
  messageLacks?: string;
  requestId?: string;
  retryable?: boolean;
  /** What the server asks to wait; nothing by `none`; the time until a date. */
  retryAfterMs?: number | 'none' | { until: string };
  /** By lower-case name. */
  headers?: Record<string, string>;
  /** Whether the connection is closed, or serves the next request. Default closed. */
  connection?: 'closed' | 'kept';
  /** How long it takes at the least and at the most, in milliseconds. */
  duration?: [number, number];
}

/** What a server does, and how a stream is to end by it. */
export interface Fault {
  name: string;
  play: Step[] | Play;
  endpoint?: 'chat' | 'responses';
  options?: Pick<RequestOptions, 'timeouts' | 'maxEventBytes' | 'completion'>;
  /** How often the prompt stands in the request. Default once. */
  promptTimes?: number;
  expect: Outcome;
  /** How it is to end through Node's own fetch, which hides some breaks, where that differs. */
  throughFetch?: Outcome;
  /** Why a transport cannot have it. */
  notThrough?: { undici?: string; fetch?: string };
  /** A request is made before, whose whole answer leaves its connection in the pool for so long, in milliseconds. */
  afterIdleMs?: number;
  /** It takes seconds: it is played beside the others of this kind. */
  isSlow?: boolean;
}

import type { Observable } from 'rxjs';
import type { FlowGate } from './FlowGate.ts';

/** One HTTP request, ready to be sent. */
export interface TransportRequest {
  /** The HTTP method. */
  method: 'GET' | 'POST';
  /** The whole URL; relative to the page in a browser. */
  url: string;
  /** The headers, by lower-case name. */
  headers: Record<string, string>;
  /** The body, sent as UTF-8. */
  body?: string;
  /** The longest that opening the socket may take, in milliseconds, where the transport opens it. `Infinity`: no limit. */
  connectMs: number;
  /** While it is held, the body is not read. */
  gate?: FlowGate;
}

/** The head of a response, with its body. */
export interface TransportResponse {
  /** The HTTP status code. */
  status: number;
  /** The headers, by lower-case name; those that came several times are joined by a comma. */
  headers: Record<string, string>;
  /** The URL that answered. */
  url: string;
  /**
   * The bytes of the body, free of transfer and content codings. It is read once subscribed, and can be subscribed once.
   * It completes at the end of the body, and ends with an `APIError` when the body breaks.
   */
  body: Observable<Uint8Array>;
}

/**
 * The port through which requests leave: a function that makes a cold Observable of a request.
 *
 * Subscribing sends it. The head is emitted once; errors before it are `APIError`s. The Observable completes when the
 * body has ended. Unsubscribing closes the connection at every stage, silently. Redirects are not followed.
 */
export type Transport = (request: TransportRequest) => Observable<TransportResponse>;

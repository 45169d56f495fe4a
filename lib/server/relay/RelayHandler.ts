import type { NodeResponse } from '../NodeResponse.ts';
import type { NodeRequest } from './NodeRequest.ts';

/** Answers the requests of browsers: a listener of Node's servers, and a `fetch` for those of the web. */
export interface RelayHandler {
  /** With `next`, as Express has it, other paths are left to who comes after; without, they are 404. */
  (request: NodeRequest, response: NodeResponse, next?: () => void): void;
  /** Other paths are 404. The promise is never rejected. */
  fetch: (request: Request) => Promise<Response>;
}

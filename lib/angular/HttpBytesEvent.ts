import type { HttpEventType, HttpUserEvent } from '@angular/common/http';

/** What interceptors see of the body of a stream: the bytes of one read, which no later event repeats. */
export interface HttpBytesEvent extends HttpUserEvent<never> {
  /** An event of an interceptor's own. */
  type: HttpEventType.User;
  /** The bytes, free of codings. A character may be cut between two events. */
  bytes: Uint8Array;
}

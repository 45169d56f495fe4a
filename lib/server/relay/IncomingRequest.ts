import type { Observable } from 'rxjs';

/** A request as it came, whatever server it came to. */
export interface IncomingRequest {
  method: string;
  /** The paths that it may go by, without their queries: where a server is mounted in another, there are two. */
  paths: string[];
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  /** Whether a header came twice that there can be only one of. */
  isAmbiguous: boolean;
  body: Observable<Uint8Array>;
  /** What the server has. */
  raw: unknown;
}

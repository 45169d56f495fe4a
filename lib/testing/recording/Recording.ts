import type { ConnectionPhase } from '../../errors/APIConnectionError.ts';
import type { MalformedReason } from '../../errors/MalformedStreamError.ts';
import type { FakeRequest } from '../wire/FakeRequest.ts';

/** Exchanges as they went over the wire, without credentials and cookies. All times count from the request, in milliseconds. */
export interface Recording {
  /** The version of the format. */
  version: 1;
  /** In the order of the requests. */
  exchanges: RecordedExchange[];
}

/** A request and what came of it. */
export interface RecordedExchange {
  /** The request; the headers that are secret are left out. */
  request: FakeRequest;
  /** The response, if a head came. */
  response?: RecordedResponse;
  /** How it ended, and when. */
  end: RecordedEnd;
}

/** A response as it came. */
export interface RecordedResponse {
  /** When the head came. */
  afterMs: number;
  /** The HTTP status code. */
  status: number;
  /** The headers, by lower-case name; those that are secret are left out. */
  headers: Record<string, string>;
  /** The URL that answered; a credential in its query is `[redacted]`. */
  url: string;
  /** The body, read by read; of a credential in it there are asterisks. */
  body: RecordedPiece[];
}

/** One read of a body: its lines up to each blank one if it is UTF-8, base64 otherwise. */
export type RecordedPiece = { afterMs: number; text: string[] } | { afterMs: number; base64: string };

/** How an exchange ended: by itself, by an error, closed by its reader; or not, when the recording was taken. */
export type RecordedEnd =
  { afterMs: number; how: 'complete' | 'closed' | 'open' } | { afterMs: number; how: 'error'; error: RecordedError };

/** What an error of a transport says. */
export interface RecordedError {
  /** Its `kind`, `unknown` if it had none. */
  kind: string;
  /** Its words, without credentials. */
  message: string;
  /** Of a failed connection: where it failed. */
  phase?: ConnectionPhase;
  /** Of a malformed stream: what was wrong. */
  reason?: MalformedReason;
  /** Whether another request may succeed. */
  retryable?: boolean;
}

import type { Observable } from 'rxjs';
import type { ByteCuts } from './cutBytes.ts';

/** A piece of a body: a chunk or an event, which is written as a server-sent event; bytes; or text, sent as it is. */
export type BodyPiece = object | Uint8Array | string;

/** A body: in time, all at once in pieces, or as a whole. */
export type FakeBody = Observable<BodyPiece> | readonly BodyPiece[] | Uint8Array | string;

/** A response with what differs from a 200 that streams. */
export interface FakeResponse {
  /** The HTTP status code. Default 200. */
  status?: number | undefined;
  /** The headers, in any case; undefined leaves one out. `content-type` is that of the body unless it is here. */
  headers?: Record<string, string | undefined> | undefined;
  /** The URL that answered. Default: that of the request. */
  url?: string | undefined;
  /** The body; any other object is sent as a JSON document. Default empty. */
  body?: FakeBody | Record<string, unknown> | undefined;
  /** The error that comes instead of the head. Default none. */
  error?: Error | undefined;
  /** How long the head takes, in milliseconds of the scheduler. `Infinity`: it never comes. Default 0. */
  headAfterMs?: number | undefined;
  /** Where the bytes of the body are cut into reads. Default: at the pieces of the body. */
  cut?: ByteCuts | undefined;
}

/** What a request is answered: a body, a response, or the error it fails with before there is a response. */
export type FakeAnswer = FakeBody | FakeResponse | Error;

import type { Observable, SchedulerLike } from 'rxjs';
import type { RelayRefusal } from '../RelayRefusal.ts';
import type { RelayParams, RelayRequest } from './RelayRequest.ts';

/** Something, at once or later. */
export type Later<T> = T | PromiseLike<T> | Observable<T>;

/** What a relay allows. */
export interface RelayOptions {
  /** The models that may be asked, or a function that says so. */
  models: readonly string[] | ((model: string, request: RelayRequest) => boolean);
  /** Where the endpoints are: empty, or with a slash in front and none at the end. Default `/v1`. */
  basePath?: string | undefined;
  /** Says whether whoever asks may: `true`, `false` for 401, or a refusal. Default: everybody may. */
  authorize?: ((request: RelayRequest) => Later<boolean | RelayRefusal>) | undefined;
  /** The longest that `authorize` may take, in milliseconds; then it is a 500. Default 10000. */
  authorizeTimeoutMs?: number | undefined;
  /** Makes what is sent to the API, from what was asked and checked: to add a system prompt, for example. */
  prepare?: ((params: RelayParams, request: RelayRequest) => Later<RelayParams>) | undefined;
  /** Pages of other origins that may ask, as `https://example.com`, or a function that says so. Default: none. */
  origins?: readonly string[] | ((origin: string) => boolean) | undefined;
  /**
   * The hosts that may be asked for, in lower case and without ports, as `localhost`. On a machine of your own it is this that
   * keeps out pages which have made their name lead there. Default: all.
   */
  hosts?: readonly string[] | undefined;
  /** The members of a body that are allowed, in place of the default ones. */
  fields?:
    | {
        /** Of `/chat/completions`. */
        chat?: readonly string[] | undefined;
        /** Of `/responses`. */
        responses?: readonly string[] | undefined;
      }
    | undefined;
  /** The types of tools that are allowed. Default: `function` and `custom`, which the browser runs itself. */
  tools?: readonly string[] | undefined;
  /** Whether images and files may be given by URLs that the API's servers fetch. Default false: only as `data:`. */
  remoteURLs?: boolean | undefined;
  /** The most tokens that may be asked for; without a number in the request, the number that is sent. Default: no limit. */
  maxTokens?: number | undefined;
  /** The most choices, `n`. Default 1. */
  maxChoices?: number | undefined;
  /** The largest body. Default 262144. */
  maxBodyBytes?: number | undefined;
  /** The longest that a body may take to come, in milliseconds. Default 10000. */
  bodyTimeoutMs?: number | undefined;
  /**
   * The most requests at a time. Those that `authorize` is asked about are counted apart, so that they keep out nobody who is
   * authorized: as many may wait, and when one more comes, the one that has waited longest is refused. Default 256.
   */
  maxStreams?: number | undefined;
  /** After so much silence a comment is sent, in milliseconds; `Infinity` for none. Default 15000. */
  heartbeatMs?: number | undefined;
  /** A browser that takes nothing for so long is given up, in milliseconds. Default 60000. */
  writeTimeoutMs?: number | undefined;
  /** Told every error that is not the browser's, as it was; for the log. */
  onError?: ((error: unknown, request: RelayRequest) => unknown) | undefined;
  /** Words for an error, in place of the neutral ones: the browser sees them. */
  errorMessage?: ((error: unknown) => string | undefined) | undefined;
  /** Keeps the time of all this. Default `asyncScheduler`. */
  scheduler?: SchedulerLike | undefined;
}

/** Options whose limit of the body is set. */
export type BoundedRelayOptions = RelayOptions & { maxBodyBytes: number };

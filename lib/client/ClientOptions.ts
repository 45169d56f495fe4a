import type { Observable, SchedulerLike } from 'rxjs';
import type { RetryWithBackoffOptions } from '../retry/RetryWithBackoffOptions.ts';
import type { Transport } from '../transport/Transport.ts';
import type { Timeouts } from './Timeouts.ts';

/** A key; a function that is asked once per attempt, and whose first value counts; or null for none at all. */
export type ApiKey = string | null | (() => string | PromiseLike<string> | Observable<string>);

/** Options of `createClient`. */
export interface ClientOptions {
  /**
   * The API key, sent as `authorization: Bearer …`. Default: the environment's `OPENAI_API_KEY`, unless the headers carry
   * `authorization` or `api-key`. A header of your own wins.
   */
  apiKey?: ApiKey | undefined;
  /** Where the API is. Default: the environment's `OPENAI_BASE_URL`, else `https://api.openai.com/v1`. */
  baseURL?: string | undefined;
  /** Sent as `openai-organization`. Default: the environment's `OPENAI_ORG_ID`. */
  organization?: string | undefined;
  /** Sent as `openai-project`. Default: the environment's `OPENAI_PROJECT_ID`. */
  project?: string | undefined;
  /** Sent with every request. */
  headers?: Record<string, string> | undefined;
  /** Added to every URL. */
  query?: Record<string, string> | undefined;
  /** Limits of time, in milliseconds. */
  timeouts?: Partial<Timeouts> | undefined;
  /** The largest event that is read, in bytes of its data. Default 16 MiB. */
  maxEventBytes?: number | undefined;
  /** `lenient` takes the end of the body for the end of the answer, for providers that end so. Default `strict`. */
  completion?: 'strict' | 'lenient' | undefined;
  /** Retries every request, by the operator `retryWithBackoff`. Default: no retry. */
  retry?: RetryWithBackoffOptions | undefined;
  /** What sends the requests. Default: undici on Node, fetch elsewhere. */
  transport?: Transport | undefined;
  /** Keeps the limits and the waits. Default `asyncScheduler`. */
  scheduler?: SchedulerLike | undefined;
  /** Allows `apiKey` in a browser, where every visitor can read it. Default false. */
  dangerouslyAllowBrowser?: boolean | undefined;
}

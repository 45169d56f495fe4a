import type { RelayRefusal } from './RelayRefusal.ts';

/** What ends a request that is not passed on. Its words are ours or the application's. */
export class RefusalError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** A word for programs. */
  readonly code: string;
  /** The member of the body that is wrong. */
  readonly param: string | undefined;

  constructor({ status, message = 'The request is not allowed', code = 'not_allowed' }: RelayRefusal, param?: string) {
    super(message);
    this.status = status >= 400 && status <= 599 ? Math.trunc(status) : 403;
    this.code = code;
    this.param = param;
  }
}

import { later } from './later.ts';
import type { RelayOptions } from './RelayOptions.ts';
import type { RelayRequest } from './RelayRequest.ts';

/** Tells the application's log of an error. A log that fails, now or later, is no concern of the browser's. */
export function tell(error: unknown, request: RelayRequest, { onError }: RelayOptions): void {
  later<unknown>(() => onError?.(error, request)).subscribe({ error: () => undefined });
}

import { fetchTransport as plainFetchTransport, type FetchTransportOptions } from './fetchTransport.ts';
import type { Transport } from './Transport.ts';
import { undiciFailure } from './undiciFailure.ts';

export { environmentVariable, requireKey } from './environment.ts';
export { undiciTransport as defaultTransport, undiciTransport } from './undiciTransport.ts';

/** `fetchTransport` on Node, whose fetch is undici too: its failures carry the same codes. */
export function fetchTransport(options?: FetchTransportOptions): Transport {
  return plainFetchTransport(options, undiciFailure);
}

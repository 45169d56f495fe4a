import type { Transport } from './Transport.ts';
import type { UndiciTransportOptions } from './undiciTransport.ts';

export { fetchTransport as defaultTransport, fetchTransport } from './fetchTransport.ts';

/** Says that undici is not to be had here. */
export function undiciTransport(_options?: UndiciTransportOptions): Transport {
  throw new TypeError('undiciTransport works on Node only; use fetchTransport here');
}

/** A page has no environment. */
export function environmentVariable(_name: string): undefined {
  return undefined;
}

/** A page has no key, but a relay. */
export function requireKey(_baseURL: string): void {
  // Nothing is required.
}

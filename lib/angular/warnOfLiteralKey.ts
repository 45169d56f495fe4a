import type { ClientOptions } from '../client/ClientOptions.ts';
import { isBrowser } from '../client/isBrowser.ts';

/** False in a production build, where the compiler takes out what depends on it. */
declare const ngDevMode: unknown;

/** Says during development that a key which stands in the code of a page is everybody's. The key is not shown. */
export function warnOfLiteralKey({ apiKey, headers }: ClientOptions): void {
  if (typeof ngDevMode !== 'undefined' && !ngDevMode) return;
  const isKeyHeader = (name: string) => /^(authorization|api-key)$/i.test(name);
  const isLiteral = typeof apiKey === 'string' || Object.keys(headers ?? {}).some(isKeyHeader);
  if (isLiteral && isBrowser()) {
    console.warn('rxdelta: every visitor can read the API key of a page. Use a relay, and withApiKey for its tokens.');
  }
}

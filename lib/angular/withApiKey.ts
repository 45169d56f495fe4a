import { inject, Injector, runInInjectionContext, untracked } from '@angular/core';
import type { ApiKey, ClientOptions } from '../client/ClientOptions.ts';
import type { RxDeltaFeature } from './RxDeltaFeature.ts';

/** OpenAI itself, for whose keys a page is no place. */
const OPENAI = /^(https?:)?\/\/api\.openai\.com\b/i;

/**
 * Gives each request the key, or the token of the user, that a function returns: `authorization: Bearer …`.
 *
 * The function is asked at every attempt, so that a retry has the token of its time; it runs in the injection context of
 * the client, and signals that it reads make nothing depend on them. Of an Observable the first value counts. With a
 * `baseURL` of your own this works in browsers, where the token of a user is nothing that the user must not see; for OpenAI
 * itself the client refuses all keys there, unless `dangerouslyAllowBrowser` is set.
 *
 * @param apiKey - gives the key; what it throws becomes the error of the stream
 * @example
 * ```ts
 * import { inject, InjectionToken, type ApplicationConfig, type Signal } from '@angular/core';
 * import { provideRxDelta, withApiKey } from 'rxdelta/angular';
 *
 * const SESSION = new InjectionToken<{ token: Signal<string> }>('SESSION');
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideRxDelta({ baseURL: '/api/openai' }, withApiKey(() => inject(SESSION).token()))],
 * };
 * ```
 */
/* @__NO_SIDE_EFFECTS__ */
export function withApiKey(apiKey: Extract<ApiKey, () => unknown>): RxDeltaFeature {
  return {
    configure: (options): ClientOptions => {
      const injector = inject(Injector);
      const { baseURL } = options;
      const isOwn = baseURL !== undefined && !OPENAI.test(baseURL);
      return {
        ...options,
        ...(isOwn && { dangerouslyAllowBrowser: true }),
        apiKey: () => untracked(() => runInInjectionContext(injector, apiKey)),
      };
    },
  };
}

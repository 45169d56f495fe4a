import { makeEnvironmentProviders, type EnvironmentProviders } from '@angular/core';
import type { ClientOptions } from '../client/ClientOptions.ts';
import { createClient } from '../client/createClient.ts';
import { RXDELTA_CLIENT } from './RXDELTA_CLIENT.ts';
import type { RxDeltaFeature } from './RxDeltaFeature.ts';
import { warnOfLiteralKey } from './warnOfLiteralKey.ts';

/**
 * Provides the client that `injectClient` gives. It is made when it is first injected.
 *
 * @param options - those of `createClient`; of a relay of your own, `baseURL` is all that is needed
 * @param features - `withApiKey(…)`, `withHttpClientInterceptors()`
 * @example
 * ```ts
 * import type { ApplicationConfig } from '@angular/core';
 * import { provideRxDelta } from 'rxdelta/angular';
 *
 * export const appConfig: ApplicationConfig = { providers: [provideRxDelta({ baseURL: '/api/openai', retry: {} })] };
 * ```
 * @see https://angular.dev/guide/di/defining-dependency-providers#library-author-patterns
 */
/* @__NO_SIDE_EFFECTS__ */
export function provideRxDelta(options: ClientOptions = {}, ...features: RxDeltaFeature[]): EnvironmentProviders {
  const makeClient = () => {
    warnOfLiteralKey(options);
    return createClient(features.reduce((configured, { configure }) => configure(configured), options));
  };
  return makeEnvironmentProviders([{ provide: RXDELTA_CLIENT, useFactory: makeClient }]);
}

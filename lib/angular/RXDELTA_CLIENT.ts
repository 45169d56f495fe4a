import { InjectionToken } from '@angular/core';
import type { Client } from '../client/Client.ts';
import { createClient } from '../client/createClient.ts';

/**
 * The token of the client, for tests: `{ provide: RXDELTA_CLIENT, useValue: fakeClient(…) }`. Without a provider it is a
 * client without options.
 *
 * @example
 * ```ts
 * import { RXDELTA_CLIENT } from 'rxdelta/angular';
 * import { contentChunks, fakeClient } from 'rxdelta/testing';
 *
 * export const providers = [{ provide: RXDELTA_CLIENT, useValue: fakeClient([contentChunks('Hello')]) }];
 * ```
 */
export const RXDELTA_CLIENT = /* @__PURE__ */ new InjectionToken<Client>('RXDELTA_CLIENT', {
  providedIn: 'root',
  factory: () => createClient(),
});

import { inject, InjectionToken } from '@angular/core';
import type { Client } from '../client/Client.ts';
import { createClient } from '../client/createClient.ts';

const CLIENT = new InjectionToken<Client>('rxdelta client', { providedIn: 'root', factory: () => createClient() });

/** The client of the injector. */
export function injectClient(): Client {
  return inject(CLIENT);
}

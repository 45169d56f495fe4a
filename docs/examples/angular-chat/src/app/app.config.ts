import { provideBrowserGlobalErrorListeners, type ApplicationConfig } from '@angular/core';
import { provideRxDelta } from 'rxdelta/angular';

/** The browser knows no key: `/api/openai` is the relay of our own server, which adds it. */
export const appConfig: ApplicationConfig = {
  providers: [provideBrowserGlobalErrorListeners(), provideRxDelta({ baseURL: '/api/openai' })],
};

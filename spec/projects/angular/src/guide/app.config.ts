import type { ApplicationConfig } from '@angular/core';
import { provideRxDelta } from 'rxdelta/angular';

export const appConfig: ApplicationConfig = {
  providers: [provideRxDelta({ baseURL: '/api/openai', retry: {} })],
};

import { inject, type ApplicationConfig } from '@angular/core';
import { provideRxDelta, withApiKey } from 'rxdelta/angular';
import { Session } from './session';

export const appConfig: ApplicationConfig = {
  providers: [
    provideRxDelta(
      { baseURL: '/api/openai' },
      withApiKey(() => inject(Session).token()),
    ),
  ],
};

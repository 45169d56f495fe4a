import { provideHttpClient, withInterceptors } from '@angular/common/http';
import type { ApplicationConfig } from '@angular/core';
import { provideRxDelta, rxdeltaInterceptor, withHttpClientInterceptors } from 'rxdelta/angular';
import { authInterceptor } from './auth.interceptor';

export const appConfig: ApplicationConfig = {
  providers: [
    provideHttpClient(withInterceptors([authInterceptor, rxdeltaInterceptor])), // rxdeltaInterceptor last
    provideRxDelta({ baseURL: '/api/openai' }, withHttpClientInterceptors()),
  ],
};

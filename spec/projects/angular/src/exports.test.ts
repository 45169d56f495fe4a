import { VERSION } from '@angular/core';
import * as entry from 'rxdelta/angular';
import { expect, it } from 'vitest';
import { dependencies } from '../package.json';

it('exports these names', () => {
  expect(Object.keys(entry).sort()).toEqual([
    'RXDELTA_CLIENT',
    'contentSignal',
    'injectClient',
    'provideRxDelta',
    'rxdeltaInterceptor',
    'streamSignal',
    'withApiKey',
    'withHttpClientInterceptors',
  ]);
});

it('is tested with the version of Angular that the project names', () => {
  expect(VERSION.full).toBe(dependencies['@angular/core']);
});

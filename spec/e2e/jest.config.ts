/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';
import base from '../../jest.config';

/** The end-to-end tests: `npm run e2e`. They run on the package as it would be published, in a real browser. */
const config: Config = {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/spec/e2e'],
  testMatch: ['<rootDir>/spec/e2e/*.e2e.ts'],
  globalSetup: '<rootDir>/spec/e2e/support/setUp.ts',
  globalTeardown: '<rootDir>/spec/e2e/support/tearDown.ts',
  testTimeout: 60_000,
  // The specs share two cores with a browser.
  maxWorkers: 1,
  verbose: true,
  // What is left running is a fault here.
  forceExit: false,
};

export default config;

import { defineConfig } from 'vitest/config';

const environment = 'jsdom';
const include = ['src/**/*.test.ts'];

/** Every test runs without zone.js, as Angular does unless told otherwise, and with it. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'zoneless', environment, include, setupFiles: ['src/setup.ts'] } },
      { test: { name: 'zone.js', environment, include, setupFiles: ['src/setup.zone.ts'] } },
    ],
  },
});

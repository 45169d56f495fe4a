/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// The specs run as CommonJS and are only transpiled: `npm run types` checks their types.
const compilerOptions = {
  target: 'ES2022',
  module: 'CommonJS',
  moduleResolution: 'Bundler',
  esModuleInterop: true,
  isolatedModules: true,
  verbatimModuleSyntax: false,
  inlineSources: true,
  sourceMap: true,
};

const config: Config = {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  // What hangs is found in a minute as well; a spec that starts many programs may take long on a busy machine.
  testTimeout: 60_000,
  // Jest leaves one core idle, which is half of a small machine.
  maxWorkers: '100%',
  // Node's own fetch opens a socket after an abort and keeps it; spec/process.spec.ts shows that ours are gone.
  forceExit: true,
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: compilerOptions, diagnostics: { ignoreCodes: [151001] } }] },
  // The same names as `paths` in tsconfig.json.
  moduleNameMapper: {
    '^#transport$': '<rootDir>/lib/transport/platform.node.ts',
    '^rxdelta$': '<rootDir>/lib/index.ts',
    '^rxdelta/(.*)$': ['<rootDir>/lib/$1/index.ts', '<rootDir>/lib/$1.ts'],
    // UNDICI=undici-lowest runs the specs on the lowest version that the package allows.
    ...(process.env.UNDICI ? { '^undici/lib/(.*)$': `${process.env.UNDICI}/lib/$1` } : {}),
  },
  // A build or a copy must not shadow the sources, nor its package.json be taken for a second rxdelta.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/docs/', '<rootDir>/.cache/'],
  collectCoverageFrom: ['lib/**/*.ts', '!lib/openai/**', '!**/*.d.ts'],
  coverageProvider: 'v8',
};

export default config;

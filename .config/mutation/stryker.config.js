/**
 * Which changes of the code no spec notices: `npm run mutation`, or `npm run mutation -- --mutate lib/retry/backoff.ts`.
 * It takes many minutes, so it is no part of the checks of every change.
 */
export default {
  mutate: [
    'lib/chunks/completion/Completion.ts',
    'lib/operators/accumulateContent.ts',
    'lib/operators/accumulateText.ts',
    'lib/operators/accumulate.ts',
    'lib/operators/contentDelta.ts',
    'lib/operators/contentText.ts',
    'lib/operators/deltaText.ts',
    'lib/operators/collectToolCalls.ts',
    'lib/operators/ToolCalls.ts',
    'lib/operators/ChatToolCalls.ts',
    'lib/operators/ChoiceToolCalls.ts',
    'lib/operators/ResponseToolCalls.ts',
    'lib/operators/accumulateCompletion.ts',
    'lib/operators/CompletionSnapshot.ts',
    'lib/operators/ChoiceSnapshot.ts',
    'lib/operators/GrowingList.ts',
    'lib/operators/joinFields.ts',
    'lib/operators/mergeDetails.ts',
    'lib/operators/withFields.ts',
    'lib/operators/retryWithBackoff.ts',
    'lib/retry/*.ts',
    'lib/operators/untilDone.ts',
  ],
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: {
    configFile: 'jest.config.ts',
    // What a file is related to is found through `rxdelta`, that is all of it.
    enableFindRelatedTests: false,
    config: {
      // The specs of these files; those on the wire would take hours.
      testMatch: ['<rootDir>/spec/{operators,chunks,retry}/**/*.spec.ts'],
    },
  },
  coverageAnalysis: 'perTest',
  // A constant is not told apart by test: each would take a run of all specs.
  ignoreStatic: true,
  concurrency: 2,
  tempDirName: '.cache/mutation',
  ignorePatterns: ['dist', 'docs', '.cache', '.config/mutation/node_modules'],
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 90, low: 80, break: 80 },
};

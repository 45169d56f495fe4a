/** What is changed, and the specs that should notice: files below lib/ and spec/. */
export const groups = {
  completion: {
    code: ['chunks/completion/Completion'],
    specs: ['chunks/completion/*', 'chunks/parseChunks', 'operators/untilDone', 'client/completion'],
  },
  untilDone: { code: ['operators/untilDone'], specs: ['operators/untilDone'] },
  accumulateContent: {
    code: ['operators/{accumulateContent,accumulateText,accumulate,contentDelta,contentText,deltaText}'],
    specs: ['operators/{accumulateContent,contentDeltas,restart}'],
  },
  collectToolCalls: {
    code: ['operators/{collectToolCalls,ToolCalls,ChatToolCalls,ChoiceToolCalls,ResponseToolCalls}'],
    specs: ['operators/{collectToolCalls,accumulateToolCalls,ChatToolCalls,ResponseToolCalls}'],
  },
  accumulateCompletion: {
    code: [
      'operators/{CompletionSnapshot,ChoiceSnapshot,GrowingList,joinFields,ReasoningDetails,setField,takeFields,usageOf}',
    ],
    specs: ['operators/{accumulateCompletion,sdkHelpers}'],
  },
  retry: {
    code: ['operators/retryWithBackoff', 'retry/*'],
    specs: ['operators/{retryWithBackoff,accumulateContent}', 'retry/*'],
  },
};

const { code, specs } = groups[process.env.MUTATION_GROUP ?? 'completion'];

export default {
  mutate: code.map((name) => `lib/${name}.ts`),
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  jest: {
    configFile: 'jest.config.ts',
    // What a file is related to is found through `rxdelta`, that is all of it.
    enableFindRelatedTests: false,
    config: { testMatch: specs.map((name) => `<rootDir>/spec/${name}.spec.ts`) },
  },
  coverageAnalysis: 'perTest',
  // A constant is not told apart by test: each would take a run of all specs.
  ignoreStatic: true,
  concurrency: Number(process.env.MUTATION_PROCESSES ?? 2),
  tempDirName: '.cache/mutation',
  ignorePatterns: ['dist', 'docs', '.cache', '.config/mutation/node_modules'],
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 90, low: 80, break: 80 },
};

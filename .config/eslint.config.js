import { resolve } from 'node:path';
import js from '@eslint/js';
import rxjs from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

/**
 * Who may import whom: folder of lib → what it may import besides its own files. An item is a folder (`errors`), a module
 * (`retry/retryAfter`) or a platform switch (`#transport`); under `types` it may only be imported with `import type`.
 * Folders that are not listed may not import anything. A folder `index.ts` is the root entry.
 */
const stations = {
  errors: {},
  openai: {},
  rx: {},
  retry: { values: ['rx', 'errors'] },
  sse: { values: ['rx', 'errors'] },
  transport: { values: ['errors', 'retry/retryAfter'] },
  chunks: { values: ['rx', 'sse', 'errors', 'openai', 'transport/FlowGate'], types: ['transport'] },
  operators: {
    values: ['rx', 'chunks/completion', 'errors', 'retry', 'openai', 'transport/FlowGate'],
    types: ['chunks', 'sse'],
  },
  client: {
    values: [
      '#transport',
      'transport/Transport',
      'transport/FlowGate',
      'rx',
      'sse',
      'chunks',
      'operators/retryWithBackoff',
      'retry',
      'errors',
      'openai',
    ],
    types: ['transport'],
  },
  testing: { values: ['client', 'chunks', 'errors'], types: ['openai', 'operators', 'sse', 'transport'] },
  angular: {
    values: ['#transport', 'client', 'operators', 'errors'],
    types: ['chunks', 'openai', 'sse', 'transport'],
  },
  server: {
    values: ['rx', 'operators', 'errors', 'sse', 'transport/FlowGate'],
    types: ['client', 'chunks', 'openai', 'transport'],
  },
};

const everywhere = ['errors', 'openai', 'retry', 'sse', 'transport', 'chunks', 'operators', 'client'];
const root = { values: ['#transport', ...everywhere] };

/** Packages of which only some files may know. All of lib may import rxjs. */
const packages = [
  { name: 'undici', files: ['lib/transport/undici*.ts'] },
  {
    name: 'node:',
    files: ['lib/transport/undici*.ts', 'lib/transport/UndiciExchange.ts', 'lib/transport/decodeContent.ts'],
  },
  { name: 'eventsource-parser', files: ['lib/sse/eventDecoder.ts'] },
  { name: 'eventsource-encoder', files: ['lib/server/**/*.ts'] },
  { name: '@angular', files: ['lib/angular/**/*.ts'] },
];

/**
 * Where the types of a file are found: in the first that has it. Named, they take a fifth less time than when
 * `projectService` looks for them.
 */
const projects = ['tsconfig.json', 'docs/.vitepress/tsconfig.json', 'spec/bench/contenders/peers/tsconfig.json'];

export default defineConfig(
  globalIgnores([
    'dist',
    'coverage',
    '.cache',
    'lib/openai',
    'spec/projects',
    'docs/examples/angular-chat',
    'docs/examples/browser',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked, rxjs.configs.strict],
    languageOptions: { parserOptions: { project: projects, tsconfigRootDir: resolve(import.meta.dirname, '..') } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // An empty string is as good as none.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // It asks for the `!` that no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // The caller of a function like `parsed<T>()` says what it expects: nobody else can know.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Errors are handed on as they came, whatever they are.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // What looks decided to the compiler is not: a callback changes a field meanwhile, a server leaves out a member.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Extending Subscriber is the cheap way to write an operator on the hot path; only its constructor is deprecated.
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', package: 'rxjs', name: 'Subscriber' }] },
      ],
      // ChunkStream is an Observable, so that it can be subscribed and piped like any other.
      'rxjs-x/no-subclass': 'off',
      // A station is subscribed when the one before has given what it needs, and added to the same teardown.
      'rxjs-x/no-nested-subscribe': 'off',
      // A gate never fails, and `Through` passes an error on.
      'rxjs-x/no-ignored-error': 'off',
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: { 'max-lines': ['error', 200] },
  },
  {
    files: ['lib/**/*.ts'],
    ignores: ['**/*.d.ts'],
    rules: { 'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }] },
  },
  stationRule('lib/**/*.ts', '\\.\\./', {}),
  ...Object.entries(stations).flatMap(stationRules),
  stationRule('lib/*.ts', '(\\./(?=[^/]+/)|\\.\\./)', root),
  ...packageRules(),
  {
    files: ['spec/**/*.ts', 'docs/**/*.ts'],
    rules: {
      // Test doubles and answers of servers are loosely typed, and a spec may look at one value of many.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/require-await': 'off',
      'rxjs-x/no-floating-observables': 'off',
      'rxjs-x/no-ignored-default-value': 'off',
      'rxjs-x/no-ignored-error': 'off',
      'rxjs-x/no-ignored-notifier': 'off',
      'rxjs-x/no-ignored-replay-buffer': 'off',
      'rxjs-x/no-ignored-takewhile-value': 'off',
      'rxjs-x/throw-error': 'off',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(['console', 'process', 'setImmediate'].map((name) => [name, 'readonly'])),
    },
  },
);

/** The rule for the files of one folder of lib, and for those of its subfolders, which reach others by one more `../`. */
function stationRules([folder, allowed]) {
  return [
    stationRule(`lib/${folder}/*.ts`, '\\.\\./', allowed),
    stationRule(`lib/${folder}/*/*.ts`, '\\.\\./\\.\\./', allowed),
  ];
}

/** Specifiers that begin with `out` lead to another folder of lib. */
function stationRule(files, out, { values = [], types = [] }) {
  const path = (item) => (item.startsWith('#') ? `${item}$` : `${out}${item}(/|\\.ts$)`);
  const others = {
    regex: `^(?!${one([...values, ...types].map(path))})(${out}|#|rxdelta)`,
    message: `${files} may import ${[...values, ...types].join(', ') || 'nothing of ours'}.`,
  };
  const typesOnly = {
    regex: `^(?!${one(values.map(path))})${one(types.map(path))}`,
    allowTypeImports: true,
    message: `${files} may import ${types.join(', ')} with \`import type\` only.`,
  };
  return {
    files: [files],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [others, typesOnly] }] },
  };
}

/** Matches one of the alternatives; with none there is nothing to match. */
function one(alternatives) {
  return alternatives.length > 0 ? `(${alternatives.join('|')})` : '(?!)';
}

/** No file of lib may import the listed packages, but those that are named there. */
function packageRules() {
  const named = new Set(packages.flatMap(({ files }) => files));
  return ['lib/**/*.ts', ...named].map((file) => {
    const patterns = packages
      .filter(({ files }) => !files.includes(file))
      .map(({ name, files }) => ({ regex: `^${name}`, message: `Only ${files.join(', ')} may import ${name}.` }));
    return { files: [file], rules: { 'no-restricted-imports': ['error', { patterns }] } };
  });
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { sendAnswer } from '../support/wire';
import { WireServer } from '../support/WireServer';

const root = join(__dirname, '../..');
const file = 'docs/testing.md';
const page = readFileSync(join(root, file), 'utf8');
const project = 'spec/projects/vitest-angular/src';

/** The blocks of TypeScript by the name in their first line. */
const blocks = new Map(
  [...page.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name = '', text = '']) => [name, text]),
);
const names = [...blocks.keys()];
const angular = names.filter((name) => name.startsWith('chat.component.'));
const others = names.filter((name) => !angular.includes(name));
const specs = others.filter((name) => name.endsWith('.spec.ts'));

/** A test of a block. */
interface BlockTest {
  name: string;
  run: () => unknown;
}

/** What stands around the blocks when they run. */
interface Surroundings {
  /** Texts in place of blocks, by name. */
  versions?: Record<string, string>;
  /** Modules in place of real ones, by specifier. */
  modules?: Record<string, unknown>;
}

/** Runs a block, and those it imports; gives the tests that it has. */
function load(name: string, { versions = {}, modules = {} }: Surroundings = {}): BlockTest[] {
  const tests: BlockTest[] = [];
  const it = (title: string, run: () => unknown) => tests.push({ name: title, run });
  const loaded: Record<string, unknown> = {};
  const evaluate = (block: string) => {
    const text = versions[block] ?? blocks.get(block);
    if (text === undefined) throw new Error(`There is no block ${block}`);
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const exports = {};
    const load = (id: string) =>
      modules[id] ?? (id.startsWith('./') ? (loaded[id] ??= evaluate(`${id.slice(2)}.ts`)) : jest.requireActual(id));
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a block is run as it stands on the page
    new Function('require', 'exports', 'it', 'expect', outputText)(load, exports, it, expect);
    return exports;
  };
  evaluate(name);
  return tests;
}

async function run(tests: BlockTest[]): Promise<void> {
  for (const test of tests) await test.run();
}

/** What the compiler says of the blocks that are not Angular's, which the project checks. */
function compile(): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['lib/index.ts'] }, ts.sys, root);
  options.moduleDetection = ts.ModuleDetectionKind.Force;
  const modules = new Map(others.map((name) => [join(root, 'docs', name), blocks.get(name)!]));
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name) ?? readFile(name);
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules.keys()].flatMap((name) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

/** The files that the blocks of a run write and read. */
function fakeFiles() {
  const files = new Map<string, string>();
  return {
    files,
    readFileSync: (name: string) => files.get(name),
    writeFileSync: (name: string, text: string) => void files.set(name, text),
  };
}

describe(`the blocks of code in ${file}`, () => {
  it('have names', () => {
    expect(page.match(/^```ts$/gm)).toHaveLength(blocks.size);
    expect(specs).toHaveLength(5);
  });

  it('compile', () => {
    expect(compile()).toEqual([]);
  });

  it.each(specs.filter((name) => name !== 'replay.spec.ts'))('pass: %s', async (name) => {
    const tests = load(name);
    expect(tests.length).toBeGreaterThan(0);
    await run(tests);
  });

  it('record a real answer, and replay it: record.ts, replay.spec.ts', async () => {
    const fs = fakeFiles();
    const server = await WireServer.start(({ socket }) => {
      sendAnswer(socket, 'Hello', ' world');
    });
    const environment = process.env;
    try {
      process.env = { ...environment, OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'sk-the-key' };
      load('record.ts', { modules: { 'node:fs': fs } });
      await server.until(() => fs.files.size > 0);
    } finally {
      process.env = environment;
      await server.close();
    }
    expect(fs.files.get('answer.json')).not.toContain('sk-the-key');
    const tests = load('replay.spec.ts', { modules: { 'node:fs': fs } });
    expect(tests).toHaveLength(1);
    await run(tests);
  });

  it.each(angular)('are those of the project of Angular, where they run: %s', (name) => {
    expect(readFileSync(join(root, project, name), 'utf8')).toBe(blocks.get(name));
  });
});

describe('the test of a component', () => {
  const good = blocks.get('chat.panel.ts')!;
  const user = blocks.get('chat.panel.spec.ts')!;

  /** Runs the very test of the page on a version of the component. */
  const runOn = (text: string) => run(load('chat.panel.spec.ts', { versions: { 'chat.panel.ts': text } }));

  it('has at most 15 lines', () => {
    const lines = user.slice(user.indexOf("it('retries twice, then shows the text, and aborts")).trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.length).toBeLessThanOrEqual(15);
  });

  it('passes', async () => {
    await runOn(good);
  });

  it.each([
    ['does not retry', 'retryWithBackoff(), ', '', /\+ .*next .*Please try again/],
    ['retries once', 'retryWithBackoff()', 'retryWithBackoff({ maxRetries: 1 })', /\+ .*10ms next .*Please try again/],
    ['retries too early', 'retryWithBackoff()', 'retry(2)', /- .*21ms next .*Hel.*/],
    ['does not show the text', 'this.text$.next(text)', 'void text', /- .*21ms next .*Hel/],
    ['shows the pieces instead', 'accumulateContent()', 'contentDeltas()', /\+ .*23ms next .*"lo/],
    ['does not stop', ', takeUntil(this.#gone)', '', /\+ .*25ms next .*Helloc/],
    [
      'stops, but does not abort',
      'takeUntil',
      'shareReplay(1), takeUntil',
      /- .*unsubscribed 24ms.*\n\+ .*unsubscribed 300027ms/,
    ],
  ])('fails when the component %s', async (_, part, broken, message) => {
    expect(good).toContain(part);
    // Some versions need more than the good one.
    const imports = "import { retry, shareReplay } from 'rxjs';\nimport { contentDeltas } from 'rxdelta';\n";
    const [head = '', body = ''] = good.split('export class');
    await expect(runOn(`${imports}${head}export class${body.replace(part, broken)}`)).rejects.toThrow(message);
  });
});

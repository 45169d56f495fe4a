/**
 * Packs the package as it would be published, installs it in an empty folder and uses it there in every way that is
 * promised. Prints a line per check and ends at the first that fails. Needs a build.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What `createClient` and `accumulateContent` may weigh in a browser, without rxjs: gzipped bytes. */
// The goal is 8192, see docs/decisions/0005-what-the-size-means.md; this holds what has been reached.
const browserLimit = 9832;
/** What all of `rxdelta` may. */
const wholeLimit = 16384;
/** What an operator may. */
const operatorLimit = 2624;

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** The compiler that checks the types: that of the project, unless the environment names another. */
const typescript = process.env.TYPESCRIPT ?? join(root, 'node_modules/typescript');
const rxjs = `rxjs@${packageJson.devDependencies.rxjs}`;

const temporary = mkdtempSync(join(tmpdir(), 'rxdelta-package-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const app = join(temporary, 'app');
const installed = join(app, 'node_modules/rxdelta');
const server = await startServer();
const url = `http://127.0.0.1:${server.address().port}/v1`;

const checks = {
  'npm pack': pack,
  'publint --strict': async () => void (await runTool('publint/src/cli.js', 'run', '--strict', tarball())),
  'attw --profile node16': () => runAttw('node16', '--exclude-entrypoints', './angular'),
  'attw --profile esm-only, for Angular': () => runAttw('esm-only', '--entrypoints', './angular'),
  'npm install': install,
  'declarations name neither undici nor Node': checkDeclarations,
  'ESM and CJS, Node and web export the same names': compareExports,
  import: () => runProgram('main.mjs', esmProgram),
  require: () => runProgram('main.cjs', cjsProgram),
  'testing: import': () => runProgram('testing.mjs', testingESMProgram),
  'testing: require': () => runProgram('testing.cjs', testingCJSProgram),
  'server: import': () => runProgram('server.mjs', serverESMProgram),
  'server: require': () => runProgram('server.cjs', serverCJSProgram),
  'testing imports RxJS and nothing else': checkTestingImports,
  'angular imports Angular and RxJS, and is ESM only': checkAngularImports,
  'jest in CommonJS': runJest,
  'types: DOM, without @types/node': () =>
    checkTypes('dom', { lib: ['ES2022', 'DOM'], types: [], exactOptionalPropertyTypes: true }),
  'types: @types/node, without DOM': () => checkTypes('node', { lib: ['ES2022'], types: ['node'] }),
  'bundle for browsers': bundleForBrowsers,
  'bundle of everything': bundleEverything,
  'operators that are not used': bundleUnused,
  'operators alone': bundleOperators,
  'bundle for Node': bundleForNode,
};

try {
  for (const [name, check] of Object.entries(checks)) {
    try {
      const detail = await check();
      console.log(`ok    ${name}${detail ? `: ${detail}` : ''}`);
    } catch (error) {
      console.log(`FAIL  ${name}`);
      console.log(error.message);
      process.exitCode = 1;
      break;
    }
  }
} finally {
  server.closeAllConnections();
  server.close();
}

// ── the package

async function pack() {
  assert(existsSync(join(root, 'dist/index.js')), 'there is no dist: run `npm run build` first');
  const output = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', temporary], root);
  const [{ size, unpackedSize, files }] = JSON.parse(output.slice(output.indexOf('[')));
  const paths = files.map(({ path }) => path);
  for (const path of ['LICENSE', 'NOTICE', 'dist/openai/LICENSE']) assert(paths.includes(path), `${path} is missing`);
  const strays = paths.filter((path) => !/^(dist\/|(LICENSE|NOTICE|README\.md|package\.json)$)/.test(path));
  assert.deepEqual(strays, [], 'files that do not belong into the package');
  return `${Math.round(size / 1000)} kB, ${Math.round(unpackedSize / 1000)} kB unpacked, ${paths.length} files`;
}

async function runAttw(profile, ...entries) {
  await runTool('@arethetypeswrong/cli/dist/index.js', tarball(), '--profile', profile, ...entries);
}

function tarball() {
  return join(
    temporary,
    readdirSync(temporary).find((file) => file.endsWith('.tgz')),
  );
}

async function install() {
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];
  await run('npm', ['install', ...options, tarball(), rxjs], app);
  const packages = readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'));
  assert(!packages.includes('openai'), 'openai must not be installed with rxdelta');
  return packages.join(', ');
}

function checkDeclarations() {
  const files = declarations();
  for (const file of files) {
    const text = readFileSync(join(installed, file), 'utf8').replace(/\/\*[^]*?\*\//g, '');
    const found = /undici['"/]|['"]node:|['"]#transport|<reference types=|\.ts['"]/.exec(text);
    assert(!found, `${file} mentions ${found?.[0]}`);
  }
  return `${files.length} files`;
}

function declarations() {
  const files = readdirSync(join(installed, 'dist'), { recursive: true });
  return files.filter((file) => /\.d\.[cm]?ts$/.test(file)).map((file) => join('dist', file));
}

async function compareExports() {
  const names = async (file) => Object.keys(await import(pathToFileURL(join(installed, 'dist', file)))).sort();
  const withoutCjs = (list) => list.filter((name) => name !== 'default' && name !== 'module.exports');
  const index = await names('index.js');
  assert.deepEqual(withoutCjs(await names('index.cjs')), index, 'index.cjs and index.js differ');
  assert.deepEqual(
    await names('transport/platform.web.js'),
    await names('transport/platform.node.js'),
    'platforms differ',
  );
  const testing = await names('testing/index.js');
  assert.deepEqual(withoutCjs(await names('testing/index.cjs')), testing, 'testing/index.cjs and index.js differ');
  const relaying = await names('server/index.js');
  assert.deepEqual(withoutCjs(await names('server/index.cjs')), relaying, 'server/index.cjs and index.js differ');
  return `${index.length} names, ${testing.length} of testing, ${relaying.length} of server`;
}

/** No test runner, nothing of Node, nothing that a user of it would have to install. */
function checkTestingImports() {
  const files = filesOf('testing').filter((file) => /\.c?js$/.test(file));
  assert.deepEqual(packagesOf('testing', files), ['rxjs', 'rxjs/testing']);
  return `${files.length} files`;
}

/** Nothing of the other packages that Angular has; and where Angular itself cannot be required, nor can this. */
function checkAngularImports() {
  const files = filesOf('angular');
  assert.deepEqual(
    files.filter((file) => !/\.(d\.mts|mjs)$/.test(file)),
    [],
    'files that are not ESM',
  );
  const code = files.filter((file) => file.endsWith('.mjs'));
  // Test runners that make CommonJS of it need the CommonJS of the rest, which a path to a file would not give them.
  const packages = packagesOf('angular', code).filter((name) => !name.startsWith('#modules/'));
  assert.deepEqual(packages, ['#transport', '@angular/common', '@angular/common/http', '@angular/core', 'rxjs']);
  return `${code.length} files`;
}

/** The files of an entry, from its folder. */
function filesOf(entry) {
  const folder = join(installed, 'dist', entry);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(folder, join(file.parentPath, file.name)));
}

/** The packages that files of an entry import. */
function packagesOf(entry, files) {
  const specifiers = files.flatMap((file) => {
    const text = readFileSync(join(installed, 'dist', entry, file), 'utf8').replace(/\/\*[^]*?\*\//g, '');
    return [...text.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, specifier]) => specifier);
  });
  return [...new Set(specifiers.filter((specifier) => !specifier.startsWith('.')))].sort();
}

// ── at run time

/** A server that streams one answer to each chat request, event by event. */
async function startServer() {
  const chunk = (delta, finish_reason = null) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'model',
    choices: [{ index: 0, delta, finish_reason }],
  });
  const chunks = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Grüß' }),
    chunk({ content: ' Gott' }),
    chunk({}, 'stop'),
  ];
  const events = [...chunks.map((each) => JSON.stringify(each)), '[DONE]'].map((data) => `data: ${data}\n\n`);
  const listening = createServer((request, response) => {
    request.resume().on('end', async () => {
      response.writeHead(request.url === '/v1/chat/completions' ? 200 : 404, { 'content-type': 'text/event-stream' });
      for (const event of events) {
        response.write(event);
        await new Promise(setImmediate);
      }
      response.end();
    });
  });
  listening.keepAliveTimeout = 120_000; // no help for a client that cannot end by itself
  await new Promise((done) => listening.listen(0, '127.0.0.1', done));
  return listening;
}

function program(load) {
  return `${load}
    const dispatcher = Symbol.for('undici.globalDispatcher.1');
    if (globalThis[dispatcher]) throw new Error('a global dispatcher was installed');
    const client = createClient({ apiKey: 'key', baseURL: ${JSON.stringify(url)} });
    const text = client.chat.completions.stream({ model: 'model', messages: [] }).pipe(accumulateContent());
    lastValueFrom(text).then((value) => {
      if (value !== 'Grüß Gott') throw new Error('not the answer: ' + value);
      if (globalThis[dispatcher]) throw new Error('a global dispatcher was installed');
    });
  `;
}

function esmProgram() {
  return program(`import { accumulateContent, createClient } from 'rxdelta'; import { lastValueFrom } from 'rxjs';`);
}

function cjsProgram() {
  return program(
    `const { accumulateContent, createClient } = require('rxdelta'); const { lastValueFrom } = require('rxjs');`,
  );
}

/** What a test does, with an assert function and no runner. */
function testingProgram(load) {
  return `${load}
    const scheduler = new TestScheduler(chunkAssert(deepStrictEqual));
    const transport = fakeTransport([{ status: 503, headers: { 'retry-after-ms': '10' } }, contentChunks('Grüß Gott')]);
    const client = createClient({ apiKey: 'key', transport, retry: {} });
    scheduler.run(({ expectObservable, expectSubscriptions }) => {
      const text = client.chat.completions.stream({ model: 'model', messages: [] }).pipe(accumulateContent());
      expectObservable(text).toBe('10ms (abc|)', { a: 'Grüß', b: 'Grüß Got', c: 'Grüß Gott' });
      expectSubscriptions(transport.subscriptions).toBe(['(^!)', '10ms (^!)']);
    });
  `;
}

function testingESMProgram() {
  return testingProgram(`
    import { deepStrictEqual } from 'node:assert';
    import { accumulateContent, createClient } from 'rxdelta';
    import { chunkAssert, contentChunks, fakeTransport } from 'rxdelta/testing';
    import { TestScheduler } from 'rxjs/testing';
  `);
}

function testingCJSProgram() {
  return testingProgram(`
    const { deepStrictEqual } = require('node:assert');
    const { accumulateContent, createClient } = require('rxdelta');
    const { chunkAssert, contentChunks, fakeTransport } = require('rxdelta/testing');
    const { TestScheduler } = require('rxjs/testing');
  `);
}

/** A relay in front of the server, asked by a client; it ends by itself once its server is closed. */
function serverProgram(load) {
  return `${load}
    const upstream = createClient({ apiKey: 'key', baseURL: ${JSON.stringify(url)} });
    const listening = createServer(relay(upstream, { models: ['model'] })).listen(0, '127.0.0.1', async () => {
      const client = createClient({ baseURL: 'http://127.0.0.1:' + listening.address().port + '/v1' });
      const params = { model: 'model', messages: [{ role: 'user', content: 'Hello' }] };
      const value = await lastValueFrom(client.chat.completions.stream(params).pipe(accumulateContent()));
      if (value !== 'Grüß Gott') throw new Error('not the answer: ' + value);
      listening.close();
    });
  `;
}

function serverESMProgram() {
  return serverProgram(`
    import { createServer } from 'node:http';
    import { accumulateContent, createClient } from 'rxdelta';
    import { relay } from 'rxdelta/server';
    import { lastValueFrom } from 'rxjs';
  `);
}

function serverCJSProgram() {
  return serverProgram(`
    const { createServer } = require('node:http');
    const { accumulateContent, createClient } = require('rxdelta');
    const { relay } = require('rxdelta/server');
    const { lastValueFrom } = require('rxjs');
  `);
}

async function runProgram(file, text) {
  writeFileSync(join(app, file), text());
  const started = Date.now();
  await run(process.execPath, [file], app);
  return `${Date.now() - started} ms`;
}

async function runJest() {
  const body = cjsProgram().replace('lastValueFrom(text)', 'return lastValueFrom(text)');
  writeFileSync(join(app, 'rxdelta.test.js'), `test('streams', () => {${body}});`);
  const config = {
    rootDir: app,
    transform: {},
    cacheDirectory: join(temporary, 'jest'),
    testEnvironment: join(root, 'node_modules/jest-environment-node'),
  };
  const output = await runTool('jest/bin/jest.js', '--config', JSON.stringify(config), '--watchman=false');
  assert.match(output, /1 passed, 1 total/);
}

// ── types

async function checkTypes(name, variant) {
  const folder = join(app, name);
  mkdirSync(folder);
  for (const extension of ['mts', 'cts']) writeFileSync(join(folder, `consumer.${extension}`), consumer());
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    typeRoots: [join(root, 'node_modules/@types')],
    strict: true,
    skipLibCheck: false,
    declaration: true,
    noEmit: true,
    ...variant,
  };
  // Those of the entry for Angular are checked where Angular is: in spec/projects/angular.
  const own = declarations().filter((file) => !file.startsWith(join('dist', 'angular')));
  const files = ['consumer.mts', 'consumer.cts', ...own.map((file) => join(installed, file))];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { version } = JSON.parse(readFileSync(join(typescript, 'package.json'), 'utf8'));
  await run(process.execPath, [join(typescript, 'bin/tsc'), '--project', folder], temporary);
  return `TypeScript ${version}`;
}

/** What a user writes; the declarations that follow from it must be expressible too. */
function consumer() {
  return `
import { accumulateContent, createClient, type Client, type ClientOptions } from 'rxdelta';
import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming, ResponseStreamEvent } from 'rxdelta/openai';
import type { Response } from 'rxdelta/openai/responses';
import { relay, toResponse, toServerSentEvents, type RelayHandler } from 'rxdelta/server';
import { chunkMarbles, fakeClient, fakeTransport, responseEvents, toolCallChunks } from 'rxdelta/testing';
import type { FakeClient, Recording } from 'rxdelta/testing';
import type { Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';

const options: ClientOptions = { apiKey: 'key', baseURL: 'http://localhost/v1' };
export const client: Client = createClient(options);
export const chunks: Observable<ChatCompletionChunk> = client.chat.completions.stream({ model: 'model', messages: [] });
export const text: Observable<string> = chunks.pipe(accumulateContent());
export const events: Observable<ResponseStreamEvent> = client.responses.stream({ model: 'model', input: 'hello' });
export const inferred = client.chat.completions.stream({ model: 'model', messages: [] });
export const toolsOf = (params: ChatCompletionCreateParamsStreaming) => params.tools;
export const outputOf = (response: Response) => response.output;
export const handler: RelayHandler = relay(client, { models: ['model'], authorize: () => Promise.resolve(true) });
export const relayed = (request: Request) => handler.fetch(request);
export const sent = chunks.pipe(toServerSentEvents({ id: ({ id }) => id }));
export const answered = toResponse(chunks, { headers: { 'x-a': 'b' } });
export const transport = fakeTransport([toolCallChunks({ name: 'f', arguments: {} }), responseEvents.text('Hi'), { status: 429 }]);
export const faked: FakeClient = fakeClient(transport, options);
export const versionOf = (recording: Recording): 1 => recording.version;
export const marbles = ({ cold, expectObservable, expectSubscriptions }: RunHelpers) => {
  const source: Observable<ChatCompletionChunk> = cold(...chunkMarbles('a|', { a: 'Hi' }));
  expectObservable(source).toBe(...chunkMarbles('a|', { a: 'Hi' }));
  expectSubscriptions(faked.subscriptions).toBe('^!');
};

// @ts-expect-error -- which models may be asked is for the application to say
relay(client, {});
// @ts-expect-error -- a list holds one answer per request
fakeTransport(toolCallChunks({ name: 'f', arguments: {} }));
// @ts-expect-error -- a model is a string
client.chat.completions.stream({ model: 5, messages: [] });
// @ts-expect-error -- an id is a string
export const wrong = (response: Response): number => response.id;
// @ts-expect-error -- a chunk has no such member
export const missing = (chunk: ChatCompletionChunk) => chunk.message;
`;
}

// ── bundles

/** What the two names add to a page. */
async function bundleForBrowsers() {
  const { added, alone } = await weigh('accumulateContent, createClient');
  assert(added <= browserLimit, `${added} bytes gzipped, allowed are ${browserLimit}`);
  return `${added} of ${browserLimit} bytes gzipped beside RxJS; ${alone} with RxJS left as imports`;
}

/** What all names add to a page. */
async function bundleEverything() {
  const names = Object.keys(await import(pathToFileURL(join(installed, 'dist/index.js'))));
  const { added, alone } = await weigh(names.join());
  assert(added <= wholeLimit, `${added} bytes gzipped, allowed are ${wholeLimit}`);
  return `${added} of ${wholeLimit} bytes gzipped beside RxJS; ${alone} with RxJS left as imports`;
}

/** That what a program imports and does not use is not in its bundle. */
async function bundleUnused() {
  const program = (...others) =>
    `import { ${['contentDeltas', ...others]} } from 'rxdelta'; globalThis.x = contentDeltas;`;
  // Not by their texts: letters are given out differently.
  const length = async (contents) => (await bundle(contents, ['rxjs'])).text.length;
  const bare = await length(program());
  for (const name of ['accumulateResponse', 'collectToolCalls']) {
    assert.equal(await length(program(name)), bare, `${name} is in a bundle that does not use it`);
  }
  return 'accumulateResponse and collectToolCalls add 0 bytes';
}

/** What each operator adds to a page. */
async function bundleOperators() {
  const names = Object.keys(await import(pathToFileURL(join(installed, 'dist/index.js'))));
  const operators = names.filter(
    (name) => existsSync(join(installed, `dist/operators/${name}.js`)) && name !== 'ToolCall',
  );
  const weights = await Promise.all(operators.map(async (name) => [name, (await weigh(name)).added]));
  for (const [name, bytes] of weights) assert(bytes <= operatorLimit, `${name} has ${bytes} bytes of ${operatorLimit}`);
  const largest = weights.sort(([, a], [, b]) => b - a);
  return `${weights.length}, of at most ${operatorLimit} bytes; ${largest.map((weight) => weight.join(' ')).join(', ')}`;
}

/** What these names add to a page that has RxJS, in gzipped bytes: the bundle with it, less what is used of it alone. */
async function weigh(names) {
  const program = `import { ${names} } from 'rxdelta'; globalThis.x = [${names}];`;
  const alone = await bundle(program, ['rxjs']);
  const imported = [...alone.text.matchAll(/import\{([^}]*)\}from"rxjs"/g)].flatMap(([, list]) => list.split(','));
  const used = [...new Set(imported.map((name) => name.split(' as ')[0]))].join();
  const whole = await bundle(program, []);
  const rxjs = await bundle(`import { ${used} } from 'rxjs'; globalThis.x = [${used}];`, []);
  for (const { text, metafile } of [alone, whole]) {
    // The name `undiciTransport` is there: elsewhere than on Node it throws.
    assert.doesNotMatch(text, /undici\/|node:/);
    // Not even read: what is for tests, ours or that of RxJS, is in no bundle.
    assert.doesNotMatch(Object.keys(metafile.inputs).join('\n'), /undici\/|testing/);
  }
  return { added: whole.bytes - rxjs.bytes, alone: alone.bytes };
}

/** A minified bundle for browsers. */
async function bundle(contents, external) {
  const options = { ...bundling(contents), platform: 'browser', external, minify: true };
  const { outputFiles, metafile } = await build(options);
  return { text: outputFiles[0].text, bytes: gzipSync(outputFiles[0].contents, { level: 9 }).length, metafile };
}

async function bundleForNode() {
  const { outputFiles, metafile } = await build({
    ...bundling(esmProgram()),
    platform: 'node',
    external: ['rxjs', 'undici', 'eventsource-parser'],
  });
  const [output] = Object.values(metafile.outputs);
  assert(
    output.imports.some(({ path }) => path.startsWith('undici')),
    'the transport of Node is not in the bundle',
  );
  return runProgram('bundle.mjs', () => outputFiles[0].text);
}

function bundling(contents) {
  return {
    stdin: { contents, resolveDir: app },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    metafile: true,
    write: false,
  };
}

// ── processes

/** Runs a program of one of the development packages. */
function runTool(path, ...args) {
  return run(process.execPath, [join(root, 'node_modules', path), ...args], temporary);
}

/** Runs a program to its end; gives what it printed, which is also the error if it fails or takes too long. */
function run(command, args, cwd) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
    const printed = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => (printed[stream] += text));
    }
    child.on('error', fail);
    child.on('close', (code, signal) => {
      if (code === 0) done(printed.stdout || printed.stderr);
      else fail(new Error(`${command} ended with ${code ?? signal}\n${printed.stdout}${printed.stderr}`));
    });
  });
}

/**
 * dist mirrors lib: for every module the code (.js, .cjs) and the types (.d.ts, .d.cts), side by side; for those of
 * lib/angular only .mjs and .d.mts. The inputs are the targets of `exports` and `imports` in package.json: a new entry is
 * named there and nowhere else.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dts } from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const lib = join(root, 'lib');
const openai = join(lib, 'openai');
const dist = join(root, 'dist');
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(dist, { recursive: true, force: true });

const names = new Set(targets([packageJson.exports, packageJson.imports]));
const input = Object.fromEntries([...names].map((name) => [name, join(lib, `${name}.ts`)]));
const layout = { dir: dist, preserveModules: true, preserveModulesRoot: lib };
/** The default import of a CommonJS module is its module.exports, as Node has it for ES modules. */
const code = { ...layout, interop: 'default', exports: 'named' };

export default [
  {
    input,
    external: isPackage,
    plugins: [esbuild({ target: 'es2022', tsconfig: join(root, 'tsconfig.json') })],
    output: [
      {
        ...code,
        format: 'es',
        entryFileNames: (chunk) => `[name].${isESMOnly(chunk.name) ? 'mjs' : 'js'}`,
        plugins: [importByCondition()],
      },
      { ...code, format: 'cjs', entryFileNames: '[name].cjs', plugins: [leaveOutESMOnly()] },
    ],
    onLog: failOnWarning,
  },
  {
    input,
    // `#transport` is resolved by `paths` in tsconfig.json: the types are the same on every platform.
    external: (id) => id !== '#transport' && isPackage(id),
    plugins: [leaveOpenaiTypes(), dts({ tsconfig: join(root, 'tsconfig.json') })],
    output: [
      {
        ...layout,
        format: 'es',
        entryFileNames: (chunk) => `[name].${isESMOnly(chunk.name) ? 'd.mts' : 'd.ts'}`,
        plugins: [copyOpenaiTypes('d.ts', 'js')],
      },
      {
        ...layout,
        format: 'es',
        entryFileNames: '[name].d.cts',
        plugins: [copyOpenaiTypes('d.cts', 'cjs'), leaveOutESMOnly()],
      },
    ],
    onLog: failOnWarning,
  },
];

/** The names (`index`, `transport/platform.node`, …) of all code files that a part of package.json points to. */
function targets(part) {
  if (typeof part === 'string') return /^\.\/dist\/([^*]*)\.[cm]?js$/.exec(part)?.slice(1) ?? [];
  return Object.values(part).flatMap(targets);
}

/** Angular itself is ESM only; and of ES modules, its users' test runners transform those that end in `.mjs`. */
function isESMOnly(name) {
  return name.startsWith('angular/');
}

/**
 * What is ESM only imports the rest by `imports` in package.json: where a test runner has made CommonJS of it, the rest is
 * CommonJS as well, and the same modules that `rxdelta` is there.
 */
function importByCondition() {
  return {
    name: 'import-by-condition',
    renderChunk: (text, { name }) =>
      isESMOnly(name) ? text.replace(/(from ')\.\.\/([^']*)\.js(?=';)/g, '$1#modules/$2') : null,
  };
}

function leaveOutESMOnly() {
  return {
    name: 'leave-out-esm-only',
    generateBundle(_options, bundle) {
      for (const name of Object.keys(bundle).filter(isESMOnly)) delete bundle[name];
    },
  };
}

/** True for `rxjs`, `undici/lib/…`, `#transport`: all that is found through a package.json. */
function isPackage(id) {
  return !id.startsWith('.') && !id.startsWith(lib);
}

/** Ends the build at whatever rollup warns of. Types may refer to each other in a circle, code may not. */
function failOnWarning(level, log) {
  const isTypes = log.ids?.every((id) => id.endsWith('.d.ts'));
  if (level === 'warn' && !(log.code === 'CIRCULAR_DEPENDENCY' && isTypes)) throw new Error(log.message);
}

/** Keeps lib/openai out of the bundling: its files are nothing but types, so they can be copied as they stand. */
function leaveOpenaiTypes() {
  return {
    name: 'leave-openai-types',
    resolveId(id, importer) {
      const file = importer && id.startsWith('.') ? resolve(dirname(importer), id) : '';
      return dirname(file) === openai ? { id: file, external: true } : null;
    },
  };
}

/** Copies lib/openai, licence included, and gives the imports of and in those files the right ending. */
function copyOpenaiTypes(extension, importExtension) {
  const withEnding = (text) => text.replace(/(from ['"]\.[^'"\n]*)\.ts(?=['"];)/g, `$1.${importExtension}`);
  return {
    name: 'copy-openai-types',
    renderChunk: withEnding,
    generateBundle() {
      for (const file of readdirSync(openai)) {
        const source = readFileSync(join(openai, file), 'utf8');
        const fileName = `openai/${file.replace(/\.ts$/, `.${extension}`)}`;
        this.emitFile({ type: 'asset', fileName, source: file.endsWith('.ts') ? withEnding(source) : source });
      }
    },
  };
}

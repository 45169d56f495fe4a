/**
 * Writes lib/openai: the types of OpenAI's API that rxdelta names, taken from the `openai` dev dependency, so that users
 * of rxdelta need not install that package.
 *
 * It walks from the roots below to everything they mention and writes those declarations as they stand, one file per
 * source module. Only the modules listed here may be reached, and no class: whatever else turns up is an error, since it
 * would mean that the copy has begun to drag in the client.
 *
 *     node .config/openai-types.js [--force]
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Module of openai → file in lib/openai, in the order of lib/openai/index.ts. */
const files = {
  'resources/chat/completions/completions': 'chat',
  'resources/responses/responses': 'responses',
  'resources/completions': 'usage',
  'resources/shared': 'shared',
};

/** What the closure starts from: module of openai → exported names. */
const roots = {
  'resources/chat/completions/completions': [
    'ChatCompletion',
    'ChatCompletionChunk',
    'ChatCompletionCreateParamsStreaming',
  ],
  'resources/responses/responses': ['Response', 'ResponseStreamEvent', 'ResponseCreateParamsStreaming'],
};

const here = fileURLToPath(import.meta.url);
const target = resolve(dirname(here), '../lib/openai');
const require = createRequire(here);

const entry = locate('openai');
if (entry === undefined || locate('typescript') === undefined) process.exit(0); // installed without dev dependencies

const openai = dirname(entry);
const { version, license } = JSON.parse(readFileSync(join(openai, 'package.json'), 'utf8'));
const banner = `// Generated from openai ${version}, ${license} (see LICENSE in this folder): do not edit.`;
const outputs = [...Object.values(files), 'index'].map((name) => join(target, `${name}.ts`));
if (!process.argv.includes('--force') && isCurrent()) process.exit(0);

const ts = (await import('typescript')).default;
const program = createProgram();
const checker = program.getTypeChecker();

const texts = generate();
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const [name, text] of Object.entries(texts)) writeFileSync(join(target, name), text);
console.log(`lib/openai: types of openai ${version} written`);

/** Where a package's file is installed; undefined if it is not. */
function locate(id) {
  try {
    return require.resolve(id);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** True if everything is there, from this version and newer than this script. */
function isCurrent() {
  const since = statSync(here).mtimeMs;
  return (
    outputs.every((file) => existsSync(file) && statSync(file).mtimeMs >= since) &&
    existsSync(join(target, 'LICENSE')) &&
    outputs.every((file) => readFileSync(file, 'utf8').startsWith(`${banner}\n`))
  );
}

/** A program of the listed modules alone: an import of any other module stays unresolved. */
function createProgram() {
  const options = { noLib: true, types: [], module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const host = ts.createCompilerHost(options);
  const known = new Map(Object.keys(files).map((module) => [join(openai, `${module}.d.mts`), module]));
  host.resolveModuleNameLiterals = (literals, importer) =>
    literals.map(({ text }) => {
      const file = resolve(dirname(importer), text.replace(/\.mjs$/, '.d.mts'));
      return { resolvedModule: known.has(file) ? { resolvedFileName: file, extension: '.d.mts' } : undefined };
    });
  return ts.createProgram([...known.keys()], options, host);
}

/** The texts of all files, by name. */
function generate() {
  const kept = closure();
  const result = { LICENSE: readFileSync(join(openai, 'LICENSE'), 'utf8') };
  const exported = new Map();
  for (const [module, name] of Object.entries(files)) {
    const file = sourceFile(module);
    const statements = file.statements.filter((statement) => kept.has(statement));
    if (statements.length === 0) throw new Error(`Nothing of openai/${module} is needed: drop it from the list`);
    for (const exportedName of new Set(statements.map((statement) => statement.name.text))) {
      const other = exported.get(exportedName);
      if (other) throw new Error(`${exportedName} is in ${other} and in ${name}: lib/openai/index.ts would drop both`);
      exported.set(exportedName, name);
    }
    const parts = [
      banner,
      importsOf(file, statements),
      ...statements.map((statement) => statement.getFullText().trim()),
    ];
    result[`${name}.ts`] = `${parts.filter(Boolean).join('\n\n')}\n`;
  }
  const lines = Object.values(files).map((name) => `export type * from './${name}.ts';`);
  result['index.ts'] = `${banner}\n\n${lines.join('\n')}\n`;
  return result;
}

/** Every top-level statement that the roots mention, directly or not. */
function closure() {
  const kept = new Set();
  const queue = [];

  for (const [module, names] of Object.entries(roots)) {
    const exports = checker.getExportsOfModule(checker.getSymbolAtLocation(sourceFile(module)));
    for (const name of names) {
      const symbol = exports.find((candidate) => candidate.name === name);
      if (!symbol) throw new Error(`openai/${module} no longer exports ${name}`);
      keep(symbol, name);
    }
  }
  for (let statement = queue.pop(); statement; statement = queue.pop()) visit(statement);
  return kept;

  function visit(node) {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol) keep(symbol, node.text);
    }
    ts.forEachChild(node, visit);
  }

  function keep(named, name) {
    const isAlias = (named.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(named) : named;
    if (isAlias && !symbol.declarations) {
      throw new Error(`${name} comes from a module outside the list: ${topLevel(named.declarations[0]).getText()}`);
    }
    for (const declaration of symbol.declarations ?? []) {
      // A namespace import stands for a whole module: what follows its dot is resolved by itself.
      if (ts.isSourceFile(declaration) || ts.isTypeParameterDeclaration(declaration)) continue;
      const statement = topLevel(declaration);
      if (kept.has(statement)) continue;
      if (
        !ts.isInterfaceDeclaration(statement) &&
        !ts.isTypeAliasDeclaration(statement) &&
        !isTypeNamespace(statement)
      ) {
        throw new Error(`${name} is not a plain type: ${statement.getText().slice(0, 200)}`);
      }
      kept.add(statement);
      queue.push(statement);
    }
  }
}

function topLevel(node) {
  return ts.isSourceFile(node.parent) ? node : topLevel(node.parent);
}

/** True for `namespace X { … }` that holds nothing but types. */
function isTypeNamespace(node) {
  return (
    ts.isModuleDeclaration(node) &&
    node.body.statements.every(
      (member) => ts.isInterfaceDeclaration(member) || ts.isTypeAliasDeclaration(member) || isTypeNamespace(member),
    )
  );
}

/** The imports that the kept statements of a file need, its import of itself among them. */
function importsOf(file, statements) {
  const used = new Set();
  const collect = (node) => {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol.declarations.forEach((each) => used.add(each));
    }
    ts.forEachChild(node, collect);
  };
  statements.forEach(collect);

  return file.statements
    .filter(ts.isImportDeclaration)
    .map(({ importClause: clause, moduleSpecifier }) => {
      const bindings = clause?.namedBindings;
      const path = () => `'./${files[moduleOf(resolve(dirname(file.fileName), moduleSpecifier.text))]}.ts'`;
      if (!bindings) return '';
      if (ts.isNamespaceImport(bindings)) {
        return used.has(bindings) ? `import type * as ${bindings.name.text} from ${path()};` : '';
      }
      const names = bindings.elements.filter((element) => used.has(element)).map((element) => element.getText());
      return names.length > 0 ? `import type { ${names.join(', ')} } from ${path()};` : '';
    })
    .filter(Boolean)
    .join('\n');
}

function sourceFile(module) {
  const file = program.getSourceFile(join(openai, `${module}.d.mts`));
  if (!file) throw new Error(`openai ${version} has no ${module}.d.mts`);
  return file;
}

/** The path of an openai module as `files` names it. */
function moduleOf(path) {
  return relative(openai, path)
    .replace(/\.mjs$/, '')
    .split(sep)
    .join('/');
}

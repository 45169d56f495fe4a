import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import type { Block } from './docstrings';

const root = join(__dirname, '../..');

/** What pages import and the package does not need itself: it is taken as it is, and checked where it runs. */
const foreign = ['vite', 'vitest'];
const ambient = join(root, 'docs/foreign.d.ts');

/** The name in the first line of a block, `// story.service.ts`: other blocks of its page import it by that. */
export function nameOf({ text }: Block): string | undefined {
  return /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
}

/**
 * What the compiler says of each block, as `file:line: message`. All of them go through one program, as one module each;
 * those of a page that have names stand in one folder.
 */
export function compileBlocks(blocks: readonly Block[]): Map<Block, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['lib/index.ts'] }, ts.sys, root);
  // Whoever copies a block has no jest around it. Angular's decorators are of the older kind.
  Object.assign(options, {
    types: ['node'],
    moduleDetection: ts.ModuleDetectionKind.Force,
    experimentalDecorators: true,
  });
  const modules = new Map(blocks.map((block) => [pathOf(block), block]));
  const texts = new Map([...modules].map(([path, block]) => [path, moduleText(block)]));
  texts.set(ambient, foreign.map((name) => `declare module '${name}';\n`).join(''));
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  const directoryExists = host.directoryExists?.bind(host) ?? (() => true);
  const folders = new Set([...texts.keys()].map(dirname));
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.directoryExists = (name) => folders.has(name) || directoryExists(name);
  const program = ts.createProgram([...texts.keys()], options, host);
  return new Map(
    [...modules].map(([path, block]) => {
      const file = program.getSourceFile(path);
      const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [block, diagnostics.map((diagnostic) => describeDiagnostic(block, diagnostic))];
    }),
  );
}

function pathOf(block: Block): string {
  const name = nameOf(block);
  const folder = join(root, dirname(block.file), `${basename(block.file, '.md')}.blocks`);
  return name ? join(folder, name) : join(root, `${block.file}.${block.line}.ts`);
}

/** A test has its runner around it: the line with its name makes room for that. */
function moduleText(block: Block): string {
  const isTest = /\.(spec|test)\.ts$/.test(nameOf(block) ?? '');
  const isExplicit = /from '(vitest|@jest\/globals|node:test)'/.test(block.text);
  if (!isTest || isExplicit) return block.text;
  return block.text.replace(/^.*/, "import { beforeEach, describe, expect, it } from '@jest/globals';");
}

function describeDiagnostic({ file, line }: Block, diagnostic: ts.Diagnostic): string {
  const { line: offset } = ts.getLineAndCharacterOfPosition(diagnostic.file!, diagnostic.start!);
  return `${file}:${line + offset}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
}

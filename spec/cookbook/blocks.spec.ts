import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const pages = ['docs/cookbook', 'docs/coming-from'].flatMap((folder) =>
  readdirSync(join(root, folder)).map((file) => `${folder}/${file}`),
);

/** The blocks of TypeScript, each as a module beside its page. */
const modules = new Map(
  pages.flatMap((file) => {
    const page = readFileSync(join(root, file), 'utf8');
    return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ index, 1: text = '' }): [string, string] => {
      const line = page.slice(0, index).split('\n').length + 1;
      return [join(root, `${file}.${line}.ts`), text];
    });
  }),
);

/** What the compiler says of the modules, as `file.line.ts: message`. */
function compile(): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['lib/index.ts'] }, ts.sys, root);
  // Whoever copies a block has no jest around it.
  Object.assign(options, { types: ['node'], moduleDetection: ts.ModuleDetectionKind.Force });
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name) ?? readFile(name);
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules.keys()].flatMap((name) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${name.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

it('the blocks of docs/cookbook and docs/coming-from compile, those with openai too', () => {
  const texts = [...modules.values()].join('');
  for (const name of ['rxdelta', 'openai']) expect(texts).toContain(` from '${name}';`);
  expect(compile()).toEqual([]);
});

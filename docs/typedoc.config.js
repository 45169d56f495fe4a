/**
 * Writes the reference, docs/api, from the docstrings: a folder per entry of the package, a page per name. A name without
 * a docstring, or a link that leads nowhere, is an error.
 */
import { Converter, ReflectionKind } from 'typedoc';

/** Entry of the package → its module in lib. */
const entries = {
  rxdelta: 'index',
  'rxdelta/testing': 'testing/index',
  'rxdelta/angular': 'angular/index',
  'rxdelta/server': 'server/index',
};

/** What the text above them says already: the branches of a union, the members that only lead further. */
const explainedByTheirParent = {
  'rxdelta.AnyAPIError.__type': ['kind'],
  'rxdelta.Client': ['chat', 'chat.__type.completions', 'responses'],
  'rxdelta.StreamParams': ['__type.stream', 'P.__type.stream'],
  'rxdelta.UndiciDispatcher': ['dispatch'],
  'rxdelta/testing.FakeClient': ['chat', 'chat.__type.completions', 'responses'],
  'rxdelta/testing.FakeOutputItem.__type': ['text', 'refusal', 'reasoning', 'functionCall', 'customToolCall'],
  'rxdelta/testing.RecordedEnd.__type': ['afterMs', 'how', 'error'],
  'rxdelta/testing.RecordedPiece.__type': ['afterMs', 'text', 'base64'],
};

export default {
  plugin: ['typedoc-plugin-markdown', nameEntries],
  tsconfig: '../tsconfig.json',
  entryPoints: Object.values(entries).map((module) => `../lib/${module}.ts`),
  out: 'api',
  readme: 'none',
  entryFileName: 'index',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  disableSources: true,
  excludeExternals: true,
  excludePrivate: true,
  excludeInternal: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  requiredToBeDocumented: ['Class', 'Function', 'Interface', 'Method', 'Property', 'TypeAlias', 'Variable'],
  intentionallyNotDocumented: Object.entries(explainedByTheirParent).flatMap(([parent, members]) =>
    members.map((member) => `${parent}.${member}`),
  ),
  validation: { notDocumented: true, invalidLink: true, notExported: false, unusedMergeModuleWith: true },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};

/** Gives each module the name by which it is imported. */
function nameEntries(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      const entry = Object.keys(entries).find((name) => name.replace('rxdelta/', '') === module.name);
      module.name = entry ?? 'rxdelta';
    }
  });
}

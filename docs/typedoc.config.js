/**
 * Writes the reference, docs/api, from the docstrings: a folder per entry of the package, a page per name. A name without
 * a docstring, or a link that leads nowhere, is an error.
 */
import { Comment, Converter, ReflectionKind } from 'typedoc';

/** The entries of the package: the module in lib, and what it is for. */
const entries = {
  rxdelta: { module: 'index', text: 'Requests, streams, the operators on them, and the errors.' },
  'rxdelta/angular': { module: 'angular/index', text: 'Clients and streams in Angular.' },
  'rxdelta/server': { module: 'server/index', text: 'Streams from your own server to its pages.' },
  'rxdelta/testing': { module: 'testing/index', text: 'Tests without a network and without waiting.' },
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
  plugin: ['typedoc-plugin-markdown', shapeReference],
  tsconfig: '../tsconfig.json',
  entryPoints: Object.values(entries).map(({ module }) => `../lib/${module}.ts`),
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
  groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases'],
  indexFormat: 'table',
  pageTitleTemplates: { index: 'Reference', module: '{name}', member: '{name}' },
  tableColumnSettings: { hideInherited: true, hideModifiers: true, hideOverrides: true },
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

/**
 * Gives each module the name by which it is imported, and a sentence; leaves out the mark by which the errors of two copies
 * of the package know each other.
 */
function shapeReference(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
      const entry = Object.keys(entries).find((name) => name.replace('rxdelta/', '') === module.name);
      module.name = entry ?? 'rxdelta';
      module.comment ??= new Comment([{ kind: 'text', text: entries[module.name].text }]);
    }
    for (const accessor of project.getReflectionsByKind(ReflectionKind.Accessor)) {
      if (accessor.name === '[API_ERROR]') project.removeReflection(accessor);
    }
  });
}

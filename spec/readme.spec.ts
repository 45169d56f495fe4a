import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIStatusError,
  APIStreamError,
  APIUserAbortError,
  MalformedStreamError,
  StreamTruncatedError,
  type APIError,
} from 'rxdelta';
import { DEFAULT_TIMEOUTS } from '../lib/client/Timeouts';

const root = join(__dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('README.md', () => {
  it('links to every example', () => {
    const examples = readdirSync(join(root, 'docs/examples')).filter((file) => file.endsWith('.ts'));
    expect(examples.filter((file) => !readme.includes(`(docs/examples/${file})`))).toEqual([]);
  });

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...readme.matchAll(/npm (?:run ([\w:]+)|(test))/g)].map(([, script, test]) => script ?? test!);
    expect(named).toEqual(expect.arrayContaining(['demo', 'test']));
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it.each(Object.entries(DEFAULT_TIMEOUTS))('gives the default of %s', (name, limitMs) => {
    const [, value] = new RegExp(`^\\| \`${name}\` +\\| ([^|]+?) +\\|`, 'm').exec(readme) ?? [];
    expect(value).toBe(limitMs === Infinity ? 'none' : `${limitMs.toLocaleString('en').replaceAll(',', ' ')} ms`);
  });

  it.each<{ error: APIError; words: string }>([
    { error: new APIConnectionError('', { phase: 'connect' }), words: 'yes' },
    { error: new APIConnectionTimeoutError('', { phase: 'connect' }), words: 'yes' },
    { error: new StreamTruncatedError('', { chunkCount: 0 }), words: 'yes' },
    { error: new APIStatusError('', { status: 500 }), words: '408, 409, 429, 5xx' },
    { error: new APIStreamError('', { type: 'overloaded_error' }), words: 'overload' },
    { error: new MalformedStreamError('', { reason: 'json' }), words: 'no' },
    { error: new APIUserAbortError(), words: 'no' },
  ])('lists the kind $error.kind with its class and whether it is retryable', ({ error, words }) => {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${error.kind}\` `));
    expect(row).toContain(`| \`${error.name}\` `);
    expect(row).toContain(`| ${words}`);
    expect(error.retryable).toBe(words !== 'no');
  });
});

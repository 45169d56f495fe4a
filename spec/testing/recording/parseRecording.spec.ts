import { parseRecording, RecordingError, serializeRecording, type Recording } from 'rxdelta/testing';

const recording: Recording = {
  version: 1,
  exchanges: [
    {
      request: { method: 'POST', url: 'http://api.test/v1/chat/completions', headers: {}, body: { model: 'm' } },
      response: {
        ...{ afterMs: 3, status: 200, headers: {}, url: 'http://api.test/v1/chat/completions' },
        body: [
          { afterMs: 4, text: ['data: 1\n\n', 'data: 2\n\n'] },
          { afterMs: 5, base64: '4oI=' },
        ],
      },
      end: { afterMs: 9, how: 'complete' },
    },
    {
      request: { method: 'GET', url: '/api', headers: {}, body: null },
      end: { afterMs: 1, how: 'error', error: { kind: 'connection', message: 'Gone', phase: 'head' } },
    },
  ],
};

/** The recording with a value at a path, as text. */
function changed(path: string, value: unknown): string {
  const copy = structuredClone(recording) as any;
  const names = path.split('.');
  const last = names.pop()!;
  names.reduce((holder, name) => holder[name], copy)[last] = value;
  return JSON.stringify(copy);
}

describe('parseRecording', () => {
  it('reads what serializeRecording writes', () => {
    expect(parseRecording(serializeRecording(recording))).toEqual(recording);
  });

  it('does not mind a byte order mark before it', () => {
    expect(parseRecording(`\uFEFF${serializeRecording(recording)}`)).toEqual(recording);
  });

  it.each([
    ['no JSON', 'data: {}', 'format', 'The recording is not JSON'],
    ['no recording', '{}', 'format', 'This is no recording: it has no version'],
    ['nothing', 'null', 'format', 'This is no recording: it has no version'],
    ['a later version', changed('version', 2), 'version', 'The recording has version 2, not 1'],
    ['a version of words', changed('version', '1'), 'version', 'The recording has version "1", not 1'],
  ])('refuses %s', (_, text, reason, message) => {
    expect(() => parseRecording(text)).toThrow(RecordingError);
    expect(() => parseRecording(text)).toThrow(expect.objectContaining({ name: 'RecordingError', reason, message }));
  });

  const broken: [string, unknown, string?][] = [
    ['exchanges', {}],
    ['exchanges.0', null, 'exchanges[0].request.method'],
    ['exchanges.0.request', 7, 'exchanges[0].request.method'],
    ['exchanges.0.request.url', undefined],
    ['exchanges.0.request.headers', null],
    ['exchanges.0.request.headers', { accept: 1 }],
    ['exchanges.0.response', null, 'exchanges[0].response.afterMs'],
    ['exchanges.0.response.afterMs', '3'],
    ['exchanges.0.response.status', '200'],
    ['exchanges.0.response.headers', undefined],
    ['exchanges.0.response.url', undefined],
    ['exchanges.0.response.body', 'data: 1'],
    ['exchanges.0.response.body.0', { text: ['data: 1'] }],
    ['exchanges.0.response.body.0', { afterMs: 1 }],
    ['exchanges.0.response.body.0.text', 'data: 1'],
    ['exchanges.0.response.body.0.text.1', 7, 'exchanges[0].response.body[0]'],
    ['exchanges.0.response.body.1.base64', '€'],
    ['exchanges.0.response.body.1', null],
    ['exchanges.0.end', undefined, 'exchanges[0].end.how'],
    ['exchanges.0.end.how', 'somehow'],
    ['exchanges.0.end.afterMs', null],
    ['exchanges.1.end.error', undefined],
    ['exchanges.1.end.error', { kind: 'connection' }],
  ];

  it.each(
    broken.map(([path, value, at = path.replace(/\.(\d+)/g, '[$1]').replace(/(body\[\d\]).*/, '$1')]) => ({
      path,
      value,
      at,
    })),
  )('says that it is broken at $at, when $path is $value', ({ path, value, at }) => {
    expect(() => parseRecording(changed(path, value))).toThrow(
      expect.objectContaining({ reason: 'format', message: `The recording is broken at ${at}` }),
    );
  });
});

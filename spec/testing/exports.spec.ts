import * as testing from 'rxdelta/testing';

describe('rxdelta/testing', () => {
  it('exports these names', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'RecordingError',
      'chunkAssert',
      'chunkMarbles',
      'contentChunk',
      'contentChunks',
      'describeChunk',
      'fakeClient',
      'fakeTransport',
      'finish',
      'finishChunk',
      'functionCallChunks',
      'parseRecording',
      'reasoningChunk',
      'recordTransport',
      'refusalChunk',
      'replayTransport',
      'responseEvents',
      'roleChunk',
      'serializeRecording',
      'toolCallChunks',
      'usageChunk',
    ]);
  });
});

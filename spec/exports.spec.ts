import * as rxdelta from 'rxdelta';
import * as nodePlatform from '../lib/transport/platform.node';
import * as webPlatform from '../lib/transport/platform.web';

describe('rxdelta', () => {
  it('exports these names', () => {
    expect(Object.keys(rxdelta).sort()).toEqual([
      'APIConnectionError',
      'APIConnectionTimeoutError',
      'APIError',
      'APIStatusError',
      'APIStreamError',
      'APIUserAbortError',
      'ChunkStream',
      'FlowGate',
      'MalformedStreamError',
      'StreamTruncatedError',
      'ToolArgumentsError',
      'ToolCall',
      'accumulateContent',
      'collectToolCalls',
      'contentDeltas',
      'createClient',
      'decodeEvents',
      'fetchTransport',
      'isAPIError',
      'parseChunks',
      'retryWithBackoff',
      'takeChunks',
      'toAsyncIterable',
      'undiciTransport',
      'untilDone',
    ]);
  });

  it('exports nothing that is undefined', () => {
    expect(Object.entries(rxdelta).filter(([, value]) => typeof value !== 'function')).toEqual([]);
  });
});

describe('#transport', () => {
  it('has the same names on Node and elsewhere', () => {
    expect(Object.keys(webPlatform).sort()).toEqual(Object.keys(nodePlatform).sort());
  });

  it('is undici on Node, and fetch elsewhere', () => {
    expect(nodePlatform.defaultTransport).toBe(nodePlatform.undiciTransport);
    expect(webPlatform.defaultTransport).toBe(webPlatform.fetchTransport);
  });

  it('says elsewhere that undici works on Node only', () => {
    expect(() => webPlatform.undiciTransport()).toThrow(TypeError);
    expect(() => webPlatform.undiciTransport()).toThrow(/undici.*Node.*fetchTransport/);
  });
});

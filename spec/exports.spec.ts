import * as rxdelta from 'rxdelta';
import * as edge from '../lib/transport/platform.edge';
import * as node from '../lib/transport/platform.node';
import * as web from '../lib/transport/platform.web';

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
      'accumulateCompletion',
      'accumulateContent',
      'accumulateReasoning',
      'accumulateResponse',
      'accumulateToolCalls',
      'collectToolCalls',
      'collectUsage',
      'concatMapGated',
      'contentDeltas',
      'createClient',
      'decodeEvents',
      'fetchTransport',
      'isAPIError',
      'parseChunks',
      'reasoningDeltas',
      'refusalDeltas',
      'retryWithBackoff',
      'splitChoices',
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
  it.each([
    ['in a page', web],
    ['on the edge', edge],
  ])('has the same names %s as on Node', (_, platform) => {
    expect(Object.keys(platform).sort()).toEqual(Object.keys(node).sort());
  });

  it('is undici on Node, and fetch elsewhere', () => {
    expect(node.defaultTransport).toBe(node.undiciTransport);
    expect(web.defaultTransport).toBe(web.fetchTransport);
    expect(edge.defaultTransport).toBe(edge.fetchTransport);
  });

  it.each([
    ['a page', web],
    ['the edge', edge],
  ])('says in %s that undici works on Node only', (_, { undiciTransport }) => {
    expect(() => undiciTransport()).toThrow(TypeError);
    expect(() => undiciTransport()).toThrow(/undici.*Node.*fetchTransport/);
  });

  it('reads the environment but in a page', () => {
    const environment = process.env;
    try {
      process.env = { OPENAI_API_KEY: ' sk-1 ' };
      expect([node, edge, web].map(({ environmentVariable }) => environmentVariable('API_KEY'))).toEqual([
        'sk-1',
        'sk-1',
        undefined,
      ]);
    } finally {
      process.env = environment;
    }
  });
});

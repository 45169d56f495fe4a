import { inspect } from 'node:util';
import {
  createClient,
  fetchTransport,
  undiciTransport,
  type Client,
  type ClientOptions,
  type RequestOptions,
  type Transport,
  type TransportRequest,
} from 'rxdelta';
import { FakeTransport, respond, unconcerned } from '../support/FakeTransport';
import { record } from '../support/record';
import { answer } from '../support/wire';

const params = { model: 'm', messages: [] };
const baseURL = 'http://server.test/v1';
const SECRET = 'sk-secret';
const TRANSPORTS = { undici: undiciTransport(), fetch: fetchTransport() };

interface Outcome {
  requests: TransportRequest[];
  error: unknown;
}

/** Subscribes a stream of a client, and tells what was sent, or what failed. */
function run(options: ClientOptions, open: (client: Client) => ReturnType<Client['stream']>): Outcome {
  const fake = new FakeTransport(respond(answer('Hello')));
  const outcome: Outcome = { requests: fake.requests, error: undefined };
  open(createClient({ baseURL, apiKey: null, transport: fake.send, ...options })).subscribe({
    error: (error: unknown) => {
      outcome.error = error;
    },
  });
  return outcome;
}

/** The one request that a client sends. */
function sent(
  options: ClientOptions = {},
  request: RequestOptions = {},
  path = '/chat/completions',
  body: object = params,
): TransportRequest {
  const { requests, error } = run(options, (client) => client.stream(path, body, request));
  if (error !== undefined) throw error;
  expect(requests).toHaveLength(1);
  return requests[0]!;
}

describe('a request', () => {
  let environment: NodeJS.ProcessEnv;

  beforeEach(() => {
    environment = process.env;
    process.env = {};
  });

  afterEach(() => {
    process.env = environment;
  });

  describe('goes to', () => {
    it.each([
      ['chat completions', (client: Client) => client.chat.completions.stream(params), '/chat/completions'],
      ['responses', (client: Client) => client.responses.stream({ model: 'm' }), '/responses'],
      ['any other path', (client: Client) => client.stream('/completions', {}), '/completions'],
    ])('%s by POST', (_, open, path) => {
      const { requests } = run({}, (client) => open(client));
      expect(requests).toEqual([expect.objectContaining({ method: 'POST', url: baseURL + path })]);
    });

    it.each([
      ['http://server.test', '/a/b', 'http://server.test/a/b'],
      ['http://server.test/', 'a/b', 'http://server.test/a/b'],
      ['http://server.test/v1', '/a', 'http://server.test/v1/a'],
      ['http://server.test/v1/', '/a', 'http://server.test/v1/a'],
      ['http://server.test/v1//', '//a', 'http://server.test/v1/a'],
      ['http://server.test/x/y/z', 'a/', 'http://server.test/x/y/z/a/'],
      ['http://server.test/v1?tenant=7', '/a', 'http://server.test/v1/a?tenant=7'],
      ['http://server.test/v1/?tenant=7', '/a?b=1', 'http://server.test/v1/a?tenant=7&b=1'],
      ['http://server.test/v1', '/a?b=%20&c', 'http://server.test/v1/a?b=%20&c'],
      ['http://server.test/v1', '/a//b', 'http://server.test/v1/a//b'],
      ['/api/openai', '/a', '/api/openai/a'],
      ['/api/openai/', '/a', '/api/openai/a'],
      ['/', '/a', '/a'],
      ['', '/a', '/a'],
      ['api', '/a', 'api/a'],
      ['//server.test/v1', '/a', '//server.test/v1/a'],
    ])('the path below the base: %s and %s', (base, path, url) => {
      expect(sent({ baseURL: base }, {}, path).url).toBe(url);
    });

    it('the default base URL when nobody says otherwise', () => {
      expect(sent({ baseURL: undefined, apiKey: 'sk-1' }).url).toBe('https://api.openai.com/v1/chat/completions');
    });

    it('the query of the client and that of the request, which comes first', () => {
      const query = { a: '1', b: '2' };
      expect(sent({ query }, { query: { b: '3', c: '4' } }).url).toBe(`${baseURL}/chat/completions?a=1&b=3&c=4`);
    });

    it('the queries of the base and of the path, and those of the options', () => {
      expect(sent({ baseURL: `${baseURL}?a=1`, query: { c: '3' } }, { query: { d: '4' } }, '/x?b=2').url).toBe(
        `${baseURL}/x?a=1&b=2&c=3&d=4`,
      );
    });

    it('a query whose values are encoded', () => {
      const { url } = sent({ query: { 'a b': 'c&d=é+' } });
      expect([...new URL(url).searchParams]).toEqual([['a b', 'c&d=é+']]);
      expect(url).not.toMatch(/[ é]/);
    });

    it('a deployment of Azure with its version and its key', () => {
      const { url, headers } = sent({
        apiKey: undefined,
        baseURL: 'https://my-resource.openai.azure.com/openai/deployments/my-deployment',
        headers: { 'api-key': 'azure-key' },
        query: { 'api-version': '2024-10-21' },
      });
      expect(url).toBe(
        'https://my-resource.openai.azure.com/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21',
      );
      expect(headers['api-key']).toBe('azure-key');
      expect(headers).not.toHaveProperty('authorization');
    });
  });

  describe('carries the headers', () => {
    it('of a JSON body and of a stream of events, and no others', () => {
      expect(sent().headers).toEqual({ accept: 'text/event-stream', 'content-type': 'application/json' });
    });

    it('of the client and of the request, which comes first, by lower-case name', () => {
      const headers = { 'X-Client': '1', 'X-Both': 'client' };
      expect(sent({ headers }, { headers: { 'x-request': '2', 'x-bOTH': 'request' } }).headers).toEqual({
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'x-client': '1',
        'x-both': 'request',
        'x-request': '2',
      });
    });

    it('of the caller in place of its own', () => {
      const { headers } = sent({
        organization: 'org-1',
        headers: {
          Accept: 'application/json',
          'Content-Type': 'application/vnd.api+json',
          'OpenAI-Organization': 'mine',
        },
      });
      expect(headers).toEqual({
        accept: 'application/json',
        'content-type': 'application/vnd.api+json',
        'openai-organization': 'mine',
      });
    });

    it('of the organization and the project', () => {
      expect(sent({ organization: 'org-1', project: 'proj-1' }).headers).toMatchObject({
        'openai-organization': 'org-1',
        'openai-project': 'proj-1',
      });
    });

    it('that leave the objects they were given alone', () => {
      const headers = Object.freeze({ 'X-Client': '1' });
      const query = Object.freeze({ a: '1' });
      sent({ headers, query }, { headers: Object.freeze({ 'X-Request': '2' }), query: Object.freeze({ b: '2' }) });
      expect({ headers, query }).toEqual({ headers: { 'X-Client': '1' }, query: { a: '1' } });
    });

    it('with every character that HTTP allows', () => {
      const value = '\t !~\x80ÿ';
      expect(sent({ headers: { "X-!#$%&'*+.^_`|~-9": value } }).headers["x-!#$%&'*+.^_`|~-9"]).toBe(value);
    });
  });

  describe('sends', () => {
    it('what was passed, and stream: true', () => {
      const body = {
        model: 'm',
        messages: [{ role: 'user', content: 'Grüße\u2028"\\' }],
        temperature: 0,
        stop: null,
        extra: { nested: [1, { a: false }] },
      };
      expect(JSON.parse(sent({}, {}, '/x', body).body!)).toEqual({ ...body, stream: true });
    });

    it('no option that was not asked for', () => {
      expect(sent({ completion: 'lenient', maxEventBytes: 999, retry: {} }).body).toBe(
        '{"model":"m","messages":[],"stream":true}',
      );
    });

    it('stream: true also where it was passed', () => {
      const { requests } = run({}, (client) => client.stream('/x', { stream: true, model: 'm' }));
      expect(JSON.parse(requests[0]!.body!)).toEqual({ stream: true, model: 'm' });
    });

    it('parameters that it leaves alone', () => {
      const body = Object.freeze({ model: 'm', messages: Object.freeze([]) });
      sent({}, {}, '/x', body);
      expect(body).toEqual({ model: 'm', messages: [] });
    });
  });

  describe('reads from the environment', () => {
    const VARIABLES = {
      OPENAI_BASE_URL: 'http://environment.test/v2/',
      OPENAI_API_KEY: 'sk-environment',
      OPENAI_ORG_ID: 'org-environment',
      OPENAI_PROJECT_ID: 'proj-environment',
    };
    const unset = { baseURL: undefined, apiKey: undefined };

    it('where it goes, its key, the organization and the project', () => {
      process.env = { ...VARIABLES };
      const { url, headers } = sent(unset);
      expect(url).toBe('http://environment.test/v2/chat/completions');
      expect(headers).toMatchObject({
        authorization: 'Bearer sk-environment',
        'openai-organization': 'org-environment',
        'openai-project': 'proj-environment',
      });
    });

    it('nothing that the options say', () => {
      process.env = { ...VARIABLES };
      const { url, headers } = sent({ apiKey: 'sk-1', organization: 'org-1', project: 'proj-1' });
      expect(url).toBe(`${baseURL}/chat/completions`);
      expect(headers).toMatchObject({
        authorization: 'Bearer sk-1',
        'openai-organization': 'org-1',
        'openai-project': 'proj-1',
      });
    });

    it('nothing that the headers say', () => {
      process.env = { ...VARIABLES };
      const { headers } = sent(unset, { headers: { 'OpenAI-Organization': 'mine', 'OpenAI-Project': 'mine' } });
      expect(headers).toMatchObject({ 'openai-organization': 'mine', 'openai-project': 'mine' });
    });

    it('values without the blanks around them', () => {
      process.env = Object.fromEntries(Object.entries(VARIABLES).map(([name, value]) => [name, ` ${value}\n`]));
      const { url, headers } = sent(unset);
      expect(url).toBe('http://environment.test/v2/chat/completions');
      expect(headers.authorization).toBe('Bearer sk-environment');
      expect(headers['openai-organization']).toBe('org-environment');
    });

    it('nothing that is blank', () => {
      process.env = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, ' ']));
      const { url, headers } = sent({ ...unset, apiKey: 'sk-1' });
      expect(url).toBe('https://api.openai.com/v1/chat/completions');
      expect(Object.keys(headers).sort()).toEqual(['accept', 'authorization', 'content-type']);
    });

    it('what stands there when it is subscribed', () => {
      const fake = new FakeTransport(respond(answer('Hello')));
      process.env = { ...VARIABLES, OPENAI_API_KEY: 'sk-before' };
      const stream = createClient({ transport: fake.send }).chat.completions.stream(params);
      process.env.OPENAI_API_KEY = 'sk-first';
      stream.subscribe(unconcerned);
      process.env.OPENAI_API_KEY = 'sk-second';
      stream.subscribe(unconcerned);
      expect(fake.requests.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer sk-first',
        'Bearer sk-second',
      ]);
    });

    it('nothing where there is no process', () => {
      const { process: own } = globalThis;
      try {
        (globalThis as { process?: unknown }).process = undefined;
        expect(sent({ baseURL: undefined, apiKey: 'sk-1' }).url).toBe('https://api.openai.com/v1/chat/completions');
      } finally {
        globalThis.process = own;
      }
    });
  });

  describe('is refused with a TypeError, and nothing is sent,', () => {
    /** Nobody listens there: what is sent ends with an error of another kind. */
    const nowhere = 'http://127.0.0.1:1/v1';

    function expectRefusal({ requests, error }: Outcome) {
      expect(error).toHaveProperty('name', 'TypeError');
      expect(requests).toEqual([]);
      expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
    }

    async function expectRefusalBy(transport: Transport, options: ClientOptions, request?: RequestOptions) {
      const client = createClient({ baseURL: nowhere, apiKey: null, transport, ...options });
      expectRefusal({ requests: [], error: (await record(client.stream('/x', {}, request))).error });
    }

    describe.each(Object.entries(TRANSPORTS))('by %s', (_, transport) => {
      it.each([
        ['a line feed', `${SECRET}\nx-evil: 1`],
        ['a carriage return', `${SECRET}\rx`],
        ['a zero byte', `${SECRET}\0`],
        ['a character beyond Latin-1', `${SECRET}“`],
      ])('for a header with %s', async (__, value) => {
        await expectRefusalBy(transport, { headers: { 'x-mine': value } });
        await expectRefusalBy(transport, {}, { headers: { 'x-mine': value } });
        await expectRefusalBy(transport, { organization: value });
        await expectRefusalBy(transport, { apiKey: value });
        await expectRefusalBy(transport, { apiKey: () => value });
      });

      it.each(['', 'a b', 'a:b', 'a\nb', 'ä', '{a}'])('for a header whose name is %j', async (name) => {
        await expectRefusalBy(transport, { headers: { [name]: SECRET } });
      });

      it.each([`nonsense-${SECRET}`, `http://[${SECRET}`, `/${SECRET}`])(
        'for a base URL that is none: %s',
        async (base) => {
          await expectRefusalBy(transport, { baseURL: base });
        },
      );
    });

    it('by undici for a base URL of another protocol', async () => {
      await expectRefusalBy(undiciTransport(), { baseURL: `ftp://server.test/${SECRET}` });
    });

    it('for parameters that JSON cannot express', () => {
      const circular: Record<string, unknown> = { prompt: SECRET };
      circular.self = circular;
      expectRefusal(run({}, (client) => client.stream('/x', circular)));
      expectRefusal(run({}, (client) => client.stream('/x', { prompt: SECRET, count: 1n })));
    });
  });

  it.each([`http://user:${SECRET}@127.0.0.1:1/v1`, `http://${SECRET}@127.0.0.1:1`, `http://:${SECRET}@127.0.0.1:1`])(
    'does not show credentials that stand in the base URL (%#)',
    async (base) => {
      for (const transport of Object.values(TRANSPORTS)) {
        const { error } = await record(createClient({ baseURL: base, apiKey: null, transport }).stream('/x', {}));
        expect(error).toBeDefined();
        expect(inspect(error, { depth: 10 })).not.toContain(SECRET);
      }
    },
  );

  it('takes an @ elsewhere in the URL for what it is', () => {
    expect(sent({ baseURL: 'http://server.test/@me' }, { query: { who: 'a@b' } }, '/x').url).toBe(
      'http://server.test/@me/x?who=a%40b',
    );
  });
});

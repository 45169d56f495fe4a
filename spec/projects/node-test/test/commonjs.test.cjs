const assert = require('node:assert/strict');
const { it } = require('node:test');
const { accumulateContent, createClient } = require('rxdelta');
const { chunkAssert, chunkMarbles, fakeTransport, finish } = require('rxdelta/testing');
const { TestScheduler } = require('rxjs/testing');

it('works as CommonJS', () => {
  new TestScheduler(chunkAssert(assert.deepStrictEqual)).run(({ cold, expectObservable, expectSubscriptions }) => {
    const transport = fakeTransport(cold(...chunkMarbles('-a-(b|)', { a: 'Hello', b: finish() })));
    const client = createClient({ apiKey: 'key', transport });
    const text$ = client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [] }).pipe(accumulateContent());
    expectObservable(text$).toBe('-a-|', { a: 'Hello' });
    expectSubscriptions(transport.subscriptions).toBe('^--!');
  });
});

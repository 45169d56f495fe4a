import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accumulateContent, collectToolCalls, createClient, isAPIError } from 'rxdelta';
import {
  chunkAssert,
  chunkMarbles,
  contentChunks,
  fakeClient,
  fakeTransport,
  finish,
  recordTransport,
  replayTransport,
  serializeRecording,
  toolCallChunks,
} from 'rxdelta/testing';
import { lastValueFrom, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

const params = { model: 'gpt-4o-mini', messages: [] };
const scheduler = () => new TestScheduler(chunkAssert(assert.deepStrictEqual));

describe('rxdelta/testing under the runner of Node', () => {
  it('streams marbles, and shows the abort', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const client = fakeClient(cold(...chunkMarbles('-a-b-c', { a: 'Hel', b: 'lo' })));
      const text$ = client.chat.completions.stream(params).pipe(accumulateContent());
      expectObservable(text$, '^---!').toBe('-a-b', { a: 'Hel', b: 'Hello' });
      expectSubscriptions(client.subscriptions).toBe('^---!');
    });
  });

  it('retries in virtual time', () => {
    scheduler().run(({ cold, expectObservable, expectSubscriptions }) => {
      const busy = { status: 503, headers: { 'retry-after-ms': '10' } };
      const answer = cold(...chunkMarbles('-a-(b|)', { a: 'Hello', b: finish() }));
      const transport = fakeTransport([busy, busy, answer]);
      const client = createClient({ apiKey: 'key', transport, retry: {} });
      const text$ = client.chat.completions.stream(params).pipe(accumulateContent());
      expectObservable(text$).toBe('21ms a-|', { a: 'Hello' });
      expectSubscriptions(transport.subscriptions).toBe(['(^!)', '10ms (^!)', '20ms ^--!']);
    });
  });

  it('fails readably', () => {
    const compare = () => {
      scheduler().run(({ cold, expectObservable }) => {
        expectObservable(cold(...chunkMarbles('-a-|', { a: 'Hel' }))).toBe(...chunkMarbles('-a-|', { a: 'Hal' }));
      });
    };
    assert.throws(compare, /1ms next content \\?"Hel/);
  });

  it('hands out tool calls', async () => {
    const client = fakeClient([toolCallChunks({ name: 'get_weather', arguments: { city: 'Paris' } })]);
    const call = await lastValueFrom(client.chat.completions.stream(params).pipe(collectToolCalls()));
    assert.deepEqual(call.parsed(), { city: 'Paris' });
  });

  it('replays a recording, byte by byte', async () => {
    const recorder = recordTransport(fakeTransport([contentChunks('Grüße')]));
    const textOf = (transport) =>
      lastValueFrom(
        createClient({ apiKey: 'key', transport }).chat.completions.stream(params).pipe(accumulateContent(), toArray()),
      );
    assert.deepEqual(await textOf(recorder), ['Grüß', 'Grüße']);
    const file = serializeRecording(recorder.recording);
    assert.deepEqual(await textOf(replayTransport(file, { cut: 1 })), ['Grüß', 'Grüße']);
  });

  it('gives the errors of the package', async () => {
    const client = createClient({ apiKey: 'key', transport: fakeTransport({ status: 401 }) });
    await assert.rejects(lastValueFrom(client.chat.completions.stream(params)), isAPIError);
  });
});

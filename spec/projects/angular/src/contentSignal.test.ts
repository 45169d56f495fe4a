import { Injector, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { createClient, StreamTruncatedError } from 'rxdelta';
import { contentSignal, RXDELTA_CLIENT, injectClient } from 'rxdelta/angular';
import {
  chunkMarbles,
  contentChunk,
  contentChunks,
  fakeClient,
  fakeTransport,
  finish,
  responseEvents,
} from 'rxdelta/testing';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { scheduler } from './support/scheduler';

const params = { model: 'gpt-4o-mini', messages: [] };
const injector = () => TestBed.inject(Injector);

describe('contentSignal', () => {
  it('shows the text of chat chunks', () => {
    const virtual = scheduler();
    virtual.run(({ cold }) => {
      const client = fakeClient(cold(...chunkMarbles('-a-b-(c|)', { a: 'Hel', b: 'lo', c: finish() })));
      TestBed.configureTestingModule({ providers: [{ provide: RXDELTA_CLIENT, useValue: client }] });
      const answer = TestBed.runInInjectionContext(() => {
        const streams = injectClient();
        return contentSignal(() => streams.chat.completions.stream(params));
      });
      TestBed.tick();
      const seen: string[] = [];
      const see = () => seen.push(`${answer.status()} ${answer.value()}`);
      see();
      virtual.schedule(see, 2);
      virtual.schedule(see, 4);
      virtual.schedule(() => {
        see();
        expect(seen).toEqual(['loading ', 'streaming Hel', 'streaming Hello', 'done Hello']);
      }, 6);
    });
  });

  it('shows the text of the events of a Response', () => {
    const client = fakeClient([responseEvents.text('Hello')]);
    const stream = client.responses.stream({ model: 'gpt-4o-mini', input: 'Hi' });
    const answer = contentSignal(() => stream, { injector: injector() });
    TestBed.tick();
    expect([answer.status(), answer.value()]).toEqual(['done', 'Hello']);
  });

  it('shows the choice that it is told to', () => {
    const chunks = from([contentChunk('zero'), contentChunk('one', { choice: 1 })]);
    const answers = [undefined, 0, 1].map((choice) =>
      contentSignal(() => chunks, { injector: injector(), ...(choice !== undefined && { choice }) }),
    );
    TestBed.tick();
    expect(answers.map((answer) => answer.value())).toEqual(['zero', 'zero', 'one']);
  });

  it('starts again with a retry that starts the answer again', () => {
    const virtual = scheduler();
    virtual.run(({ cold }) => {
      const transport = fakeTransport([
        cold(...chunkMarbles('-a-#', { a: 'Hel' })),
        cold(...chunkMarbles('-a-(b|)', { a: 'Good day', b: finish() })),
      ]);
      const retry = { afterFirstChunk: 'restart' as const, initialDelayMs: 10, jitter: 0 };
      const client = createClient({ baseURL: 'http://api.test/v1', transport, retry });
      const answer = contentSignal(() => client.chat.completions.stream(params), { injector: injector() });
      TestBed.tick();
      const seen: string[] = [];
      const see = () => seen.push(`${answer.status()} ${answer.value()}`);
      virtual.schedule(see, 2);
      virtual.schedule(see, 15);
      virtual.schedule(() => {
        see();
        expect(seen).toEqual(['streaming Hel', 'streaming Good day', 'done Good day']);
      }, 17);
    });
  });

  it('keeps the text of an answer that is cut, and says so', () => {
    const client = fakeClient(fakeTransport([[contentChunk('Hel')], contentChunks('Hello')]));
    const answer = contentSignal(() => client.chat.completions.stream(params), { injector: injector() });
    TestBed.tick();
    expect([answer.status(), answer.value(), answer.error()]).toEqual([
      'error',
      'Hel',
      expect.any(StreamTruncatedError),
    ]);
    answer.reload();
    TestBed.tick();
    expect([answer.status(), answer.value(), answer.error()]).toEqual(['done', 'Hello', undefined]);
  });

  it('asks each question that comes, and none twice', () => {
    const client = fakeClient(() => contentChunks('Yes'));
    const question = signal('');
    const answer = contentSignal(
      () => {
        const content = question();
        if (!content) return undefined;
        return client.chat.completions.stream({ ...params, messages: [{ role: 'user', content }] });
      },
      { injector: injector() },
    );
    for (const next of ['', 'One?', 'One?', 'Two?']) {
      question.set(next);
      TestBed.tick();
    }
    expect(answer.value()).toBe('Yes');
    expect(JSON.stringify(client.calls.map(({ params }) => params))).toMatch(/One\?.*Two\?/);
    expect(client.calls).toHaveLength(2);
  });
});

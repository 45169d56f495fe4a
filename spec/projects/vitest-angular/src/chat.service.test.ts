import { TestBed } from '@angular/core/testing';
import { chunkAssert, chunkMarbles, fakeClient, fakeTransport, finish } from 'rxdelta/testing';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ChatComponent, ChatService, CLIENT } from './chat.component';

const scheduler = () => new TestScheduler(chunkAssert((actual, expected) => expect(actual).toEqual(expected)));

afterEach(() => TestBed.resetTestingModule());

describe('ChatService', () => {
  it('streams the text so far, and asks what it was asked', () => {
    scheduler().run(({ cold, expectObservable, flush }) => {
      const client = fakeClient(cold(...chunkMarbles('-a-b-(c|)', { a: 'Hel', b: 'lo', c: finish() })));
      TestBed.configureTestingModule({ providers: [{ provide: CLIENT, useValue: client }] });
      expectObservable(TestBed.inject(ChatService).answer('Hi')).toBe('-a-b-|', { a: 'Hel', b: 'Hello' });
      flush();
      expect(client.calls).toMatchObject([{ params: { messages: [{ role: 'user', content: 'Hi' }] } }]);
    });
  });
});

describe('ChatComponent', () => {
  /** What the component shows after a time, in milliseconds. */
  function shownAfter(timeMs: number, transport: ReturnType<typeof fakeTransport>): string {
    let shown = '';
    const virtual = scheduler();
    virtual.run(() => {
      TestBed.configureTestingModule({ providers: [{ provide: CLIENT, useValue: fakeClient(transport) }] });
      const fixture = TestBed.createComponent(ChatComponent);
      virtual.schedule(() => {
        fixture.detectChanges();
        shown = fixture.nativeElement.textContent;
        fixture.destroy();
      }, timeMs);
    });
    return shown;
  }

  it('gives up after two retries', () => {
    const transport = fakeTransport(() => ({ status: 503, headers: { 'retry-after-ms': '10' } }));
    expect(shownAfter(30, transport)).toBe('Please try again');
    expect(transport.requests).toHaveLength(3);
  });

  it('does not retry what cannot succeed', () => {
    const transport = fakeTransport([{ status: 401 }]);
    expect(shownAfter(30, transport)).toBe('Please try again');
    expect(transport.requests).toHaveLength(1);
  });
});

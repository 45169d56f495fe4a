import { TestBed } from '@angular/core/testing';
import { chunkAssert, chunkMarbles, fakeClient, fakeTransport } from 'rxdelta/testing';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { ChatComponent, CLIENT } from './chat.component';

it('retries twice, then shows the text, and aborts when the component goes', () => {
  const scheduler = new TestScheduler(chunkAssert((actual, expected) => expect(actual).toEqual(expected)));
  scheduler.run(({ cold, expectSubscriptions }) => {
    const busy = { status: 503, headers: { 'retry-after-ms': '10' } };
    const transport = fakeTransport([busy, busy, cold(...chunkMarbles('-a-b-c-d', { a: 'Hel', b: 'lo' }))]);
    TestBed.configureTestingModule({ providers: [{ provide: CLIENT, useValue: fakeClient(transport) }] });
    const fixture = TestBed.createComponent(ChatComponent);
    scheduler.schedule(() => {
      fixture.detectChanges();
      expect(fixture.nativeElement.textContent).toBe('Hello');
      fixture.destroy();
    }, 24);
    expectSubscriptions(transport.subscriptions).toBe(['(^!)', '10ms (^!)', '20ms ^---!']);
  });
});

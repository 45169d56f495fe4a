import { TestBed } from '@angular/core/testing';
import { RXDELTA_CLIENT } from 'rxdelta/angular';
import { chunkAssert, chunkMarbles, fakeClient, type FakeClient } from 'rxdelta/testing';
import { TestScheduler } from 'rxjs/testing';
import { expect, it } from 'vitest';
import { ChatComponent } from './chat.component';

function open(client: FakeClient) {
  TestBed.configureTestingModule({ providers: [{ provide: RXDELTA_CLIENT, useValue: client }] });
  const fixture = TestBed.createComponent(ChatComponent);
  fixture.componentInstance.question.set('Who are you?');
  fixture.detectChanges();
  return fixture;
}

it('shows the answer as it grows, and closes the connection when it is stopped', () => {
  const scheduler = new TestScheduler(chunkAssert((actual, expected) => expect(actual).toEqual(expected)));
  scheduler.run(({ cold, expectSubscriptions }) => {
    const client = fakeClient(cold(...chunkMarbles('-a-b-c-d', { a: 'I am', b: ' a robot' })));
    const fixture = open(client);
    scheduler.schedule(() => {
      fixture.detectChanges();
      expect(fixture.nativeElement.querySelector('p').textContent).toBe('I am a robot');
      fixture.nativeElement.querySelector('.stop').click();
      expect(fixture.componentInstance.answer.status()).toBe('stopped');
    }, 4);
    expectSubscriptions(client.subscriptions).toBe('^---!');
  });
});

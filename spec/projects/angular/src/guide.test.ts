import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { ApplicationRef, type ApplicationConfig } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { accumulateContent, type Transport } from 'rxdelta';
import { injectClient, provideRxDelta, RXDELTA_CLIENT, withHttpClientInterceptors } from 'rxdelta/angular';
import {
  contentChunk,
  contentChunks,
  fakeClient,
  fakeTransport,
  toolCallChunks,
  type FakeClient,
} from 'rxdelta/testing';
import { concat, from, lastValueFrom, map, NEVER, timer } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { appConfig } from './guide/app.config';
import { CallsComponent } from './guide/calls.component';
import { ChatComponent } from './guide/chat.component';
import { completionSignal } from './guide/completion';
import { appConfig as interceptorsConfig } from './guide/interceptors.config';
import { appConfig as keyConfig } from './guide/key.config';
import { Recipes } from './guide/recipes';
import { Session } from './guide/session';
import { StoryComponent } from './guide/story.component';

/** A request whose answer has begun and does not end. */
const begun = concat(from(contentChunks('Hello').slice(0, -1)), NEVER);

function use(client: FakeClient, config?: ApplicationConfig): void {
  TestBed.configureTestingModule({
    providers: [...(config?.providers ?? []), { provide: RXDELTA_CLIENT, useValue: client }],
  });
}

describe('the guide', () => {
  it('provides a client that asks the relay', () => {
    TestBed.configureTestingModule({ providers: appConfig.providers });
    expect(TestBed.runInInjectionContext(injectClient)).toHaveProperty('chat');
  });

  it('shows a story by the async pipe, and closes its connection when it is cleared', () => {
    const client = fakeClient(begun);
    use(client);
    const fixture = TestBed.createComponent(StoryComponent);
    fixture.detectChanges();
    const [tell, clear] = fixture.nativeElement.querySelectorAll('button');
    const shown = () => {
      fixture.detectChanges();
      return fixture.nativeElement.querySelector('p').textContent;
    };
    tell.click();
    expect(shown()).toBe('Hello');
    expect(client.subscriptions[0]?.unsubscribedFrame).toBe(Infinity);
    clear.click();
    expect(shown()).toBe('');
    expect(client.subscriptions[0]?.unsubscribedFrame).toBeLessThan(Infinity);
  });

  it('tries again after an error', () => {
    use(fakeClient([new Error('broken'), contentChunks('Hello')]));
    const fixture = TestBed.createComponent(ChatComponent);
    fixture.componentInstance.question.set('Hi');
    fixture.detectChanges();
    fixture.nativeElement.querySelector('.again').click();
    fixture.detectChanges();
    expect(fixture.nativeElement.querySelector('p').textContent).toBe('Hello');
  });

  it('collects calls', () => {
    use(fakeClient([toolCallChunks({ name: 'get_weather', arguments: { city: 'Paris' } })]));
    const fixture = TestBed.createComponent(CallsComponent);
    fixture.detectChanges();
    fixture.detectChanges();
    expect(fixture.nativeElement.textContent.trim()).toBe('get_weather({"city":"Paris"})');
  });

  it('takes the completion so far', () => {
    const answer = TestBed.runInInjectionContext(() => completionSignal(() => from(contentChunks('Hello'))));
    expect(answer.value()).toBe(undefined);
    TestBed.tick();
    expect(answer.value()?.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Hello' } });
  });

  it('refreshes a token, and sends again', async () => {
    const transport = fakeTransport([{ status: 401 }, contentChunks('Hello')]);
    const sent: unknown[] = [];
    const noting: Transport = (request) => {
      sent.push(request.headers['authorization']);
      return transport(request);
    };
    TestBed.configureTestingModule({
      providers: [
        ...interceptorsConfig.providers,
        provideRxDelta({ baseURL: '/api/openai', transport: noting }, withHttpClientInterceptors()),
        provideHttpClientTesting(),
      ],
    });
    TestBed.inject(Session).token.set('old');
    const client = TestBed.runInInjectionContext(injectClient);
    const text = lastValueFrom(
      client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [] }).pipe(accumulateContent()),
    );
    const controller = TestBed.inject(HttpTestingController);
    await vi.waitFor(() => controller.expectOne('/api/session').flush({ token: 'new' }));
    expect(await text).toBe('Hello');
    expect(sent).toEqual(['Bearer old', 'Bearer new']);
  });

  it('takes the token of the session in a page', () => {
    TestBed.configureTestingModule({ providers: keyConfig.providers });
    TestBed.inject(Session).token.set('token');
    expect(() => TestBed.runInInjectionContext(injectClient)).not.toThrow();
  });

  it('has recipes for toSignal and rxResource', async () => {
    use(fakeClient([contentChunks('Hello'), new Error('broken'), contentChunks('Hello')]));
    const recipes = TestBed.runInInjectionContext(() => new Recipes());
    recipes.asked$.next('Hi');
    expect(recipes.text()).toBe('Hello');
    recipes.asked$.next('Hi');
    expect(recipes.text()).toBe('Please try again');
    recipes.question.set('Hi');
    await TestBed.inject(ApplicationRef).whenStable();
    expect(recipes.answer.value()).toBe('Hello');
  });

  it('says what is true of rxResource', async () => {
    const client = fakeClient(begun);
    use(client);
    const recipes = TestBed.runInInjectionContext(() => new Recipes());
    recipes.question.set('Hi');
    await TestBed.inject(ApplicationRef).whenStable();
    expect([recipes.answer.value(), recipes.answer.status(), recipes.answer.isLoading()]).toEqual([
      'Hello',
      'resolved',
      false,
    ]);
    recipes.question.set(undefined);
    await TestBed.inject(ApplicationRef).whenStable();
    expect(recipes.answer.status()).toBe('idle');
    expect(client.subscriptions[0]?.unsubscribedFrame).toBe(Infinity);
    recipes.answer.set('');
    expect(recipes.answer.status()).toBe('local');
  });

  it('says what is true of an error of rxResource: the value is lost', async () => {
    const broken = timer(5).pipe(
      map(() => {
        throw new Error('broken');
      }),
    );
    use(fakeClient(concat([contentChunk('Hel')], broken)));
    const recipes = TestBed.runInInjectionContext(() => new Recipes());
    recipes.question.set('Hi');
    await vi.waitFor(() => {
      TestBed.tick();
      expect(recipes.answer.status()).toBe('error');
    });
    expect(recipes.answer.hasValue()).toBe(false);
    expect(() => recipes.answer.value()).toThrow();
  });
});

import { Component, inject, Injectable, InjectionToken } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { accumulateContent, createClient, retryWithBackoff, type Client } from 'rxdelta';
import { catchError, of, type Observable } from 'rxjs';

export const CLIENT = new InjectionToken<Client>('client', {
  providedIn: 'root',
  factory: () => createClient({ baseURL: '/api/openai' }),
});

@Injectable({ providedIn: 'root' })
export class ChatService {
  readonly #client = inject(CLIENT);

  answer(question: string): Observable<string> {
    return this.#client.chat.completions
      .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: question }] })
      .pipe(retryWithBackoff(), accumulateContent());
  }
}

@Component({ selector: 'app-chat', template: '<p>{{ text() }}</p>' })
export class ChatComponent {
  readonly text = toSignal(
    inject(ChatService)
      .answer('Hello')
      .pipe(catchError(() => of('Please try again'))),
    { initialValue: '' },
  );
}

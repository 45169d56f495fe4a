import { Component } from '@angular/core';
import { contentSignal, injectClient } from 'rxdelta/angular';

@Component({ selector: 'app-answer', template: '{{ answer.status() }}: {{ answer.value() }}' })
export class AnswerComponent {
  readonly #client = injectClient();
  readonly answer = contentSignal(() =>
    this.#client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
  );
}

import { Component, signal } from '@angular/core';
import { contentSignal, injectClient } from 'rxdelta/angular';

@Component({
  selector: 'app-chat',
  template: `
    <input #input /><button (click)="question.set(input.value)">Ask</button>
    <p>{{ answer.value() }}</p>
    @switch (answer.status()) {
      @case ('loading') {
        <i>Thinking</i>
      }
      @case ('streaming') {
        <button class="stop" (click)="answer.stop()">Stop</button>
      }
      @case ('error') {
        <button class="again" (click)="answer.reload()">Try again</button>
      }
    }
  `,
})
export class ChatComponent {
  readonly #client = injectClient();
  readonly question = signal('');

  readonly answer = contentSignal(() => {
    const content = this.question();
    return content
      ? this.#client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] })
      : undefined;
  });
}

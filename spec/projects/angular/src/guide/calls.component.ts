import { Component, input } from '@angular/core';
import { collectToolCalls, type ToolCall } from 'rxdelta';
import { injectClient, streamSignal } from 'rxdelta/angular';
import type { ChatCompletionTool } from 'rxdelta/openai';

const tools: ChatCompletionTool[] = [{ type: 'function', function: { name: 'get_weather' } }];

@Component({
  selector: 'app-calls',
  template: `@for (call of calls.value(); track call.index) {
    <p>{{ call.name }}({{ call.arguments }})</p>
  }`,
})
export class CallsComponent {
  readonly #client = injectClient();
  readonly question = input('How is the weather in Paris?');

  readonly calls = streamSignal(() => this.#ask(this.question()), {
    seed: [] as readonly ToolCall[],
    reduce: (calls, call) => [...calls, call],
  });

  #ask(content: string) {
    return this.#client.chat.completions
      .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }], tools })
      .pipe(collectToolCalls());
  }
}

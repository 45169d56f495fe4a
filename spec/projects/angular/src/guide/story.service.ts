import { Injectable } from '@angular/core';
import { accumulateContent } from 'rxdelta';
import { injectClient } from 'rxdelta/angular';
import type { Observable } from 'rxjs';

@Injectable({ providedIn: 'root' })
export class StoryService {
  readonly #client = injectClient();

  /** The story so far. */
  story(topic: string): Observable<string> {
    return this.#client.chat.completions
      .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Write a story about ${topic}` }] })
      .pipe(accumulateContent());
  }
}

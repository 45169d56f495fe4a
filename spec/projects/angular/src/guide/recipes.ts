import { signal } from '@angular/core';
import { rxResource, toSignal } from '@angular/core/rxjs-interop';
import { accumulateContent } from 'rxdelta';
import { injectClient } from 'rxdelta/angular';
import { catchError, of, switchMap, Subject } from 'rxjs';

export class Recipes {
  readonly #client = injectClient();
  readonly asked$ = new Subject<string>();
  readonly question = signal<string | undefined>(undefined);

  /** `toSignal`: without `catchError`, reading the signal throws once the stream has failed. */
  readonly text = toSignal(
    this.asked$.pipe(switchMap((question) => this.#ask(question).pipe(catchError(() => of('Please try again'))))),
    { initialValue: '' },
  );

  /** `rxResource`: see its traps below. */
  readonly answer = rxResource({
    params: () => this.question(),
    stream: ({ params }) => this.#ask(params),
    defaultValue: '',
  });

  #ask(content: string) {
    return this.#client.chat.completions
      .stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] })
      .pipe(accumulateContent());
  }
}

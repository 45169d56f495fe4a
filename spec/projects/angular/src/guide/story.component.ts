import { AsyncPipe } from '@angular/common';
import { Component, inject } from '@angular/core';
import { catchError, of, Subject, switchMap } from 'rxjs';
import { StoryService } from './story.service';

@Component({
  selector: 'app-story',
  imports: [AsyncPipe],
  template: `
    <button (click)="topic$.next('a robot')">Tell</button>
    <button (click)="topic$.next('')">Clear</button>
    <p>{{ story$ | async }}</p>
  `,
})
export class StoryComponent {
  readonly topic$ = new Subject<string>();
  readonly #stories = inject(StoryService);

  readonly story$ = this.topic$.pipe(
    switchMap((topic) => (topic ? this.#stories.story(topic).pipe(catchError(() => of('Please try again'))) : of(''))),
  );
}

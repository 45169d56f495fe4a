import { ChangeDetectionStrategy, Component, output } from '@angular/core';

/** What an empty conversation shows: some questions to begin with. */
@Component({
  selector: 'app-welcome',
  template: `
    <h2>What would you like to know?</h2>
    <ul>
      @for (question of questions; track question) {
        <li>
          <button type="button" (click)="chosen.emit(question)">{{ question }}</button>
        </li>
      }
    </ul>
  `,
  styleUrl: './welcome.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Welcome {
  readonly chosen = output<string>();
  protected readonly questions = [
    'What is the weather in Paris and Oslo?',
    'What is 17.5 * (240 + 36)?',
    'Explain switchMap with some code',
    'Write a story about a robot',
  ];
}

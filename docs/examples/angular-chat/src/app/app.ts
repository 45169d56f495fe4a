import { ChangeDetectionStrategy, Component, computed, inject, viewChild } from '@angular/core';
import { Conversation } from './chat/conversation';
import { announcementOf } from './view/announcement-of';
import { Composer } from './view/composer';
import { FollowEnd } from './view/follow-end';
import { TurnView } from './view/turn-view';
import { Welcome } from './view/welcome';

/** The page: the conversation, and the place to write below it. */
@Component({
  selector: 'app-root',
  imports: [Composer, FollowEnd, TurnView, Welcome],
  templateUrl: './app.html',
  styleUrl: './app.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '(document:keydown.escape)': 'conversation.stop()' },
})
export class App {
  protected readonly conversation = inject(Conversation);
  protected readonly announcement = computed(() => announcementOf(this.conversation.turns().at(-1)));
  private readonly composer = viewChild.required(Composer);
  private readonly end = viewChild.required(FollowEnd);

  protected ask(question: string): void {
    this.conversation.ask(question);
    this.goOn();
  }

  protected retry(): void {
    this.conversation.retry();
    this.goOn();
  }

  protected clear(): void {
    this.conversation.clear();
    this.goOn();
  }

  /** The button that was pressed may be gone: the focus goes to where one writes. */
  private goOn(): void {
    this.end().follow();
    this.composer().focus();
  }
}

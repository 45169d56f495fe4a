import { ChangeDetectionStrategy, Component, ElementRef, input, output, viewChild } from '@angular/core';

/** Where one writes: Enter sends, Shift+Enter begins a line. While an answer is coming, the button stops it. */
@Component({
  selector: 'app-composer',
  templateUrl: './composer.html',
  styleUrl: './composer.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Composer {
  readonly busy = input(false);
  readonly send = output<string>();
  readonly stop = output();
  private readonly box = viewChild.required<ElementRef<HTMLTextAreaElement>>('box');

  focus(): void {
    this.box().nativeElement.focus();
  }

  protected submit(event: Event): void {
    event.preventDefault();
    const box = this.box().nativeElement;
    const text = box.value.trim();
    if (text === '') return;
    box.value = '';
    this.send.emit(text);
  }

  protected submitByEnter(event: Event): void {
    // Enter also ends the composition of a character, in Japanese for instance.
    if (!(event as KeyboardEvent).isComposing) this.submit(event);
  }

  protected stopAnswer(): void {
    this.stop.emit();
    this.focus();
  }
}

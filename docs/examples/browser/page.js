import { accumulateContent, createClient } from 'rxdelta';
import { catchError, endWith, filter, fromEvent, map, merge, of, startWith, switchMap, tap } from 'rxjs';

// No key here: the relay of our own server adds it.
const client = createClient({ baseURL: '/api/openai' });

const [form, question, stop, state, answer] = ['form', '#question', '#stop', '#state', '#answer'].map((selector) =>
  document.querySelector(selector),
);

const questions = fromEvent(form, 'submit').pipe(
  tap((event) => event.preventDefault()),
  map(() => question.value.trim()),
  filter((text) => text !== ''),
);
const stops = merge(
  fromEvent(stop, 'click'),
  fromEvent(document, 'keydown').pipe(filter(({ key }) => key === 'Escape' && !stop.disabled)),
);

// switchMap unsubscribes from the answer before: the next question closes its connection, and so does Stop.
merge(questions.pipe(map(ask)), stops.pipe(map(() => of({ state: 'Stopped', busy: false }))))
  .pipe(switchMap((news) => news))
  .subscribe(show);

/** What is new on the page, from the question to the end of its answer. */
function ask(content) {
  return client.chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] }).pipe(
    accumulateContent(),
    map((text) => ({ text })),
    startWith({ text: '', state: 'The answer is coming', busy: true }),
    endWith({ state: 'Done', busy: false }),
    catchError((error) => of({ state: `It did not work: ${error.message}`, busy: false })),
  );
}

/** Shows what is new, and leaves the rest as it is. It is text: whatever the model writes, none of it becomes HTML. */
function show(news) {
  if (news.text !== undefined) answer.textContent = news.text;
  if (news.state !== undefined) state.textContent = news.state;
  if (news.busy !== undefined) {
    if (!news.busy && document.activeElement === stop) question.focus();
    stop.disabled = !news.busy;
  }
}

import { contentDeltas, createClient, takeChunks } from 'rxdelta';
import { fromEvent, identity, takeUntil, tap } from 'rxjs';
import { chatAnswer } from './chatAnswer.ts';
import { converse } from './converse.ts';
import { explainError } from './explainError.ts';
import { Figures } from './Figures.ts';
import { startLocalServer } from './localServer.ts';
import { readOptions, USAGE, type DemoOptions } from './options.ts';
import { responsesAnswer } from './responsesAnswer.ts';
import { terminal } from './terminal.ts';

/** What a shell reports for a program that Ctrl-C ended: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

const options = readOptionsOrExit(process.argv.slice(2));
if (options.help) terminal.line(USAGE);
else await run(options);

async function run(options: DemoOptions): Promise<void> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL } = process.env;
  const server = OPENAI_API_KEY?.trim() || OPENAI_BASE_URL?.trim() ? undefined : await startLocalServer();
  if (server) terminal.note(`No OPENAI_API_KEY and no OPENAI_BASE_URL: a local server answers, at ${server.url}`);

  const client = createClient(server ? { baseURL: server.url, apiKey: null } : {});
  const answer = options.api === 'chat' ? chatAnswer(client, options) : responsesAnswer(client, options);
  const figures = new Figures();
  let isInterrupted = false;
  const interrupt = fromEvent(process, 'SIGINT').pipe(tap(() => (isInterrupted = true)));

  // Nothing is sent before subscribe(). Whatever ends this pipe early, an operator or Ctrl-C, closes the connection.
  converse(answer)
    .pipe(
      options.cancelAfter === undefined ? identity : takeChunks(options.cancelAfter),
      figures.measure(),
      contentDeltas(),
      takeUntil(interrupt),
    )
    .subscribe({
      next: (text) => {
        terminal.write(text);
      },
      error: (error: unknown) => {
        terminal.problem(explainError(error));
        process.exitCode = 1;
        server?.stop();
      },
      complete: () => {
        if (isInterrupted) {
          terminal.write('\n');
          terminal.note('Interrupted: the connection is closed.');
          process.exitCode = INTERRUPTED;
        } else {
          const { count } = figures;
          if (count === options.cancelAfter) terminal.line(`Closed the connection after chunk ${count}.`);
          terminal.line(figures.toString());
        }
        server?.stop();
      },
    });
}

function readOptionsOrExit(args: string[]): DemoOptions {
  try {
    return readOptions(args);
  } catch (error) {
    terminal.problem(explainError(error));
    terminal.problem('npm run demo -- --help shows the options.');
    process.exit(2);
  }
}

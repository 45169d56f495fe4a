import { fork, type ChildProcess } from 'node:child_process';

/** Longer than any round takes, in milliseconds. */
const MAX_MS = 60_000;

/** A process of the benchmarks, which answers one message at a time. */
export class Child<Message, Request extends string = never> {
  readonly #child: ChildProcess;

  /** @param execPath - the Node that runs it */
  constructor(program: string, args: string[], execPath: string) {
    this.#child = fork(program, args, {
      execPath,
      execArgv: ['--expose-gc'],
      // Infinite numbers come through.
      serialization: 'advanced',
      // Nothing of the environment may change what is measured.
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      // The table alone goes to stdout.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
  }

  /** The next message; rejects when the process ends without one, or takes too long. */
  hear(): Promise<Message> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#child.off('message', onMessage).off('exit', onExit);
        act();
      };
      const onMessage = (message: unknown) => settle(() => resolve(message as Message));
      const onExit = (code: number | null) => settle(() => reject(new Error(`The process ended with ${code}`)));
      const timer = setTimeout(() => settle(() => reject(new Error(`Nothing came for ${MAX_MS} ms`))), MAX_MS);
      this.#child.once('message', onMessage).once('exit', onExit);
      if (this.#child.exitCode !== null) onExit(this.#child.exitCode);
    });
  }

  /** Sends a message and gives the next one that comes. */
  ask(request: Request): Promise<Message> {
    const heard = this.hear();
    if (this.#child.connected) this.#child.send(request);
    return heard;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

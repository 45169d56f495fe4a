import {
  Component,
  createEnvironmentInjector,
  effect,
  EnvironmentInjector,
  inject,
  Injector,
  PLATFORM_ID,
  signal,
  untracked,
  type WritableSignal,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { streamSignal, type StreamSignal, type StreamSignalOptions } from 'rxdelta/angular';
import { concat, NEVER, Observable, of, Subject, throwError } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scheduler } from './support/scheduler';

type Source<T> = () => Observable<T> | undefined;

const text: StreamSignalOptions<string, string> = { seed: '', reduce: (value, item) => value + item };

/** A signal that goes when the module is reset. */
function open<T, V>(source: Source<T>, options: StreamSignalOptions<T, V>): StreamSignal<V> {
  const stream = streamSignal(source, { injector: TestBed.inject(Injector), ...options });
  TestBed.tick();
  return stream;
}

/** What a signal shows. */
function shown<V>({ status, value, error }: StreamSignal<V>): unknown[] {
  const failure = error();
  return failure === undefined ? [status(), value()] : [status(), value(), failure];
}

/** Runs in virtual time; `at` does something at a time, in milliseconds. */
function virtually(run: (helpers: RunHelpers, at: (timeMs: number, act: () => void) => void) => void): void {
  const virtual = scheduler();
  let acts = 0;
  let planned = 0;
  virtual.run((helpers) => {
    run(helpers, (timeMs, act) => {
      planned++;
      virtual.schedule(() => {
        acts++;
        TestBed.tick();
        act();
      }, timeMs);
    });
  });
  expect(acts).toBe(planned);
}

describe('streamSignal', () => {
  it('shows the value so far, from the seed to the end', () => {
    virtually(({ cold, expectSubscriptions }, at) => {
      const source = cold('-a-b-|');
      const stream = open(() => source, text);
      expect(shown(stream)).toEqual(['loading', '']);
      at(1.5, () => expect(shown(stream)).toEqual(['streaming', 'a']));
      at(3.5, () => expect(shown(stream)).toEqual(['streaming', 'ab']));
      at(5.5, () => expect(shown(stream)).toEqual(['done', 'ab']));
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  it('is idle without a source, and waits for one', () => {
    const question = signal('');
    const asked: string[] = [];
    const stream = open(() => {
      if (!question()) return undefined;
      asked.push(question());
      return of('yes');
    }, text);
    expect(shown(stream)).toEqual(['idle', '']);
    question.set('Is it?');
    TestBed.tick();
    expect(shown(stream)).toEqual(['done', 'yes']);
    expect(asked).toEqual(['Is it?']);
  });

  it('closes the connection when its source changes, and starts again from the seed', () => {
    virtually(({ cold, expectSubscriptions }, at) => {
      const sources = [cold('-a-b-c-d'), cold('--x-|')];
      const index = signal(0);
      const stream = open(() => sources[index()], text);
      at(4, () => {
        expect(shown(stream)).toEqual(['streaming', 'ab']);
        index.set(1);
        TestBed.tick();
        expect(shown(stream)).toEqual(['loading', '']);
      });
      at(9, () => expect(shown(stream)).toEqual(['done', 'x']));
      expectSubscriptions(sources[0]!.subscriptions).toBe('^---!');
      expectSubscriptions(sources[1]!.subscriptions).toBe('----^---!');
    });
  });

  it('closes the connection when its source becomes undefined, and leaves the seed', () => {
    virtually(({ cold, expectSubscriptions }, at) => {
      const source = cold('-a-b-c-d');
      const isOn = signal(true);
      const stream = open(() => (isOn() ? source : undefined), text);
      at(4, () => {
        isOn.set(false);
        TestBed.tick();
        expect(shown(stream)).toEqual(['idle', '']);
      });
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('closes the connection when it is stopped, and keeps the value', () => {
    virtually(({ cold, expectSubscriptions }, at) => {
      const source = cold('-a-b-c-d');
      const stream = open(() => source, text);
      at(4, () => {
        stream.stop();
        expect(shown(stream)).toEqual(['stopped', 'ab']);
      });
      at(9, () => expect(shown(stream)).toEqual(['stopped', 'ab']));
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it.each<[string, Source<string>, unknown[]]>([
    ['there is no source', () => undefined, ['idle', '']],
    ['the stream is done', () => of('a'), ['done', 'a']],
    ['it has failed', () => throwError(() => 'why'), ['error', '', 'why']],
  ])('is not stopped when %s', (_, source, expected) => {
    const stream = open(source, text);
    stream.stop();
    expect(shown(stream)).toEqual(expected);
  });

  it('keeps the value when the stream fails', () => {
    virtually(({ cold }, at) => {
      const failure = new Error('broken');
      const stream = open(() => cold('-a-b-#', { a: 'a', b: 'b' }, failure), text);
      at(6, () => {
        expect(shown(stream)).toEqual(['error', 'ab', failure]);
        expect(stream.error()).toBe(failure);
      });
    });
  });

  it('fails when the source throws, without throwing when it is read, and goes on when it does not any more', () => {
    const isBroken = signal(true);
    const stream = open(() => {
      if (isBroken()) throw new Error('no source');
      return of('a');
    }, text);
    expect(shown(stream)).toEqual(['error', '', new Error('no source')]);
    isBroken.set(false);
    TestBed.tick();
    expect(shown(stream)).toEqual(['done', 'a']);
  });

  it('fails when the source gives what is no Observable', () => {
    const stream = open(() => 'text' as unknown as Observable<string>, text);
    expect(shown(stream)).toEqual(['error', '', expect.any(TypeError)]);
  });

  it('fails when reduce throws, keeps the value, and closes the connection', () => {
    virtually(({ cold, expectSubscriptions }, at) => {
      const source = cold('-a-b-c-d');
      const reduce = (value: string, item: string) => {
        if (item === 'b') throw new Error('no b');
        return value + item;
      };
      const stream = open(() => source, { seed: '', reduce });
      at(9, () => expect(shown(stream)).toEqual(['error', 'a', new Error('no b')]));
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  it('stops a synchronous source where reduce throws', () => {
    let given = 0;
    const endless = new Observable<string>((subscriber) => {
      while (!subscriber.closed && given < 1_000) {
        given++;
        subscriber.next('a');
      }
    });
    const reduce = (value: string) => {
      if (value.length === 3) throw new Error('too long');
      return `${value}a`;
    };
    expect(shown(open(() => endless, { seed: '', reduce }))).toEqual(['error', 'aaa', new Error('too long')]);
    expect(given).toBe(4);
  });

  it.each<[string, (items: Subject<string>) => Observable<string>]>([
    ['that waits', (items) => items],
    ['that gives all at once', () => of('a', 'b', 'c')],
  ])('may be stopped by its reducer, and keeps what was before: a stream %s', (_, sourceOf) => {
    const items = new Subject<string>();
    const reduce = (value: string, item: string) => {
      if (item === 'b') stream.stop();
      return value + item;
    };
    const stream = streamSignal(() => sourceOf(items), { seed: '', reduce, injector: TestBed.inject(Injector) });
    TestBed.tick();
    for (const item of ['a', 'b', 'c']) items.next(item);
    expect(shown(stream)).toEqual(['stopped', 'a']);
    expect(items.observed).toBe(false);
  });

  it('is stopped when its owner goes while an item is reduced', () => {
    const items = new Subject<string>();
    const owner = createEnvironmentInjector([], TestBed.inject(EnvironmentInjector));
    const reduce = (value: string, item: string) => {
      if (item === 'b') owner.destroy();
      return value + item;
    };
    const stream = open(() => items, { seed: '', reduce, injector: owner });
    for (const item of ['a', 'b']) items.next(item);
    expect(shown(stream)).toEqual(['stopped', 'a']);
  });

  it.each<[string, unknown[]]>([
    ['yes', ['loading', '']],
    ['', ['idle', '']],
    ['broken', ['error', '', new Error('no source')]],
  ])('never shows what was with a source that has changed since: %j', (next, expected) => {
    const question = signal('first');
    let runs = 0;
    const stream = open(() => {
      runs++;
      if (question() === 'broken') throw new Error('no source');
      return question() === 'first' ? of('a') : question() ? NEVER : undefined;
    }, text);
    expect(shown(stream)).toEqual(['done', 'a']);
    question.set(next);
    expect(shown(stream)).toEqual(expected);
    TestBed.tick();
    expect(shown(stream)).toEqual(expected);
    expect(runs).toBe(2);
  });

  it('shows an effect that runs before it no new question with an old answer', () => {
    const question = signal('one');
    const pairs: string[] = [];
    const stream = TestBed.runInInjectionContext(() => {
      effect(() => {
        if (stream.status() === 'done') pairs.push(`${question()}: ${stream.value()}`);
      });
      return streamSignal(() => of(`answer to ${question()}`), text);
    });
    TestBed.tick();
    question.set('two');
    TestBed.tick();
    expect(pairs).toEqual(['one: answer to one', 'two: answer to two']);
  });

  it.each<[string, (stream: StreamSignal<string>, question: WritableSignal<string>) => void]>([
    ['changed', (_, question) => question.set('two')],
    ['was asked again', (stream) => stream.reload()],
  ])('asks for nothing when it is stopped at once after its source %s', (_, change) => {
    const question = signal('one');
    let subscriptions = 0;
    const stream = open(() => {
      question();
      return new Observable<string>((subscriber) => {
        subscriptions++;
        subscriber.next('a');
      });
    }, text);
    change(stream, question);
    stream.stop();
    TestBed.tick();
    expect(shown(stream)).toEqual(['stopped', '']);
    expect(subscriptions).toBe(1);
    question.set('three');
    TestBed.tick();
    expect(shown(stream)).toEqual(['streaming', 'a']);
  });

  it('stays as it is when a signal of its source changes after its owner is gone', () => {
    const question = signal('one');
    const owner = createEnvironmentInjector([], TestBed.inject(EnvironmentInjector));
    const stream = open(() => (question() ? of('a') : undefined), { ...text, injector: owner });
    owner.destroy();
    question.set('');
    TestBed.tick();
    expect(shown(stream)).toEqual(['done', 'a']);
  });

  it('fails when its source reads it, and can still be read', () => {
    const question = signal('one');
    let stream: StreamSignal<string> | undefined;
    stream = open(() => of(`${question()} after ${untracked(() => stream?.value())}`), text);
    expect(shown(stream)).toEqual(['done', 'one after undefined']);
    question.set('two');
    TestBed.tick();
    expect(shown(stream)).toEqual(['error', '', expect.objectContaining({ message: expect.stringMatching(/cycle/i) })]);
  });

  it('makes the request again on reload, from the seed, in every status', () => {
    let asked = 0;
    const answers = [throwError(() => 'why'), concat(of('a'), NEVER), of('b'), NEVER];
    const stream = open(() => answers[asked++], text);
    const seen = [shown(stream)];
    for (let again = 0; again < 4; again++) {
      stream.reload();
      TestBed.tick();
      seen.push(shown(stream));
      if (again === 2) stream.stop();
    }
    expect(seen).toEqual([
      ['error', '', 'why'],
      ['streaming', 'a'],
      ['done', 'b'],
      ['loading', ''],
      ['idle', ''],
    ]);
  });

  it('reads no signal but those of the source', () => {
    const other = signal(0);
    let runs = 0;
    const reads = new Observable<string>((subscriber) => {
      other();
      runs++;
      subscriber.next('a');
    });
    const stream = open(() => reads, {
      seed: '',
      reduce: (value, item) => {
        other();
        return value + item;
      },
    });
    other.set(1);
    TestBed.tick();
    expect(shown(stream)).toEqual(['streaming', 'a']);
    expect(runs).toBe(1);
  });

  it('tells of no value that is the same by equal', () => {
    const items = new Subject<string>();
    const equal = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
    const stream = open(() => items, { seed: '', reduce: (_, item) => item, equal });
    items.next('a');
    items.next('A');
    expect(stream.value()).toBe('a');
    items.next('b');
    expect(stream.value()).toBe('b');
  });

  it.each<[string, string, StreamSignalOptions<string, string>['coalesce']]>([
    ['with an item', 'ab', undefined],
    ['at the end', 'abc', 'frame'],
  ])('fails when equal throws, %s, and closes the connection', (_, value, coalesce) => {
    vi.stubGlobal('requestAnimationFrame', () => 1);
    vi.stubGlobal('cancelAnimationFrame', () => undefined);
    try {
      const equal = (one: string, other: string) => {
        if (other.length >= 2) throw new Error('no length');
        return one === other;
      };
      const items = new Subject<string>();
      const stream = open(() => items, { ...text, equal, coalesce });
      for (const item of ['a', 'b', 'c']) items.next(item);
      items.complete();
      expect(shown(stream)).toEqual(['error', value, new Error('no length')]);
      expect(items.observed).toBe(false);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('shows how a stream has failed also where equal throws, and never that it is idle', () => {
    const equal = () => {
      throw new Error('never the same');
    };
    expect(shown(open(() => throwError(() => new Error('cut')), { ...text, equal }))).toEqual([
      ...['error', '', new Error('cut')],
    ]);
    expect(shown(open(() => NEVER, { ...text, equal }))).toEqual(['loading', '']);
    expect(shown(open(() => of('a', 'b'), { ...text, equal }))).toEqual(['error', 'a', new Error('never the same')]);
  });

  it('never changes the seed', () => {
    const seed: readonly string[] = Object.freeze([]);
    const append = (list: readonly string[], item: string) => [...list, item];
    const streams = [1, 2].map(() => open(() => of('a', 'b'), { seed, reduce: append }));
    streams[0]!.reload();
    TestBed.tick();
    expect(streams.map((stream) => stream.value())).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(seed).toEqual([]);
  });

  it('needs an injection context, or an injector', () => {
    expect(() => streamSignal(() => of('a'), text)).toThrow(/NG0203.*streamSignal/);
  });

  it('does not start on a server', () => {
    TestBed.configureTestingModule({ providers: [{ provide: PLATFORM_ID, useValue: 'server' }] });
    let asked = 0;
    const source = () => {
      asked++;
      return of('a');
    };
    const stream = open(source, text);
    stream.reload();
    TestBed.tick();
    expect(shown(stream)).toEqual(['idle', '']);
    expect(asked).toBe(0);
  });

  it('starts on a server where it is told to, and rendering waits for the end', async () => {
    TestBed.configureTestingModule({ providers: [{ provide: PLATFORM_ID, useValue: 'server' }] });
    const items = new Subject<string>();
    const stream = open(() => items, { ...text, ssr: true });
    const { ApplicationRef } = await import('@angular/core');
    let isStable = false;
    const stable = TestBed.inject(ApplicationRef)
      .whenStable()
      .then(() => (isStable = true));
    items.next('a');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([isStable, ...shown(stream)]).toEqual([false, 'streaming', 'a']);
    items.complete();
    await stable;
    expect(shown(stream)).toEqual(['done', 'a']);
  });
});

describe('streamSignal in a component', () => {
  @Component({ selector: 'app-answer', template: '{{ answer.status() }}: {{ answer.value() }}' })
  class AnswerComponent {
    static source: Observable<string>;
    readonly answer = streamSignal(() => AnswerComponent.source, text);
  }

  it('shows what comes, and closes the connection when the component goes', () => {
    virtually(({ cold, expectSubscriptions }, at) => {
      const source = cold('-a-b-c-d');
      AnswerComponent.source = source;
      const fixture = TestBed.createComponent(AnswerComponent);
      const { answer } = fixture.componentInstance;
      fixture.detectChanges();
      expect(fixture.nativeElement.textContent).toBe('loading: ');
      at(4, () => {
        fixture.detectChanges();
        expect(fixture.nativeElement.textContent).toBe('streaming: ab');
        fixture.destroy();
        expect(shown(answer)).toEqual(['stopped', 'ab']);
      });
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });

  it('renders by itself when something comes', async () => {
    const items = new Subject<string>();
    AnswerComponent.source = items;
    const fixture = TestBed.createComponent(AnswerComponent);
    fixture.autoDetectChanges();
    await fixture.whenStable();
    items.next('a');
    await fixture.whenStable();
    expect(fixture.nativeElement.textContent).toBe('streaming: a');
  });

  it('closes the connection when the owner of the injector goes', () => {
    @Component({ selector: 'app-owner', template: '' })
    class OwnerComponent {
      readonly injector = inject(Injector);
    }
    virtually(({ cold, expectSubscriptions }, at) => {
      const source = cold('-a-b-c-d');
      const fixture = TestBed.createComponent(OwnerComponent);
      streamSignal(() => source, { ...text, injector: fixture.componentInstance.injector });
      fixture.detectChanges();
      at(4, () => fixture.destroy());
      expectSubscriptions(source.subscriptions).toBe('^---!');
    });
  });
});

describe("streamSignal with coalesce: 'frame'", () => {
  /** The frames that were asked for, by their handle. */
  const frames = new Map<number, () => void>();
  let handles = 0;
  const paint = () => {
    for (const [handle, draw] of frames) {
      frames.delete(handle);
      draw();
    }
  };
  const perFrame = { ...text, coalesce: 'frame' as const };
  let items: Subject<string>;
  let isOn: WritableSignal<boolean>;
  const begin = () => open(() => (isOn() ? items : undefined), perFrame);

  beforeEach(() => {
    frames.clear();
    items = new Subject();
    isOn = signal(true);
    vi.stubGlobal('requestAnimationFrame', (draw: () => void) => {
      frames.set(++handles, draw);
      return handles;
    });
    vi.stubGlobal('cancelAnimationFrame', (handle: number) => frames.delete(handle));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('changes once per frame', () => {
    const stream = begin();
    items.next('a');
    items.next('b');
    expect(shown(stream)).toEqual(['loading', '']);
    expect(frames.size).toBe(1);
    paint();
    expect(shown(stream)).toEqual(['streaming', 'ab']);
    expect(frames.size).toBe(0);
    items.next('c');
    paint();
    expect(shown(stream)).toEqual(['streaming', 'abc']);
  });

  it.each<[string, (stream: StreamSignal<string>) => void, unknown[]]>([
    ['at the end', () => items.complete(), ['done', 'ab']],
    ['at an error', () => items.error('why'), ['error', 'ab', 'why']],
    ['when it is stopped', (stream) => stream.stop(), ['stopped', 'ab']],
    ['when its owner goes', () => TestBed.resetTestingModule(), ['stopped', 'ab']],
  ])('shows the last value %s, though no frame comes, and leaves no frame', (_, end, expected) => {
    const stream = begin();
    items.next('a');
    items.next('b');
    end(stream);
    expect(shown(stream)).toEqual(expected);
    expect(frames.size).toBe(0);
    expect(items.observed).toBe(false);
  });

  it('leaves no frame when its source goes', () => {
    const stream = begin();
    items.next('a');
    isOn.set(false);
    TestBed.tick();
    expect(frames.size).toBe(0);
    expect(shown(stream)).toEqual(['idle', '']);
  });

  it('changes with every item where there are no frames', () => {
    vi.stubGlobal('requestAnimationFrame', undefined);
    const stream = begin();
    items.next('a');
    expect(shown(stream)).toEqual(['streaming', 'a']);
  });
});

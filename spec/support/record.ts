import type { Observable } from 'rxjs';

/** Everything that an Observable said. */
export interface Recording<T> {
  values: T[];
  error: unknown;
  isComplete: boolean;
  /** How many terminal notifications came. More than one is a defect. */
  endCount: number;
}

/** Subscribes, and resolves with all that was said once it has ended. */
export function record<T>(source: Observable<T>): Promise<Recording<T>> {
  return new Promise((resolve) => {
    const recording: Recording<T> = { values: [], error: undefined, isComplete: false, endCount: 0 };
    source.subscribe({
      next: (value) => recording.values.push(value),
      error: (error: unknown) => {
        recording.error = error;
        recording.endCount++;
        resolve(recording);
      },
      complete: () => {
        recording.isComplete = true;
        recording.endCount++;
        resolve(recording);
      },
    });
  });
}

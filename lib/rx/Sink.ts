/** Takes the next value, or, without one, the end. What fails is thrown, not told. */
export type Sink<T> = (value?: T) => void;

/** A call of a client that was subscribed. */
export interface FakeCall {
  /** The method, as one writes it behind the client. */
  method: 'chat.completions.stream' | 'responses.stream' | 'responses.resume' | 'responses.cancel' | 'stream';
  /** What was asked: the parameters, or the body of `stream`, as they would have been sent at the subscription. */
  params?: object;
  /** The path, of `stream`. */
  path?: string;
  /** The id, of `responses.resume` and `responses.cancel`. */
  responseId?: string;
  /** The options, if there were any. */
  options?: object;
}

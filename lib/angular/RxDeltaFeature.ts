import type { ClientOptions } from '../client/ClientOptions.ts';

/** Something that `provideRxDelta` is given beside the options: what a function like `withApiKey` returns. */
export interface RxDeltaFeature {
  /** Gives the options of the client with those of the feature. It runs in the injection context of the client. */
  readonly configure: (options: ClientOptions) => ClientOptions;
}

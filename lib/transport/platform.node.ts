export {
  undiciTransport as defaultTransport,
  undiciTransport,
  type UndiciDispatcher,
  type UndiciTransportOptions,
} from './undiciTransport.ts';

export { toServerSentEvents } from './toServerSentEvents.ts';

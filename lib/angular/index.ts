export { injectClient } from './injectClient.ts';

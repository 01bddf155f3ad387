export { type Identity, isAllowed, LOCAL_IDENTITY } from './identity.ts';

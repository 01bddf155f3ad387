const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
// By this name the package that locks scrolling behind dialogs looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce });

/** What the content policy of this page asks of style elements that are added to it; the server made it for this answer. */
export const styleNonce = (): string => nonce;

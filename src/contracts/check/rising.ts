/** Tells only shares that are not below one that was told before: what reads a file once more begins at its beginning. */
export function rising(onProgress: (share: number) => void = ignore): (share: number) => void {
  let told = 0;
  return (share) => {
    if (share < told) return;
    told = share;
    onProgress(share);
  };
}

function ignore(): void {
  // Nobody asks.
}

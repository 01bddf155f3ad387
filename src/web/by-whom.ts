/** Who is on record for a change where no login is required; with one the server records the user, whatever is sent. */
export const BY = 'somebody at the web app';

import { CodedError } from '#store';

/** Error codes of this part. Codes stay the same when messages change. `docs/errors.md` is proven equal. */
export const ACCESS_ERRORS = {
  setup_link_invalid: 'The one-time link was used before, has expired, or was replaced.',
  login_refused: 'The name or the password is wrong.',
  login_throttled: 'There were too many attempts to log in; the header Retry-After says when the next one counts.',
  logins_busy: 'Too many people log in at once.',
  password_unfit: 'The password is too short or too long, or one of the commonest.',
  user_unknown: 'There is no such user.',
  user_name_missing: 'The link of the first start needs the name of the admin.',
  user_name_taken: 'There is another user with this name.',
  user_last_admin: 'The last admin who can log in can be neither disabled nor given another role.',
  user_without_password: 'The user logs in at the identity provider and has no password here.',
  oidc_refused: 'The login at the identity provider came to no session.',
  api_key_unknown: 'There is no API key with this id or prefix.',
  api_key_unchanged: 'The API key is revoked already.',
} as const;

export type AccessErrorCode = keyof typeof ACCESS_ERRORS;

export interface AccessErrorOptions extends ErrorOptions {
  /** When another attempt may succeed. */
  readonly retryAfterSeconds?: number;
}

/** An error of this part, with a code that callers can handle. */
export class AccessError extends CodedError<AccessErrorCode> {
  override readonly name = 'AccessError';
  readonly part = 'access';
  readonly retryAfterSeconds: number | undefined;

  constructor(code: AccessErrorCode, message: string, { retryAfterSeconds, ...options }: AccessErrorOptions = {}) {
    super(code, message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

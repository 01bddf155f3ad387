/** Why a setting of a format was chosen: what was seen, and how many lines agree. */
export interface Reason {
  /** Name of the setting, as in `FileFormat`. */
  readonly setting: string;
  readonly because: string;
}

/** Why a pattern cannot be used, and where; the message ends with what to write instead. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault';
}

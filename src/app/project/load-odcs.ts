import { type Contract, type FromOdcsOptions, fromOdcs } from '#contracts';

/** The contract of a data contract in YAML or JSON (ODCS 3), of the schema with this name when there are several. */
export const loadOdcs = (text: string, options: FromOdcsOptions): Contract => fromOdcs(text, options);

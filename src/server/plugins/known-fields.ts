import { z } from 'zod';

/** The names of the fields that a schema knows at a path of a value, whichever of its alternatives the value is. */
export function knownFields(schema: unknown, path: readonly string[]): readonly string[] {
  const found = path.reduce<readonly unknown[]>(
    (all, segment) => all.flatMap((each) => inside(each, segment)),
    [schema],
  );
  return [...new Set(found.flatMap((each) => alternativesOf(each).flatMap((one) => Object.keys(shapeOf(one)))))];
}

function inside(schema: unknown, segment: string): readonly unknown[] {
  return alternativesOf(schema).flatMap((one) => {
    if (one instanceof z.ZodArray) return [one.element];
    const shape = shapeOf(one);
    return Object.hasOwn(shape, segment) ? [shape[segment]] : [];
  });
}

function alternativesOf(schema: unknown): readonly unknown[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternativesOf);
  const isWrapper =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return isWrapper ? alternativesOf(schema.unwrap()) : [schema];
}

const shapeOf = (schema: unknown): Readonly<Record<string, unknown>> =>
  schema instanceof z.ZodObject ? schema.shape : {};

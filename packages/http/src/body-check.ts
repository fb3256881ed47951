import { readFileSync } from 'node:fs';
import { AppError } from '@loopwell/kit';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

/** Returns its input, typed, if the schema accepts it. DECISIONS D126. */
export type BodyCheck<Body> = (input: unknown) => Body;

/**
 * Creates a check of a form's body against the schema that the API's requests use, so that there is
 * only one schema.
 * @param file path of the YAML file
 * @param name of one of its schemas
 * @param sentence message for a body that does not fit the schema
 * @returns a check that throws AppError REQUEST_INVALID naming the field, never its value
 */
export function bodyCheck<Body>(file: string, name: string, sentence: string): BodyCheck<Body> {
  let validate: ValidateFunction<Body> | undefined;
  return (input) => {
    validate ??= compiled<Body>(file, name);
    if (validate(input)) return input;
    const field = fieldOf(validate.errors?.[0]);
    throw new AppError('REQUEST_INVALID', sentence, { facts: { field } });
  };
}

function compiled<Body>(file: string, name: string): ValidateFunction<Body> {
  const ajv = new Ajv2020({ strict: false, discriminator: true });
  formats.default(ajv);
  ajv.addSchema(parse(readFileSync(file, 'utf8')), 'contract');
  return ajv.compile<Body>({ $ref: `contract#/components/schemas/${name}` });
}

/** Returns the field that an error is about, with dots between its parts. */
function fieldOf(error: ErrorObject | undefined): string {
  const { missingProperty, additionalProperty, tag } = (error?.params ?? {}) as {
    missingProperty?: string;
    additionalProperty?: string;
    tag?: string;
  };
  const place = (error?.instancePath ?? '').split('/').filter(Boolean);
  const last = missingProperty ?? additionalProperty ?? tag;
  return [...place, ...(last === undefined ? [] : [last])].join('.');
}

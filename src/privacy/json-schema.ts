import { PrivacyError } from './privacy-error';

/** The part of JSON Schema (2020-12) that describes mechanisms; `checkJson` gives it the meaning that the standard gives it. */
export type JsonSchema = NumberSchema | StringSchema | ArraySchema | ObjectSchema | ChoiceSchema;

interface Described {
  readonly description?: string;
}

export interface NumberSchema extends Described {
  readonly type: 'number' | 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

export interface StringSchema extends Described {
  readonly type: 'string';
  readonly const?: string;
  readonly enum?: readonly string[];
}

export interface ArraySchema extends Described {
  readonly type: 'array';
  readonly items: JsonSchema;
  readonly minItems?: number;
}

export interface ObjectSchema extends Described {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** Alternatives that differ in a constant or in their required properties. */
export interface ChoiceSchema extends Described {
  readonly oneOf: readonly ObjectSchema[];
}

/** Throws `malformed` or `out-of-range`, with the place, where the value is not what the schema says. */
export function checkJson(schema: JsonSchema, value: unknown, path = ''): void {
  if ('oneOf' in schema) checkChoice(schema, value, path);
  else if (schema.type === 'object') checkObject(schema, value, path);
  else if (schema.type === 'array') checkArray(schema, value, path);
  else if (schema.type === 'string') checkString(schema, value, path);
  else checkNumber(schema, value, path);
}

/** A JSON object, or undefined. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function malformed(message: string, path: string, remedy: string): PrivacyError {
  return new PrivacyError('malformed', `${path === '' ? 'the mechanism' : path} ${message}`, { field: path === '' ? undefined : path, remedy });
}

function within(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function checkChoice(schema: ChoiceSchema, value: unknown, path: string): void {
  const object = objectOf(value);
  if (object === undefined) throw malformed('must be an object', path, 'Write its properties in braces.');
  const fitting = schema.oneOf.filter(({ properties, required }) => required.every((name) => name in object && constantFits(properties[name], object[name])));
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) {
    throw malformed(`must have exactly the properties of one of: ${schema.oneOf.map(({ required }) => `{${required.join(', ')}}`).join(', ')}`, path, 'Remove or add properties until they are those of one.');
  }
  checkObject(only, object, path);
}

function constantFits(schema: JsonSchema | undefined, value: unknown): boolean {
  return schema === undefined || !('const' in schema) || schema.const === value;
}

function checkObject(schema: ObjectSchema, value: unknown, path: string): void {
  const object = objectOf(value);
  if (object === undefined) throw malformed('must be an object', path, 'Write its properties in braces.');
  for (const name of schema.required) {
    if (!Object.hasOwn(object, name)) throw malformed('is missing', within(path, name), `Write "${name}", as docs/privacy.md describes it.`);
  }
  for (const [name, member] of Object.entries(object)) {
    const memberSchema = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (memberSchema === undefined) throw malformed('is not a property that this method has', within(path, name), 'Remove it, or correct its name.');
    checkJson(memberSchema, member, within(path, name));
  }
}

function checkArray(schema: ArraySchema, value: unknown, path: string): void {
  if (!Array.isArray(value)) throw malformed('must be an array', path, 'Write its entries in square brackets.');
  if (value.length < (schema.minItems ?? 0)) throw malformed(`must have at least ${schema.minItems ?? 0} entries`, path, 'Add what is missing.');
  for (const [index, item] of value.entries()) checkJson(schema.items, item, `${path}[${index}]`);
}

function checkString(schema: StringSchema, value: unknown, path: string): void {
  const allowed = schema.const === undefined ? schema.enum : [schema.const];
  if (typeof value !== 'string') throw malformed('must be a string', path, 'Write it in quotes.');
  if (allowed !== undefined && !allowed.includes(value)) throw malformed(`must be one of ${allowed.map((name) => `"${name}"`).join(', ')}`, path, 'Write one of these in quotes.');
}

function checkNumber(schema: NumberSchema, value: unknown, path: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed('must be a finite number', path, 'Write a number, without quotes.');
  if (schema.type === 'integer' && !Number.isInteger(value)) throw new PrivacyError('out-of-range', `${path} must be a whole number, not ${value}`, { field: path, remedy: 'Round it.' });
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema;
  if (value < minimum || value > maximum || value <= exclusiveMinimum || value >= exclusiveMaximum) {
    const bounds = [
      ...(minimum > -Infinity ? [`at least ${minimum}`] : []),
      ...(exclusiveMinimum > -Infinity ? [`greater than ${exclusiveMinimum}`] : []),
      ...(maximum < Infinity ? [`at most ${maximum}`] : []),
      ...(exclusiveMaximum < Infinity ? [`less than ${exclusiveMaximum}`] : []),
    ];
    throw new PrivacyError('out-of-range', `${path} must be ${bounds.join(' and ')}, not ${value}`, { field: path, remedy: 'Write a number within these bounds.' });
  }
}

// An expression over the state, for a column of one's own: `structs.p0.key == 'e0' && structs.c0.peer`.
//
// Parsed by jsep, evaluated here: values, members, comparisons, logic, arithmetic. Nothing is called and nothing is run as code.
import jsep from 'jsep';
import { InputError } from '../../engine/input-error.ts';

type State = Readonly<Record<string, unknown>>;
type Node = jsep.Expression;

const LENGTH_MAX = 500;

function wrong(what: string): InputError {
  return new InputError('IRQB702', `expression: ${what}`, {
    hint: "paths of the state, 'text', numbers, true, false, null, == != < <= > >= + - * / && || ! and ?:",
  });
}

/** The operators that there are; equality is that of values, as JSON has them. */
const binary: Readonly<Record<string, (a: unknown, b: unknown) => unknown>> = {
  '==': (a, b) => same(a, b),
  '===': (a, b) => same(a, b),
  '!=': (a, b) => !same(a, b),
  '!==': (a, b) => !same(a, b),
  '<': (a, b) => Number(a) < Number(b),
  '<=': (a, b) => Number(a) <= Number(b),
  '>': (a, b) => Number(a) > Number(b),
  '>=': (a, b) => Number(a) >= Number(b),
  '+': (a, b) => (typeof a === 'string' || typeof b === 'string' ? `${text(a)}${text(b)}` : Number(a) + Number(b)),
  '-': (a, b) => Number(a) - Number(b),
  '*': (a, b) => Number(a) * Number(b),
  '/': (a, b) => Number(a) / Number(b),
};

/** What counts as true: as in C and JavaScript, all but 0, the empty text and nothing. */
const isTrue = (value: unknown): boolean => Boolean(value);
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));

/** A property of a plain object or list; undefined where there is none. Never one that it inherits, but for `length`. */
function member(object: unknown, key: unknown): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  if (Array.isArray(object) && key === 'length') return object.length;
  return Object.hasOwn(object, String(key)) ? (object as Readonly<Record<string, unknown>>)[String(key)] : undefined;
}

type Evaluate = (state: State) => unknown;

function compiledMember(node: Node): Evaluate {
  const { object, property, computed } = node as jsep.MemberExpression;
  const [of, key] = [compiled(object), computed ? compiled(property) : undefined];
  const { name } = property as jsep.Identifier;
  return (state) => member(of(state), key === undefined ? name : key(state));
}

function compiledBinary(node: Node): Evaluate {
  const { operator, left, right } = node as jsep.BinaryExpression;
  const [a, b] = [compiled(left), compiled(right)];
  if (operator === '&&')
    return (state) => {
      const value = a(state);
      return isTrue(value) ? b(state) : value;
    };
  if (operator === '||')
    return (state) => {
      const value = a(state);
      return isTrue(value) ? value : b(state);
    };
  const operation = Object.hasOwn(binary, operator) ? binary[operator] : undefined;
  if (operation === undefined) throw wrong(`${operator} is no operator here`);
  return (state) => operation(a(state), b(state));
}

function compiledUnary(node: Node): Evaluate {
  const { operator, argument } = node as jsep.UnaryExpression;
  const value = compiled(argument);
  if (operator === '!') return (state) => !isTrue(value(state));
  if (operator === '-') return (state) => -Number(value(state));
  throw wrong(`${operator} is no operator here`);
}

function compiledConditional(node: Node): Evaluate {
  const { test, consequent, alternate } = node as jsep.ConditionalExpression;
  const [condition, yes, no] = [compiled(test), compiled(consequent), compiled(alternate)];
  return (state) => (isTrue(condition(state)) ? yes(state) : no(state));
}

function compiled(node: Node): Evaluate {
  switch (node.type) {
    case 'Literal': {
      const { value } = node as jsep.Literal;
      return () => value;
    }
    case 'Identifier': {
      const { name } = node as jsep.Identifier;
      return (state) => member(state, name);
    }
    case 'MemberExpression':
      return compiledMember(node);
    case 'BinaryExpression':
      return compiledBinary(node);
    case 'UnaryExpression':
      return compiledUnary(node);
    case 'ConditionalExpression':
      return compiledConditional(node);
    default:
      throw wrong(`${node.type} is not for a column`);
  }
}

/**
 * Reads an expression over states.
 *
 * @param source - `structs.p0.key == 'e0'`: names are keys of the state, as `--json` shows it
 * @returns what it is worth in a state, as text; empty where a path leads nowhere
 * @throws InputError (IRQB702) where it is none
 * @example
 * expression('count + 1')({ count: 1 }); // '2'
 */
export function expression(source: string): (state: State) => string {
  if (source.length > LENGTH_MAX) throw wrong(`${source.length} characters, at most ${LENGTH_MAX}`);
  let parsed: Node;
  try {
    parsed = jsep(source);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const evaluate = compiled(parsed);
  return (state) => {
    const value = evaluate(state);
    return value === undefined ? '' : text(value);
  };
}

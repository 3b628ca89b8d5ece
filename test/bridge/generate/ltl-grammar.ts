// The kernel's notation of linear temporal logic (rvgen/ltl2ba.py): no precedence, operators lean to the right.

/** A formula. */
export type Formula =
  | { readonly op: 'atom'; readonly name: string }
  | { readonly op: 'literal'; readonly value: boolean }
  | { readonly op: 'always' | 'eventually' | 'next' | 'not'; readonly of: Formula }
  | { readonly op: 'until' | 'and' | 'or' | 'imply'; readonly left: Formula; readonly right: Formula };

/** A sheet: what each line defines, and RULE with names replaced by what they stand for. */
export interface ParsedSheet {
  readonly lines: ReadonlyMap<string, Formula>;
  readonly rule: Formula;
}

const UNARY = ['always', 'eventually', 'next', 'not'] as const;
const BINARY = ['until', 'and', 'or', 'imply'] as const;
const isVariable = (token: string | undefined): token is string => /^[A-Z_][A-Z0-9_]*$/.test(token ?? '');

class LtlParser {
  readonly lines = new Map<string, Formula>();
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    if (/#[^\n]*$/.test(text)) throw new Error('a comment ends with a line');
    this.#tokens = text.replaceAll(/#.*\n/g, ' ').match(/[A-Za-z_]\w*|[^\sA-Za-z_]/g) ?? [];
    while (this.#at < this.#tokens.length) {
      const name = this.#next();
      if (!isVariable(name) || this.#next() !== '=') throw new Error(`expected NAME =, found ${name}`);
      this.lines.set(name, this.#ltl());
    }
  }

  #next(): string | undefined {
    this.#at += 1;
    return this.#tokens[this.#at - 1];
  }

  /** `operand`, `operand binary ltl` or `unary ltl`. */
  #ltl(): Formula {
    const unary = UNARY.find((op) => op === this.#tokens[this.#at]);
    if (unary !== undefined) {
      this.#at += 1;
      return { op: unary, of: this.#ltl() };
    }
    const left = this.#operand();
    const binary = BINARY.find((op) => op === this.#tokens[this.#at]);
    if (binary === undefined) return left;
    this.#at += 1;
    return { op: binary, left, right: this.#ltl() };
  }

  #operand(): Formula {
    const token = this.#next();
    if (token === 'true' || token === 'false') return { op: 'literal', value: token === 'true' };
    if (isVariable(token)) return { op: 'atom', name: token };
    if (token !== '(') throw new Error(`expected an operand, found ${token}`);
    const inner = this.#ltl();
    const close = this.#next();
    if (close !== ')') throw new Error(`expected ), found ${close}`);
    return inner;
  }
}

/** The formulas right below one. */
function partsOf(formula: Formula): readonly Formula[] {
  if ('of' in formula) return [formula.of];
  return 'left' in formula ? [formula.left, formula.right] : [];
}

/** The atoms of a formula, each as often as it comes. */
export function atomsIn(formula: Formula): string[] {
  return formula.op === 'atom' ? [formula.name] : partsOf(formula).flatMap(atomsIn);
}

/** A formula with names replaced by what they stand for. */
export function resolved(formula: Formula, lines: ReadonlyMap<string, Formula>): Formula {
  if (formula.op === 'atom') {
    const line = lines.get(formula.name);
    return line === undefined ? formula : resolved(line, lines);
  }
  if ('of' in formula) return { ...formula, of: resolved(formula.of, lines) };
  return 'left' in formula
    ? { ...formula, left: resolved(formula.left, lines), right: resolved(formula.right, lines) }
    : formula;
}

/**
 * Parses a sheet.
 *
 * @throws Error where the grammar has no such thing, or there is no RULE
 */
export function parseSheet(text: string): ParsedSheet {
  const { lines } = new LtlParser(text);
  const rule = lines.get('RULE');
  if (rule === undefined) throw new Error('Please define your specification in the "RULE = <LTL spec>" format');
  return { lines, rule: resolved(rule, lines) };
}

/**
 * May a word be the beginning of one that keeps a formula? A monitor reports those that may not. What is asked of the time after the
 * word is kept (Eisner et al., Reasoning with temporal logic on truncated paths, 2003: the weak view).
 */
export function mayKeep(formula: Formula, letters: readonly ReadonlySet<string>[]): boolean {
  const firstFrom = (at: number, test: (i: number) => boolean): number | undefined => {
    for (let i = at; i < letters.length; i++) if (test(i)) return i;
    return undefined;
  };
  const holds = (one: Formula, at: number, isWeak: boolean): boolean => {
    if (at >= letters.length) return isWeak;
    switch (one.op) {
      case 'literal':
        return one.value;
      case 'atom':
        return letters[at]?.has(one.name) ?? false;
      case 'not':
        return !holds(one.of, at, !isWeak);
      case 'next':
        return holds(one.of, at + 1, isWeak);
      case 'and':
        return holds(one.left, at, isWeak) && holds(one.right, at, isWeak);
      case 'or':
        return holds(one.left, at, isWeak) || holds(one.right, at, isWeak);
      case 'imply':
        return !holds(one.left, at, !isWeak) || holds(one.right, at, isWeak);
      case 'always':
        return isWeak && firstFrom(at, (i) => !holds(one.of, i, isWeak)) === undefined;
      case 'eventually':
        return isWeak || firstFrom(at, (i) => holds(one.of, i, isWeak)) !== undefined;
      case 'until': {
        const end = firstFrom(at, (i) => holds(one.right, i, isWeak) || !holds(one.left, i, isWeak));
        return end === undefined ? isWeak : holds(one.right, end, isWeak);
      }
    }
  };
  return holds(formula, 0, true);
}

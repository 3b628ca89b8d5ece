// Mistakes that are put into C, one at a time: whether a comparison is strong is seen by which of them it finds.
//
// Operators as in mutation testing of C (statement deletion, negated conditions, constants, order), and the manager's own: the wrong
// set, the mutex, a binding too early. They work on text; what does not compile is no mutant.

/** One mistake. */
export interface CMutant {
  /** `31: negated condition`: the line of the original, and the operator; a number where it is there several times. */
  readonly id: string;
  readonly operator: string;
  /** Of the original, from 1. */
  readonly line: number;
  /** The line before and after. */
  readonly before: string;
  readonly after: string;
  /** The whole file. */
  readonly text: string;
}

type Operator = readonly [title: string, apply: (line: string) => readonly string[]];

/** Each way to replace one occurrence. */
function each(pattern: RegExp, by: (match: string) => string): (line: string) => string[] {
  return (line) =>
    [...line.matchAll(pattern)].map(
      (match) => line.slice(0, match.index) + by(match[0]) + line.slice(match.index + match[0].length),
    );
}

const swap = (pairs: Readonly<Record<string, string>>) =>
  each(new RegExp(String.raw`(?<![\w>])(?:${Object.keys(pairs).join('|')})\b`, 'g'), (match) => pairs[match] ?? match);

const isStatement = (line: string): boolean =>
  /^\t+[\w*(>.[\]-]+.*;$/.test(line) &&
  !/^\t+(?:struct|unsigned|int|void|bool|return|goto|break|continue)\b/.test(line);

const condition = /^(\t+)(if|while) \((.*)\)( \{)?$/;
const conditions =
  (by: (text: string) => string) =>
  (line: string): string[] => {
    const match = condition.exec(line);
    if (match === null) return [];
    const [, indent = '', keyword = '', text = '', brace = ''] = match;
    return [`${indent}${keyword} (${by(text)})${brace}`];
  };

const operators: readonly Operator[] = [
  ['negated condition', conditions((text) => `!(${text})`)],
  ['condition always true', conditions((text) => `1 || (${text})`)],
  ['condition never true', conditions((text) => `0 && (${text})`)],
  ['dropped statement', (line) => (isStatement(line) ? ['\t;'] : [])],
  ['wrong set', swap({ producers: 'consumers', consumers: 'producers' })],
  ['wrong errno', swap({ EINVAL: 'EBUSY', EBUSY: 'EINVAL', ENODEV: 'EINVAL', ENOMEM: 'EINVAL' })],
  ['failure returned as success', each(/return (?:error|ret|-E\w+);/g, () => 'return 0;')],
  ['success returned as failure', each(/return 0;/g, () => 'return -EINVAL;')],
  ['other comparison', each(/ [!=]= /g, (match) => (match === ' == ' ? ' != ' : ' == '))],
  ['and for or', each(/ (?:&&|\|\|) /g, (match) => (match === ' && ' ? ' || ' : ' && '))],
  ['negation dropped', each(/!(?=[\w(])/g, () => '')],
  ['WARN dropped', each(/WARN_ON(?:_ONCE)?(?=\()/g, () => '')],
  ['stop for start', each(/->(?:stop|start)\(/g, (match) => (match === '->stop(' ? '->start(' : '->stop('))],
  ['added at the other end', each(/\blist_add\(/g, () => 'list_add_tail(')],
  ['deleted and made a list of its own', each(/\blist_del\(/g, () => 'list_del_init(')],
  [
    'overwritten instead of refused',
    (line) => (line.includes('xa_insert(') ? [line.replace(/xa_insert\((.*)\);$/, 'xa_err(xa_store($1));')] : []),
  ],
  ['NULL kept', each(/ = NULL;/g, () => ' = (void *)64;')],
  ['error forgotten', each(/= (?:join|__connect)\(/g, (match) => `= 0 & ${match.slice(2)}`)],
];

/** Two statements beside each other, the other way round. */
function exchanged(lines: readonly string[], at: number): string[] | null {
  const [one = '', other = ''] = [lines[at], lines[at + 1]];
  if (!isStatement(one) || !isStatement(other) || one === other) return null;
  if (/^\t*/.exec(one)?.[0] !== /^\t*/.exec(other)?.[0]) return null;
  return lines.with(at, other).with(at + 1, one);
}

/** Two blocks of `if (x) f();` beside each other, the other way round. */
function blocksExchanged(lines: readonly string[], at: number): string[] | null {
  const four = lines.slice(at, at + 4);
  const isBlock = (head = '', body = ''): boolean => /^\t+if \(/.test(head) && !head.endsWith('{') && isStatement(body);
  if (four.length < 4 || !isBlock(four[0], four[1]) || !isBlock(four[2], four[3])) return null;
  const [a = '', b = '', c = '', d = ''] = four;
  return lines.toSpliced(at, 4, c, d, a, b);
}

/**
 * Every mistake that the operators make in a file.
 *
 * @param text - C, indented by tabs
 * @returns each with the whole text; texts are all different
 * @example
 * ```ts
 * const [first] = cMutants('int f(void)\n{\n\treturn 0;\n}\n');
 * console.log(first?.id); // 3: success returned as failure
 * ```
 */
export function cMutants(text: string): CMutant[] {
  const lines = text.split('\n');
  const found = new Map<string, CMutant>();
  const counts = new Map<string, number>();
  const note = (operator: string, at: number, mutated: readonly string[], after: string): void => {
    const whole = mutated.join('\n');
    if (whole === text || found.has(whole)) return;
    const name = `${at + 1}: ${operator}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const id = count === 1 ? name : `${name} ${count}`;
    found.set(whole, {
      id,
      operator,
      line: at + 1,
      before: (lines[at] ?? '').trim(),
      after: after.trim(),
      text: whole,
    });
  };
  // Heads of functions, of the file and declarations are not what is wrong.
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('\t')) continue;
    for (const [operator, apply] of operators)
      for (const after of apply(line)) note(operator, at, lines.with(at, after), after);
    for (const [operator, exchange] of [
      ['order of statements', exchanged],
      ['order of blocks', blocksExchanged],
    ] as const) {
      const mutated = exchange(lines, at);
      if (mutated !== null) note(operator, at, mutated, `after the next one`);
    }
  }
  return [...found.values()];
}

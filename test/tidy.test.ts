// What style asks and a lint cannot hold: first lines, docstrings of what is public, length of functions, names, columns of prose.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const sources = globSync(['src/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts'], {
  cwd: root,
}).toSorted();
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: root }).toSorted();

/** Lines of a function of the product. */
const LINES_MAX = 70;
/** Functions that are longer, and may be: lists of handlers and of states, in the order of the C. None may be added without a reason. */
const LONGER: readonly string[] = ['src/registry/registry.ts lockedStates'];
/** Columns of prose in Markdown, and of comments. Tables, code and links are as wide as they are. */
const COLUMNS_MAX = 150;
/** Names that say nothing, and metaphors. */
const BANNED = /^(utils?|helpers?|misc|common|stuff|manager2|crew|shelf|whiteboard|plumbing|magic)$/;

const parsed = new Map<string, ts.SourceFile>();
function tree(file: string): ts.SourceFile {
  let found = parsed.get(file);
  if (found === undefined) {
    found = ts.createSourceFile(file, textOf(file), ts.ScriptTarget.Latest, true);
    parsed.set(file, found);
  }
  return found;
}

/** All that is wrong, as `file:line what`. */
function expectNone(found: readonly string[]): void {
  expect(found).toEqual([]);
}

it('every file begins with a line that says what it is', () => {
  expectNone(
    sources.filter((file) => {
      const [first = '', second = ''] = textOf(file).split('\n');
      return !/^\/\/ \S.{8,}/.test(first.startsWith('#!') ? second : first);
    }),
  );
});

it('no file and no folder has a name that says nothing', () => {
  const names = sources.flatMap((file) => file.split('/').map((name) => [file, basename(name, '.ts')] as const));
  expectNone(names.filter(([, name]) => name.split(/[-.]/).some((word) => BANNED.test(word))).map(([file]) => file));
});

it(`functions of src are at most ${LINES_MAX} lines long`, () => {
  const long: string[] = [];
  for (const file of sources.filter((one) => one.startsWith('src/'))) {
    const source = tree(file);
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
        const from = source.getLineAndCharacterOfPosition(node.getStart()).line;
        const lines = source.getLineAndCharacterOfPosition(node.end).line - from + 1;
        const name =
          node.name?.getText() ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : 'function');
        if (lines > LINES_MAX) long.push(`${file} ${name}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  expect(long).toEqual(LONGER);
});

/** Names that a module exports, with the file and the statement that declares each. */
function exportsOf(file: string): (readonly [string, string, ts.Node])[] {
  const found: (readonly [string, string, ts.Node])[] = [];
  const declared = (node: ts.Statement): void => {
    if (
      !ts.canHaveModifiers(node) ||
      ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true
    )
      return;
    if (ts.isVariableStatement(node))
      for (const { name } of node.declarationList.declarations) found.push([name.getText(), file, node]);
    else if ('name' in node) found.push([(node.name as ts.Node).getText(), file, node]);
  };
  for (const statement of tree(file).statements) {
    if (!ts.isExportDeclaration(statement)) {
      declared(statement);
      continue;
    }
    const from = statement.moduleSpecifier;
    if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith('.')) continue;
    const there = exportsOf(join(file, '..', from.text));
    const { exportClause } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) found.push(...there);
    else
      for (const { name, propertyName } of exportClause.elements) {
        const one = there.find(([known]) => known === (propertyName ?? name).getText());
        if (one !== undefined) found.push([name.getText(), one[1], one[2]]);
      }
  }
  return found;
}

describe('what the package exports', () => {
  const all = new Map(['src/index.ts', 'src/engine/index.ts'].flatMap(exportsOf).map((one) => [one[0], one]));

  it('is found', () => expect(all.size).toBeGreaterThan(100));

  it('has a docstring', () => {
    expectNone(
      [...all.values()]
        .filter(([, , node]) => ts.getJSDocCommentsAndTags(node).length === 0)
        .map(([name, file]) => `${file} ${name}`),
    );
  });

  it('says of each function what it takes and answers: a sentence where there is one argument, else @param and @returns', () => {
    const bare = [...all.values()].flatMap(([name, file, node]) => {
      const functions = ts.isFunctionDeclaration(node) ? [node] : [];
      return functions.flatMap((one) => {
        const tags = ts.getJSDocTags(one).map(({ tagName }) => tagName.text);
        const given = tags.filter((tag) => tag === 'param').length;
        return one.parameters.length < 2 || given >= one.parameters.length
          ? []
          : [`${file} ${name}: ${given} of ${one.parameters.length}`];
      });
    });
    expectNone(bare);
  });
});

it(`prose is at most ${COLUMNS_MAX} columns wide`, () => {
  const wide: string[] = [];
  for (const page of pages) {
    let isCode = false;
    for (const [i, line] of textOf(page).split('\n').entries()) {
      if (line.startsWith('```')) isCode = !isCode;
      if (!isCode && !/^\||\]\(|^\s*<|`[^`]{60,}`/.test(line) && line.length > COLUMNS_MAX)
        wide.push(`${page}:${i + 1}`);
    }
  }
  for (const file of sources)
    for (const [i, line] of textOf(file).split('\n').entries())
      if (/^\s*(\/\/|\*|\/\*\*) /.test(line) && line.length > COLUMNS_MAX) wide.push(`${file}:${i + 1}`);
  expectNone(wide);
});

import { parse } from 'acorn';
import { constantValue } from './constant-value.mjs';
import { openPrivates } from './open-privates.mjs';

/**
 * A module as a bundler writes it, in a form of which V8 can take more for granted; it does the same.
 *
 * - esbuild makes `var` of what was `const`: what no statement assigns to becomes `const` again.
 * - The value of a constant number is written where it is used. esbuild does so for those that stand before anything else in a file.
 * - V8 reaches a variable that a module exports by way of a cell, in the module itself as well: copies are exported instead. That is
 *   the same where nothing that is exported is assigned to (test/architecture.test.ts sees to it).
 *
 * @param text of an ES module
 * @throws {SyntaxError} when it is none
 */
export function settledModule(text) {
  const tree = parse(text, { ecmaVersion: 'latest', sourceType: 'module' });
  const names = new Names();
  for (const statement of tree.body) names.read(statement, true);
  const values = new Map();
  const edits = tree.body.flatMap((statement) => {
    if (statement.type === 'VariableDeclaration') return constantAgain(statement, names, values);
    return statement.type === 'ExportNamedDeclaration' ? copied(statement) : [];
  });
  edits.push(...openPrivates(tree, childrenOf));
  for (const { name, start, end, as } of names.uses) {
    if (!values.has(name)) continue;
    const value = values.get(name);
    const literal = value < 0 || as === 'owner' ? `(${value})` : `${value}`;
    edits.push({ start, end, by: as === 'shorthand' ? `${name}: ${literal}` : literal });
  }
  edits.sort((a, b) => a.start - b.start);
  let settled = '';
  let at = 0;
  for (const { start, end, by } of edits) {
    settled += text.slice(at, start) + by;
    at = end;
  }
  return settled + text.slice(at);
}

/** What a module does with its names, whichever of a name it means: one too many does no harm. */
class Names {
  /** Those that anything is assigned to, and those that are declared anywhere but at the top. */
  assigned = new Set();
  inner = new Set();
  /** Every place at which a name stands for its value: as a field of that name, before a dot, or otherwise. */
  uses = [];

  read(node, isTop = false) {
    switch (node.type) {
      case 'Identifier':
        this.uses.push({ ...node, as: 'value' });
        return;
      case 'AssignmentExpression':
      case 'ForInStatement':
      case 'ForOfStatement':
        namesIn(node.left, this.assigned);
        break;
      case 'UpdateExpression':
        namesIn(node.argument, this.assigned);
        break;
      case 'VariableDeclaration':
        if (!isTop) for (const { id } of node.declarations) namesIn(id, this.inner);
        break;
      case 'VariableDeclarator':
        if (node.id.type !== 'Identifier') this.read(node.id);
        if (node.init) this.read(node.init);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        for (const param of node.params) namesIn(param, this.inner);
        if (node.id) this.inner.add(node.id.name);
        break;
      case 'ClassDeclaration':
      case 'ClassExpression':
        if (node.id) this.inner.add(node.id.name);
        break;
      case 'CatchClause':
        if (node.param) namesIn(node.param, this.inner);
        break;
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
        if (!node.declaration) return;
        break;
      case 'LabeledStatement':
        this.read(node.body);
        return;
      case 'BreakStatement':
      case 'ContinueStatement':
        return;
      case 'MemberExpression':
        if (node.object.type === 'Identifier') this.uses.push({ ...node.object, as: 'owner' });
        else this.read(node.object);
        if (node.computed) this.read(node.property);
        return;
      case 'Property':
      case 'PropertyDefinition':
      case 'MethodDefinition':
        if (node.shorthand && node.value.type === 'Identifier')
          this.uses.push({ ...node.value, as: 'shorthand' });
        else {
          if (node.computed) this.read(node.key);
          if (node.value) this.read(node.value);
        }
        return;
    }
    for (const child of childrenOf(node)) this.read(child);
  }
}

/** Names within a declaration or the target of an assignment, which may take an object apart. */
function namesIn(target, names) {
  if (target.type === 'Identifier') names.add(target.name);
  else if (target.type === 'AssignmentPattern') namesIn(target.left, names);
  else if (target.type === 'Property') namesIn(target.value, names);
  else if (target.type === 'VariableDeclarator') namesIn(target.id, names);
  else if (target.type !== 'MemberExpression') for (const child of childrenOf(target)) namesIn(child, names);
}

function childrenOf(node) {
  return Object.values(node)
    .flat()
    .filter((child) => typeof child?.type === 'string');
}

/** A declaration at the top of a module; adds each constant number in it to `values`. */
function constantAgain({ kind, start, declarations }, { assigned, inner }, values) {
  const isSettled = declarations.every(({ id, init }) => {
    const declared = new Set();
    namesIn(id, declared);
    return init !== null && ![...declared].some((name) => assigned.has(name));
  });
  if (!isSettled) return [];
  for (const { id, init } of declarations) {
    // Not where another variable has the same name.
    const value = id.type === 'Identifier' && !inner.has(id.name) ? constantValue(init, values) : null;
    if (value !== null) values.set(id.name, value);
  }
  return kind === 'var' ? [{ start, end: start + 'var'.length, by: 'const' }] : [];
}

function copied({ start, end, source, declaration, specifiers }) {
  if (source !== null || declaration !== null || specifiers.length === 0) return [];
  const copies = specifiers.map(({ local }) => `${local.name}$ = ${local.name}`).join(', ');
  const list = specifiers.map(({ local, exported }) => `${local.name}$ as ${exported.name}`).join(', ');
  return [{ start, end, by: `const ${copies};\nexport { ${list} };` }];
}

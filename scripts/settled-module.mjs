import { parse } from 'acorn';

/**
 * A module as a bundler writes it, in a form of which V8 can take more for granted; it does the same.
 *
 * - esbuild makes `var` of what was `const`: what no statement assigns to becomes `const` again, and its value known to the compiler.
 * - V8 reaches a variable that a module exports by way of a cell, in the module itself as well: copies are exported instead. That is
 *   the same where nothing that is exported is assigned to (test/architecture.test.ts sees to it).
 *
 * @param text of an ES module
 * @throws {SyntaxError} when it is none
 */
export function settledModule(text) {
  const tree = parse(text, { ecmaVersion: 'latest', sourceType: 'module' });
  const assigned = new Set();
  findAssigned(tree, assigned);
  const edits = tree.body.flatMap((statement) => {
    if (statement.type === 'VariableDeclaration') return constantAgain(statement, assigned);
    return statement.type === 'ExportNamedDeclaration' ? copied(statement) : [];
  });
  let settled = text;
  for (const { start, end, by } of edits.reverse())
    settled = settled.slice(0, start) + by + settled.slice(end);
  return settled;
}

/** The name of every variable that anything is assigned to, wherever, whichever of that name: one too many does no harm. */
function findAssigned(node, assigned) {
  if (node.type === 'AssignmentExpression') findNames(node.left, assigned);
  else if (node.type === 'UpdateExpression') findNames(node.argument, assigned);
  else if (node.type === 'ForInStatement' || node.type === 'ForOfStatement') findNames(node.left, assigned);
  for (const child of childrenOf(node)) findAssigned(child, assigned);
}

/** Names within a target of an assignment, which may take an object apart. */
function findNames(target, names) {
  if (target.type === 'Identifier') names.add(target.name);
  else if (target.type !== 'MemberExpression')
    for (const child of childrenOf(target)) findNames(child, names);
}

function childrenOf(node) {
  return Object.values(node)
    .flat()
    .filter((child) => typeof child?.type === 'string');
}

function constantAgain({ kind, start, declarations }, assigned) {
  const settled = declarations.every(({ id, init }) => {
    const names = new Set();
    findNames(id, names);
    return init !== null && ![...names].some((name) => assigned.has(name));
  });
  return kind === 'var' && settled ? [{ start, end: start + 'var'.length, by: 'const' }] : [];
}

function copied({ start, end, source, declaration, specifiers }) {
  if (source !== null || declaration !== null || specifiers.length === 0) return [];
  const copies = specifiers.map(({ local }) => `${local.name}$ = ${local.name}`).join(', ');
  const list = specifiers.map(({ local, exported }) => `${local.name}$ as ${exported.name}`).join(', ');
  return [{ start, end, by: `const ${copies};\nexport { ${list} };` }];
}
